"""Check that nobody rewrote the audit log."""

import json
from typing import Any

from django.core.management.base import CommandParser

from jobqueue.audit import Head, Verdict, verify
from jobqueue.management.command import FAILED, JobQueueCommand, checked, end

_HOW = """
Each entry holds the hash of the one before, so a changed, missing or inserted entry is found. Entries that were cut
off at the end, or a log that was rewritten as a whole, can only be found by what somebody remembers elsewhere:

    # once; keep the file where no administrator of the database can write
    manage.py verify_audit_log | tail -1 > audit-head

    # every night: check against the head of last night, then remember the one of tonight
    manage.py verify_audit_log --expect "$(cat audit-head)" --json > verdict.json &&
        python3 -c 'import json; print(json.load(open("verdict.json"))["head"])' > audit-head

Exit status: 0 intact, 1 broken, 2 wrong usage.
"""


class Command(JobQueueCommand):
    help = f"Check that nobody changed, removed or inserted an entry of the audit log.\n{_HOW}"
    examples = ("", "--json")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            type=checked(Head.parse),
            metavar="NUMBER:HASH",
            help="a head printed earlier, which must still be there",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify(expected=options["expect"])
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(verdict)))
        else:
            self._tell(verdict)
        if not verdict.is_intact:
            end(FAILED)

    def _tell(self, verdict: Verdict) -> None:
        if verdict.first_problem is None:
            self.stdout.write(f"Intact: {verdict.entries:,} entries. Head to remember:\n{verdict.head}")
            return
        self.stderr.write(f"Broken: {verdict.first_problem.sentence}")
        self.stderr.write(f"The entries before are as they were written: {verdict.entries:,} of them.")


def _as_json(verdict: Verdict) -> dict[str, Any]:
    problem = verdict.first_problem
    return {
        "intact": verdict.is_intact,
        "entries": verdict.entries,
        "head": str(verdict.head),
        "problem": {"number": problem.number, "message": problem.sentence} if problem else None,
    }
