"""Django's admin, under our site."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Makes `admin.site` ours."""

    default_site = "newsroom.site.NewsroomSite"
