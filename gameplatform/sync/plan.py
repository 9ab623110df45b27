"""Which calls an account needs now. No call is made here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gameplatform.conf import Conf
from gameplatform.models import Account, FlashEvent, SyncState
from gameplatform.providers.records import AccountRef
from gameplatform.sync.options import SyncOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The calls for one account; practice is asked for always, `since` None meaning the whole history."""

    account: AccountRef
    profile: bool
    since: datetime | None
    events: bool


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Plans by one moment, so that all accounts of a batch are measured alike.

    Args:
        now: the moment.
        conf: the intervals.
        options: what the sync is asked to do.
        live: whether an event is going on or just over.
    """

    now: datetime
    conf: Conf
    options: SyncOptions
    live: bool

    def plan(self, account: Account) -> Plan:
        """The calls for one account, by its status and sync state."""
        state = state_of(account)
        full = self.options.full or self._stale(state.last_full_at, self.conf.FULL_EVERY)
        return Plan(
            account=AccountRef(id=account.pk, remote_id=account.remote_id, email=account.email_used),
            profile=self.options.full or self._needs_profile(account, state),
            since=None if full else state.watermark,
            events=self.options.full or self.options.flash or self._stale(state.flash_synced_at, self._flash_every),
        )

    @property
    def _flash_every(self) -> timedelta:
        return self.conf.FLASH_LIVE_EVERY if self.live else self.conf.FLASH_EVERY

    def _needs_profile(self, account: Account, state: SyncState) -> bool:
        return (
            account.status != Account.Status.APPROVED
            or state.consecutive_failures > 0
            or self._stale(state.profile_synced_at, self.conf.PROFILE_EVERY)
        )

    def _stale(self, moment: datetime | None, every: timedelta) -> bool:
        return moment is None or self.now - moment >= every


def state_of(account: Account) -> SyncState:
    """The account's sync state; a new, unsaved one before its first sync."""
    try:
        return account.sync_state
    except SyncState.DoesNotExist:
        return SyncState(account=account)


def event_is_live(now: datetime, conf: Conf) -> bool:
    """Whether a known event began so recently that its results still change."""
    return FlashEvent.objects.filter(starts_at__gt=now - conf.FLASH_LIVE_FOR, starts_at__lte=now).exists()
