"""The queue's Django app: finds every installed app's handlers at start."""

from typing import Any

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class JobqueueConfig(AppConfig):
    """Jobs, schedules, workers and pauses."""

    name = "jobqueue"
    verbose_name = "Job queue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import `<app>/jobs.py` of every installed app, which registers its handlers; tasks are looked up by name."""
        from jobqueue import checks  # noqa: F401  registers the system checks
        from jobqueue.backend import resolve
        from jobqueue.registry import registry

        registry.add_resolver(resolve)
        autodiscover_modules("jobs")
        post_migrate.connect(_tell_database, sender=self)


def _tell_database(using: str, **given: Any) -> None:
    from jobqueue import known_types

    # Migrated backwards, or to another database, there is nobody to tell.
    state = given.get("apps", apps)
    if using == DEFAULT_DB_ALIAS and "knowntasktype" in state.all_models["jobqueue"]:
        known_types.sync()
        known_types.forget_others()
