"""The passes of a collection: what is asked of each account, then what one call tells of all, then tidying up."""

from collections.abc import Sequence

from gameplatform.collection.by_account import ByAccount
from gameplatform.collection.collectors import BY_ACCOUNT
from gameplatform.collection.expire import Expire
from gameplatform.collection.of_teams import OfTeams
from gameplatform.collection.options import CollectionOptions
from gameplatform.context import Job
from gameplatform.models import Snapshot
from gameplatform.providers.interface import Provider
from gameplatform.sync.pool import FetchPool
from gameplatform.walk import Pass


def collection_passes(job: Job, options: CollectionOptions, provider: Provider, pool: FetchPool) -> Sequence[Pass]:
    """What a walk through the accounts does to collect.

    Teams come second, so that a platform which does not tell them keeps nobody from their solves.
    """
    passes: list[Pass] = []
    if any(collector in BY_ACCOUNT for collector in options.collectors):
        passes.append(ByAccount(job, options, provider, pool))
    if Snapshot.Collector.TEAMS in options.collectors:
        passes.append(OfTeams(job, options, provider))
    if not options.dry_run:
        passes.append(Expire(job))
    return passes
