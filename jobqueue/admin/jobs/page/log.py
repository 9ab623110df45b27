"""The log of a job: its end, what came since, the lines of one attempt; by level if wanted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from jobqueue.admin.jobs.page.attempts import Tail
from jobqueue.display.visible import visible
from jobqueue.models import LogLine
from jobqueue.redaction import known_secrets, redact_text

MOST_LINES = 300
MOST_CHARACTERS = 60_000
"""Of all lines together: what a page may weigh."""
LONGEST_LINE = 1_000
_MOST_READ = 10_000
"""So many lines, the newest, are looked through for those of a level."""
_MORE_THAN_SHOWN = 200
"""The end of what was read may be the beginning of a secret."""
LEVELS = {"WARNING": ("WARNING", "ERROR", "CRITICAL"), "ERROR": ("ERROR", "CRITICAL")}
"""From which level on, and which levels those are."""


@dataclass(frozen=True, order=True)
class Place:
    """Where a line stands in the log of its job."""

    claim: int = 0
    number: int = -1

    @classmethod
    def read(cls, text: str) -> Self:
        """The place that `str` wrote; the beginning for anything else."""
        claim, _, number = text.partition("-")
        if not all(part.isascii() and part.isdigit() for part in (claim, number)):
            return cls()
        return cls(min(int(claim[:18]), 2**62), min(int(number[:9]), 2**31 - 1))

    def __str__(self) -> str:
        return f"{self.claim}-{self.number}" if self.number >= 0 else ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line as it is shown: masked, visible and not endless."""

    place: Place
    time: datetime
    level: str
    text: str
    is_first: bool
    """Of its attempt."""

    @property
    def css(self) -> str:
        """Its level, as the style sheet knows it."""
        return self.level.lower() if self.level.isalpha() else "other"


_COLUMNS = f"job_id, claim, number, time, level, left(text, {LONGEST_LINE + _MORE_THAN_SHOWN + 1}) AS text"
_END = f"""
SELECT {_COLUMNS} FROM jobqueue_logline
WHERE job_id = %(job)s ORDER BY claim DESC, number DESC LIMIT %(most)s
"""  # noqa: S608  constants only
_END_OF_LEVEL = f"""
SELECT * FROM (
    SELECT {_COLUMNS} FROM jobqueue_logline
    WHERE job_id = %(job)s ORDER BY claim DESC, number DESC LIMIT {_MOST_READ}
) AS newest
WHERE level = ANY (%(levels)s) ORDER BY claim DESC, number DESC LIMIT %(most)s
"""  # noqa: S608  constants only
_SINCE = f"""
SELECT {_COLUMNS} FROM jobqueue_logline
WHERE job_id = %(job)s AND (claim, number) > (%(claim)s, %(number)s) ORDER BY claim, number LIMIT %(most)s
"""  # noqa: S608  constants only
_OF_ATTEMPT = f"""
SELECT {_COLUMNS} FROM jobqueue_logline
WHERE job_id = %(job)s AND claim = %(claim)s ORDER BY number DESC LIMIT %(most)s
"""  # noqa: S608  constants only


def end_of_log(job: UUID, level: str = "") -> Tail[Line]:
    """The newest lines, from that level on."""
    params = {"job": job, "most": MOST_LINES + 1, "levels": list(LEVELS.get(level, ()))}
    return _tail(LogLine.objects.raw(_END_OF_LEVEL if level in LEVELS else _END, params))


def lines_since(job: UUID, place: Place, level: str = "") -> tuple[list[Line], Place, bool]:
    """What came after that place, oldest first, from that level on; up to which place that is; and whether more is."""
    params = {"job": job, "claim": place.claim, "number": place.number, "most": MOST_LINES}
    lines = _lines(LogLine.objects.raw(_SINCE, params))
    wanted = [line for line in lines if level not in LEVELS or line.level in LEVELS[level]]
    return wanted, lines[-1].place if lines else place, len(lines) == MOST_LINES


def lines_of(job: UUID, claim: int) -> Tail[Line]:
    """The newest lines of one attempt."""
    params = {"job": job, "claim": claim, "most": MOST_LINES + 1}
    return _tail(LogLine.objects.raw(_OF_ATTEMPT, params))


def _tail(newest_first: Iterable[LogLine]) -> Tail[Line]:
    lines, characters = _lines(newest_first), 0
    for most, line in enumerate(lines[:MOST_LINES]):
        characters += len(line.text)
        if characters > MOST_CHARACTERS:
            return Tail.of(lines, max(1, most))
    return Tail.of(lines, MOST_LINES)


def _lines(rows: Iterable[LogLine]) -> list[Line]:
    secrets = known_secrets()
    return [
        Line(
            place=Place(row.claim, row.number),
            time=row.time,
            level=row.level,
            text=_shown(redact_text(row.text, secrets)),
            is_first=row.number <= 1,
        )
        for row in rows
    ]


def _shown(text: str) -> str:
    return visible(text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} … the rest is in the whole log")
