"""The coach dashboard's Django app."""

from django.apps import AppConfig
from django.conf import settings


class CoachdashConfig(AppConfig):
    """People, their pages, and the composition root."""

    name = "coachdash"
    verbose_name = "Coach dashboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Record lockouts, and have errors sent to Sentry if somebody wants them there."""
        from coachdash import lockout

        lockout.connect()
        if settings.SENTRY_DSN:
            from coachdash import sentry

            sentry.start(settings.SENTRY_DSN)
