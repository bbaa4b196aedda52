"""The app's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    """Names the app in the admin."""

    name = "articles"
    verbose_name = _("Newsroom")
