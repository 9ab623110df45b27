"""What a sync is asked to do."""

from dataclasses import dataclass

TASK_TYPE = "game_platform_sync"


@dataclass(frozen=True, kw_only=True)
class SyncOptions:
    """`coach_id` None means all coaches; `full` and `flash` fetch whole histories, due or not; `every` takes accounts
    that are not due, too, but of them only what is new.
    """

    dry_run: bool = False
    coach_id: int | None = None
    full: bool = False
    flash: bool = False
    every: bool = False
    batch_size: int

    @property
    def takes_all(self) -> bool:
        """Whether accounts that are not due are synced too: somebody asked, no schedule."""
        return self.every or self.full or self.flash or self.coach_id is not None
