"""The queue's Django app: finds every installed app's handlers at start."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobqueueConfig(AppConfig):
    """Jobs, schedules, workers and pauses."""

    name = "jobqueue"
    verbose_name = "Job queue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import `<app>/jobs.py` of every installed app, which registers its handlers."""
        from jobqueue import checks  # noqa: F401  registers the system checks

        autodiscover_modules("jobs")
