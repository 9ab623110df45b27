"""A dry run of one batch: the very statements of a real one, rolled back after reading what they did."""

from collections.abc import Sequence

from django.db import transaction

from gameplatform.sync.batch import BatchOutcome, write_batch
from gameplatform.sync.fetch import Fetched
from gameplatform.totals.change import AccountChange, changes_between, totals_of
from gameplatform.totals.recompute import recompute


def preview_batch(batch: Sequence[Fetched]) -> tuple[BatchOutcome, list[AccountChange]]:
    """What `write_batch` would come to, and what totals the accounts would have then; nothing is kept."""
    with transaction.atomic():
        outcome = write_batch(batch)
        before = totals_of(outcome.outdated)
        recompute(outcome.outdated, job_id=None)
        after = totals_of(outcome.outdated)
        transaction.set_rollback(True)
    return outcome, changes_between(before, after, outcome.solves_added)
