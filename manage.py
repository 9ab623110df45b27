#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run one management command, on the embedded PostgreSQL unless DATABASE_URL names another."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachdash.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from coachdash import environment, postgres

    environment.read(Path(__file__).resolve().parent / ".env")
    if postgres.wanted():
        try:
            postgres.ensure_running()
        except postgres.PostgresError as error:
            sys.exit(f"{error}")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")  # a sentence that says what was expected


if __name__ == "__main__":
    main()
