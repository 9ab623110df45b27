"""The pass of the teams collector: one call for everybody, then a snapshot for each account."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from gameplatform.collection.call import reference
from gameplatform.collection.collectors import found_team
from gameplatform.collection.options import CollectionOptions
from gameplatform.collection.store import store
from gameplatform.context import Job
from gameplatform.models import Account, Snapshot
from gameplatform.providers.interface import Provider
from gameplatform.tally import Tally


class OfTeams:
    """Fulfils `Pass`. Its call is nobody's own: an error of it ends the attempt.

    Args:
        job: whose snapshots they become.
        options: whether anything is written.
        provider: the platform.
    """

    label = "Collecting teams"

    def __init__(self, job: Job, options: CollectionOptions, provider: Provider) -> None:
        self._job_id = job.id
        self._options = options
        self._provider = provider

    def work(self, accounts: Sequence[Account], tally: Tally) -> None:
        """One batch; the first one makes the call."""
        sent = self._provider.requests_sent
        harvest = {
            (account.pk, Snapshot.Collector.TEAMS): found_team(self._assignments, reference(account))
            for account in accounts
        }
        tally.requests += self._provider.requests_sent - sent
        tally.rows += len(harvest) if self._options.dry_run else store(harvest, job_id=self._job_id)
        tally.items += sum(found.items for found in harvest.values())

    @cached_property
    def _assignments(self) -> Mapping[str, str | None]:
        return self._provider.team_assignments()
