"""Fixtures for every test: a real PostgreSQL, the embedded one unless DATABASE_URL names another."""

import pytest

from coachdash import postgres


@pytest.fixture(scope="session", autouse=True)
def _database_server() -> None:
    if postgres.wanted():
        postgres.ensure_running(fast=True)
