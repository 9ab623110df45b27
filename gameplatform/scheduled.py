"""Collecting and scoring for one scope, alone or one after the other in one walk."""

from collections.abc import Sequence
from contextlib import ExitStack

from gameplatform.collection.collect import collection_passes
from gameplatform.collection.options import CollectionOptions
from gameplatform.conf import conf
from gameplatform.context import Job
from gameplatform.providers import provider
from gameplatform.scope import Scope, accounts_in
from gameplatform.scoring.by_account import Score, ScoringOptions
from gameplatform.sync.pool import FetchPool
from gameplatform.tally import ScheduledResult
from gameplatform.walk import Pass, walk


def collect_and_score(
    job: Job,
    scope: Scope,
    *,
    collection: CollectionOptions | None = None,
    scoring: ScoringOptions | None = None,
    order: str,
) -> ScheduledResult:
    """Collect if asked to, then score if asked to.

    Args:
        job: the job it runs in; another attempt goes on where this one stops.
        scope: whose accounts.
        collection: what is to be collected, None for nothing.
        scoring: what is to be scored, None for nothing.
        order: all of this as text; see `walk`.

    Raises:
        UnknownScope: there are no such accounts to speak of.
        GamePlatformError: the platform as a whole cannot be used. What was stored stays.
    """
    accounts = accounts_in(scope)
    passes: list[Pass] = []
    dry_run = bool((collection and collection.dry_run) or (scoring and scoring.dry_run))
    with ExitStack() as stack:
        if collection is not None:
            passes += _collecting(job, collection, stack)
        if scoring is not None:
            passes.append(Score(scoring))
        result = walk(job, accounts, passes, order=order, dry_run=dry_run)
    if not result.accounts:
        job.log.info("There are no competitors' accounts of %s: nothing to do.", scope)
    return result


def _collecting(job: Job, options: CollectionOptions, stack: ExitStack) -> Sequence[Pass]:
    platform = provider()
    pool = stack.enter_context(FetchPool(platform, conf(), parallel=options.parallel))
    return collection_passes(job, options, platform, pool)
