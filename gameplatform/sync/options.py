"""What a sync is asked to do."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SyncOptions:
    """`coach_id` None means all coaches; `full` and `flash` fetch whole histories, due or not."""

    dry_run: bool = False
    coach_id: int | None = None
    full: bool = False
    flash: bool = False
    batch_size: int

    @property
    def takes_all(self) -> bool:
        """Whether accounts that are not due are synced too: somebody asked, no schedule."""
        return self.full or self.flash or self.coach_id is not None
