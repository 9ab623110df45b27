"""How Django reaches the embedded PostgreSQL, and whether it is wanted. Starts nothing."""

import os
from pathlib import Path
from typing import Any

from coachdash.postgres.paths import PORT, ClusterPaths

DATABASE = "coachdash"
ROLE = "coachdash"


def wanted() -> bool:
    """Whether no DATABASE_URL names another server; a `.env` has to be in the environment by then."""
    return not os.environ.get("DATABASE_URL")


def django_settings(directory: Path | None = None) -> dict[str, Any]:
    """The DATABASES entry of the cluster in `directory` (None: the default one), running or not."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": ROLE,
        "PASSWORD": "",
        "HOST": str(ClusterPaths.of(directory).sockets),
        "PORT": str(PORT),
    }
