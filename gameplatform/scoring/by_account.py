"""The pass that scores accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from gameplatform.models import Account
from gameplatform.scoring.score import score
from gameplatform.tally import Tally


@dataclass(frozen=True, kw_only=True)
class ScoringOptions:
    """Unscored snapshots are always scored; beside them every day from `since` on, or with `rescore` all days."""

    since: date | None = None
    rescore: bool = False
    dry_run: bool = False

    @property
    def again_since(self) -> str:
        """The time since which everything is scored again, as PostgreSQL reads it."""
        if self.rescore:
            return "-infinity"
        return f"{self.since.isoformat()} 00:00:00Z" if self.since else "infinity"


class Score:
    """Fulfils `Pass`."""

    label = "Scoring"

    def __init__(self, options: ScoringOptions) -> None:
        self._options = options

    def work(self, accounts: Sequence[Account], tally: Tally) -> None:
        """One batch in one statement, which a dry run takes back."""
        with transaction.atomic():
            scored = score([account.pk for account in accounts], since=self._options.again_since)
            transaction.set_rollback(self._options.dry_run)
        tally.scored += scored.accounts
        tally.rows += scored.points
