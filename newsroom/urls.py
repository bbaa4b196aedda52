"""Addresses of the whole site."""

from django.contrib import admin
from django.urls import include, path

from articles.admin import signing_in, status

urlpatterns = [
    path("admin/", include((signing_in.addresses, signing_in.app_name))),
    path("admin/status/", include((status.addresses, status.app_name))),
    path("admin/", admin.site.urls),
    path("", include("articles.urls")),
]
