"""What a collection is asked to do."""

from collections.abc import Collection
from dataclasses import dataclass

from gameplatform.collection.collectors import Limits
from gameplatform.models import Snapshot


@dataclass(frozen=True, kw_only=True)
class CollectionOptions:
    """`parallel` False makes one call after another; a dry run calls the platform and stores nothing."""

    collectors: Collection[Snapshot.Collector]
    limits: Limits
    parallel: bool = True
    dry_run: bool = False
