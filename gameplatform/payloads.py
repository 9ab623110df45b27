"""The payloads of the scheduled jobs, and which of them are duplicates."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from gameplatform.collection.collectors import Limits
from gameplatform.collection.options import CollectionOptions
from gameplatform.conf import conf
from gameplatform.models import Snapshot
from gameplatform.scope import Scope
from gameplatform.scoring.by_account import ScoringOptions
from jobqueue.registry import Payload

_COLLECTORS: Sequence[str] = Snapshot.Collector.values

type Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
type Limit = Annotated[int, Meta(ge=1, le=100_000)]
# An enum's own error would not name the choices.
type CollectorName = Annotated[str, Meta(extra_json_schema={"enum": list(_COLLECTORS)})]


class ScopedPayload(Payload, frozen=True):
    """Whose accounts: everybody's, those of one organization's coaches, or one coach's."""

    task_type: ClassVar[str]

    organization_id: Id | None = None
    coach_id: Id | None = None

    @property
    def scope(self) -> Scope:
        """The same in one piece."""
        return Scope(organization_id=self.organization_id, coach_id=self.coach_id)


class CollectionPayload(ScopedPayload, frozen=True):
    """`parallel` false makes one call after another; the limits bound what snapshots list, never what they count."""

    task_type = "data_collection"

    collectors: Annotated[tuple[CollectorName, ...], Meta(min_length=1)] = tuple(_COLLECTORS)
    parallel: bool = True
    solve_limit: Limit | None = None
    event_limit: Limit | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        for name in self.collectors:
            if name not in _COLLECTORS:
                raise ValueError(f"{name!r} is no collector: expected some of {', '.join(_COLLECTORS)}")

    @property
    def collection(self) -> CollectionOptions:
        """What is to be collected; the order and repetition of names mean nothing."""
        usual = conf().SNAPSHOT_LATEST
        return CollectionOptions(
            collectors=frozenset(map(Snapshot.Collector, self.collectors)),
            limits=Limits(solves=self.solve_limit or usual, events=self.event_limit or usual),
            parallel=self.parallel,
            dry_run=self.dry_run,
        )


class ScoringPayload(ScopedPayload, frozen=True):
    """What is not scored yet always is; `since` scores all days from that one on again, `rescore` every day."""

    task_type = "scoring"

    since: date | None = None
    rescore: bool = False
    dry_run: bool = False

    @property
    def scoring(self) -> ScoringOptions:
        """What is to be scored."""
        return ScoringOptions(since=self.since, rescore=self.rescore, dry_run=self.dry_run)


class CollectionAndScoringPayload(CollectionPayload, frozen=True):
    """Both. A dry run scores what is stored already, as its own snapshots are not."""

    task_type = "data_collection_and_scoring"

    since: date | None = None
    rescore: bool = False

    @property
    def scoring(self) -> ScoringOptions:
        """What is to be scored."""
        return ScoringOptions(since=self.since, rescore=self.rescore, dry_run=self.dry_run)


def order_of(payload: ScopedPayload) -> str:
    """What the job comes to, as text: the same for payloads that differ only in how they say it."""
    order = msgspec.to_builtins(payload)
    if isinstance(payload, CollectionPayload):
        order["collectors"] = "+".join(name for name in _COLLECTORS if name in payload.collectors)
        del order["parallel"]
    return ":".join([payload.task_type, *(f"{name}={value}" for name, value in order.items())])
