"""The coach dashboard's Django app."""

from django.apps import AppConfig


class CoachdashConfig(AppConfig):
    """People, their pages, and the composition root."""

    name = "coachdash"
    verbose_name = "Coach dashboard"
    default_auto_field = "django.db.models.BigAutoField"
