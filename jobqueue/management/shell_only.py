"""Which variables only the shell has: what cron starts will lack them, or find others in the project's `.env`."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ASSIGNMENT = re.compile(r"^[# \t]*(?:export\s+)?([A-Z][A-Z0-9_]*)[ \t]*=[ \t]*(.*)$", re.MULTILINE)
# Whatever the project, these decide which code runs on which database.
_USUAL = (
    "DATABASE_URL", "SECRET_KEY", "PYTHONPATH", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE",
    "PGPASSFILE", "PGSSLMODE",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ShellOnly:
    """The names of the variables of this process that what cron starts will not have as they are."""

    missing: list[str]
    different: list[str]
    """In the `.env`, but with another value, which the shell's overrides."""

    @classmethod
    def beside(cls, manage: Path) -> Self:
        """Judged by the `.env` beside `manage.py`, and by the `.env.example` that tells what the settings read."""
        given = dict(_read(manage.with_name(".env"), is_example=False))
        names = {*_USUAL, *given, *(name for name, _ in _read(manage.with_name(".env.example"), is_example=True))}
        mine = sorted(name for name in names if os.environ.get(name))
        return cls(
            missing=[name for name in mine if name not in given],
            different=[name for name in mine if name in given and not _says(given[name], os.environ[name])],
        )


def _read(path: Path, *, is_example: bool) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    found = _ASSIGNMENT.finditer(path.read_text(errors="replace"))
    return [(match[1], match[2].strip()) for match in found if is_example or "#" not in match[0].partition("=")[0]]


def _says(text: str, value: str) -> bool:
    # Libraries differ in comments and escapes: in doubt nobody is warned.
    without_comment = re.sub(r"\s+#.*$", "", text)
    return "\\" in text or value in {one.strip(quote) for one in (text, without_comment) for quote in ("", "'", '"')}
