"""What the database is told of the registry, and when."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import post_migrate
from django.test import override_settings

from jobqueue import known_types
from jobqueue.apps import _tell_database
from jobqueue.models import Job, KnownTaskType
from jobqueue.registry import Concurrency, Priority, job_handler, registry

from .doors import call

pytestmark = pytest.mark.django_db


@pytest.fixture
def _letters() -> Iterator[None]:
    job_handler(
        "letters",
        label="Letters",
        queue="mail",
        priority=Priority.HIGH,
        max_attempts=2,
        timeout=timedelta(seconds=7),
        concurrency=Concurrency(by=(), limit=2),
        retention={"failed": timedelta(days=1)},
    )(lambda job: None)
    yield
    registry.remove("letters")


@pytest.mark.usefixtures("_letters")
def test_a_type_is_told_with_what_sql_must_know() -> None:
    known_types.sync()

    known = KnownTaskType.objects.get(name="letters")
    assert (known.label, known.queue, known.priority, known.max_attempts) == ("Letters", "mail", Priority.HIGH, 2)
    assert (known.timeout, known.has_unique_rule, known.has_concurrency_rule) == (timedelta(seconds=7), False, True)
    assert known.is_dropped is False
    assert (known.retention["failed"], known.retention["dead"]) == (86_400, 2_592_000)


def test_what_is_told_again_replaces_what_was_told() -> None:
    known_types.sync()
    KnownTaskType.objects.update(queue="other", max_attempts=1)

    known_types.sync()

    assert not KnownTaskType.objects.filter(queue="other").exists()
    assert KnownTaskType.objects.count() == len(registry.names())


@override_settings(JOB_QUEUE={"TASK_TYPES": {"noop": {"max_attempts": 9, "queue": "slow"}}})
def test_the_settings_of_a_type_are_those_in_force() -> None:
    known_types.sync()

    call("job_queue_enqueue('noop')")

    job = Job.objects.get()
    assert (job.max_attempts, job.queue) == (9, "slow")


@pytest.mark.usefixtures("_letters")
def test_a_worker_of_another_version_keeps_what_it_does_not_know() -> None:
    known_types.sync()
    registry.remove("letters")

    known_types.sync()

    assert KnownTaskType.objects.filter(name="letters").exists()


def test_a_migration_tells_everything_and_forgets_what_is_gone() -> None:
    KnownTaskType.objects.all().delete()
    KnownTaskType.objects.create(
        name="gone", label="Gone", queue="default", priority=0, max_attempts=1, timeout=timedelta(seconds=1),
        has_unique_rule=False, has_concurrency_rule=False, is_dropped=False, retention={},
    )  # fmt: skip

    config = apps.get_app_config("jobqueue")
    post_migrate.send(config, app_config=config, verbosity=0, interactive=False, using="default")

    assert list(KnownTaskType.objects.values_list("name", flat=True)) == registry.names()


def test_a_migration_backwards_or_of_another_database_tells_nobody() -> None:
    KnownTaskType.objects.all().delete()
    before = MigrationLoader(None).project_state(("jobqueue", "0009_bulk")).apps

    _tell_database(using="default", apps=before)
    _tell_database(using="replica")

    assert not KnownTaskType.objects.exists()
