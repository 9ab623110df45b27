"""The demo's database: running, migrated, and nobody else's."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection

from coachdash import postgres
from coachdash.demo.exceptions import DemoError
from coachdash.demo.logins import Login


def prepare_database() -> str:
    """Start the embedded PostgreSQL unless DATABASE_URL names another server, migrate, and say which it is.

    Raises:
        DemoError: it cannot be started or reached.
    """
    try:
        if postgres.wanted():
            postgres.ensure_running()
        connection.ensure_connection()
    except (postgres.PostgresError, OperationalError) as error:
        raise DemoError(f"No database: {error}") from error
    call_command("migrate", verbosity=0)
    if postgres.wanted():
        return f"embedded PostgreSQL in {shown(postgres.status().directory)}"
    return f"{connection.settings_dict['NAME']} (DATABASE_URL)"


def check_own(logins: list[Login]) -> None:
    """Refuse a database in which others work: the demo would make log-ins there.

    Raises:
        DemoError: it has users, and none of them is the demo's.
    """
    users = User.objects.all()
    if users.exists() and not users.filter(password__in=[login.encoded for login in logins]).exists():
        raise DemoError(
            "This database has users that are not the demo's, so it is left alone. "
            "Unset DATABASE_URL, or let it name an empty database."
        )


def shown(path: Path) -> str:
    """A path as people read it: from the project's folder on, where it lies in there."""
    base: Path = settings.BASE_DIR
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)
