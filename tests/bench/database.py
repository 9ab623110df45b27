"""A database for one run of the benchmarks, and bare SQL on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection


def _connect(name: str) -> psycopg.Connection:
    config = settings.DATABASES["default"]
    return psycopg.connect(
        dbname=name,
        user=config.get("USER") or None,
        password=config.get("PASSWORD") or None,
        host=config.get("HOST") or None,
        port=config.get("PORT") or None,
        autocommit=True,
        cursor_factory=psycopg.ClientCursor,
    )


def bare() -> psycopg.Connection:
    """A plain connection to the benchmarks' database."""
    return _connect(settings.DATABASES["default"]["NAME"])


@contextmanager
def fresh() -> Iterator[None]:
    """Create the database, migrate it, and drop it in the end."""
    name = settings.DATABASES["default"]["NAME"]
    with _connect("postgres") as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        with _connect("postgres") as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def empty() -> None:
    """Forget all jobs and workers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE jobqueue_job, jobqueue_attempt, jobqueue_logline, jobqueue_worker, jobqueue_occurrence"
        )


def settle() -> None:
    """What autovacuum would do in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE jobqueue_job")


def describe() -> str:
    """One line about the server and the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute("SHOW fsync")
        fsync = cursor.fetchone()[0]
    return f"PostgreSQL {version}, fsync {fsync}, {os.cpu_count()} cores\n"
