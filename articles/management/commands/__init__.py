"""Thin doors to the services."""
