"""Fixtures for every test: a real PostgreSQL, the embedded one unless DATABASE_URL names another."""

import os
from pathlib import Path

# Before Django reads the settings: workers started by tests inherit it and so find the same cluster.
os.environ.setdefault("EMBEDDED_POSTGRES_DIRECTORY", str(Path(__file__).parent.parent / "var" / "postgres-test"))

import pytest

from coachdash import postgres


@pytest.fixture(scope="session", autouse=True)
def _database_server() -> None:
    if postgres.wanted():
        postgres.ensure_running(fast=True)
