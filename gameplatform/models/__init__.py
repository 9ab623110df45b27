"""The tables of the mirror, one noun per file."""

from gameplatform.models.account import Account
from gameplatform.models.account_stats import AccountStats
from gameplatform.models.event_result import EventResult
from gameplatform.models.flash_event import FlashEvent
from gameplatform.models.score_point import ScorePoint
from gameplatform.models.snapshot import Snapshot
from gameplatform.models.solve import Solve
from gameplatform.models.sync_run import SyncRun
from gameplatform.models.sync_state import SyncState

__all__ = [
    "Account",
    "AccountStats",
    "EventResult",
    "FlashEvent",
    "ScorePoint",
    "Snapshot",
    "Solve",
    "SyncRun",
    "SyncState",
]
