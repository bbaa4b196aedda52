"""Addresses of the public site (names are used by models and templates)."""

urlpatterns: list = []
