"""Verifying the log: every hash computed again, every link followed, in batches over any number of entries."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from django.db import connection

_BATCH = 10_000
_BEFORE_ALL = -(2**63)
_FIRST_LINK = "0" * 64

# The text that is hashed stands here once more, beside the trigger's: whoever replaced the trigger's function to fit
# changed entries would be found.
_CHECK = """
WITH part AS (
    SELECT entry.number, entry.previous_hash, entry.hash, encode(sha256(convert_to(jsonb_build_array(
        entry.number, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.actor_id,
        entry.actor, entry.channel, entry.address, entry.action, entry.object_type, entry.object_id,
        entry.object_label, entry.before::text, entry.after::text, entry.reason, entry.is_refused,
        entry.previous_hash)::text, 'UTF8')), 'hex') AS computed
    FROM jobqueue_auditentry AS entry WHERE entry.number > %(after)s ORDER BY entry.number LIMIT %(limit)s
), linked AS (
    SELECT part.*, lag(part.number, 1, %(number)s::bigint) OVER in_order AS number_before,
           lag(part.hash, 1, %(hash)s::varchar) OVER in_order AS hash_before
    FROM part WINDOW in_order AS (ORDER BY part.number)
), judged AS (
    SELECT linked.*, CASE WHEN number <> number_before + 1 THEN 'missing'
                          WHEN hash <> computed THEN 'changed'
                          WHEN previous_hash <> hash_before THEN 'unlinked' END AS problem
    FROM linked
), reached AS (
    SELECT count(*) AS entries, coalesce(min(number) FILTER (WHERE problem IS NOT NULL), max(number)) AS number
    FROM judged
)
SELECT reached.entries, judged.number, judged.hash, judged.problem, judged.number_before, judged.hash_before
FROM reached JOIN judged USING (number)
"""


class Head(NamedTuple):
    """An entry to remember: whoever has it can later prove that nothing up to it was rewritten or cut off."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The head that `str` wrote.

        Raises:
            ValueError: no number and hash with a colon between them.
        """
        number, _, digest = text.strip().partition(":")
        if not (number.isascii() and number.isdigit() and len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
            raise ValueError(f"{text!r} is no head: expected NUMBER:HASH, as verify_audit_log prints it.")
        return cls(int(number), digest)


class Problem(NamedTuple):
    """The first thing that is wrong."""

    number: int
    """The entry that is missing, changed, or does not follow the one before."""
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a verification found."""

    entries: int
    """How many entries are as they were written, from the first one on."""
    head: Head
    """The last of them."""
    first_problem: Problem | None = None

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.first_problem is None

    @property
    def head_number(self) -> int:
        """The number of the last good entry; 0 for none."""
        return self.head.number

    @property
    def head_hash(self) -> str:
        """The hash of the last good entry."""
        return self.head.hash


def verify(*, expected: Head | None = None, most: int | None = None) -> Verdict:
    """Read the log from its first entry on, up to the first problem.

    Entries that were cut off at the end leave no trace in the log itself: only a head from an earlier verification
    shows that they are gone.

    Args:
        expected: a head that was printed or kept earlier.
        most: stop after so many entries; `expected` is then looked for among these.
    """
    entries, head = 0, Head(0, _FIRST_LINK)
    while most is None or entries < most:
        limit = _BATCH if most is None else min(_BATCH, most - entries)
        if expected is not None and head.number < expected.number:
            limit = min(limit, expected.number - head.number)  # so that a batch ends there
        found, head, problem = _check(head, limit)
        entries += found
        if problem is not None:
            return Verdict(entries=entries, head=head, first_problem=problem)
        if expected is not None and head.number == expected.number and head != expected:
            return Verdict(entries=entries, head=head, first_problem=_other_than(expected))
        if found < limit:
            break
    problem = _cut_off(head, expected) if expected is not None and most is None else None
    return Verdict(entries=entries, head=head, first_problem=problem)


def _check(head: Head, limit: int) -> tuple[int, Head, Problem | None]:
    """How many entries after this head are good, the last of them, and what is wrong with the next one."""
    after = head.number or _BEFORE_ALL
    with connection.cursor() as cursor:
        cursor.execute(_CHECK, {"after": after, "limit": limit, "number": head.number, "hash": head.hash})
        row = cursor.fetchone()
    if row is None:
        return 0, head, None
    entries, number, digest, kind, number_before, hash_before = row
    if kind is None:
        return entries, Head(number, digest), None
    good = Head(number_before, hash_before)
    return good.number - head.number, good, _problem(kind, number, number_before)


def _problem(kind: str, number: int, before: int) -> Problem:
    if kind == "changed":
        return Problem(number, f"Entry {number} was changed after it was written.")
    if kind == "unlinked":
        return Problem(number, f"Entry {number} does not follow entry {before}: one of the two was replaced.")
    if number <= before:
        return Problem(number, f"Entry {number} was inserted: the log begins with entry 1.")
    missing = f"Entry {before + 1} is" if number == before + 2 else f"Entries {before + 1} to {number - 1} are"
    follows = f"{number} follows {before}" if before else f"the log begins with {number}"
    return Problem(before + 1, f"{missing} missing: {follows}.")


def _other_than(expected: Head) -> Problem:
    return Problem(expected.number, f"Entry {expected.number} has another hash than the remembered {expected.hash}.")


def _cut_off(head: Head, expected: Head) -> Problem | None:
    if head.number >= expected.number:
        return None
    gone = f"entry {expected.number}, which is remembered"
    return Problem(head.number + 1, f"The log ends with entry {head.number}: everything up to {gone}, was cut off.")
