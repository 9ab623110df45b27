"""The game platform's Django app."""

from django.apps import AppConfig


class GameplatformConfig(AppConfig):
    """The mirror of a game platform's accounts, solves and scores."""

    name = "gameplatform"
    verbose_name = "Game platform"
    default_auto_field = "django.db.models.BigAutoField"
