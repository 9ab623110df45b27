"""How a student stands with the game platform, in words."""

from dataclasses import dataclass

from django.db.models import Case, Value, When

from gameplatform.models import Account


@dataclass(frozen=True, kw_only=True)
class PlatformState:
    """`tone` is good, wait, bad or calm; `meaning` is one sentence for who wonders."""

    label: str
    tone: str
    meaning: str


ABSENT = PlatformState(
    label="Not on platform", tone="calm", meaning="The game platform does not know this student yet."
)
UNKNOWN = PlatformState(
    label="Not checked yet", tone="calm", meaning="The game platform has not been asked about this student yet."
)
FAILING = PlatformState(
    label="Sync failing", tone="bad", meaning="The last call for this student failed; it is tried again."
)
_STATES = {
    Account.Status.UNKNOWN: UNKNOWN,
    Account.Status.USER_CREATED: PlatformState(
        label="Invited", tone="wait", meaning="The account exists; the student has not completed it."
    ),
    Account.Status.PENDING_APPROVAL: PlatformState(
        label="Awaiting approval", tone="wait", meaning="The platform has yet to approve this account."
    ),
    Account.Status.APPROVED: PlatformState(
        label="On platform", tone="good", meaning="Approved: solves and points are synced."
    ),
    Account.Status.DENIED: PlatformState(
        label="Denied", tone="bad", meaning="The platform has refused this account; nothing is synced."
    ),
}

# What needs a coach first comes first.
RANK = Case(
    # Not `account__isnull`: that would look at the student's own id, which is the join's.
    When(account__link_state__isnull=True, then=Value(2)),
    When(account__link_state=Account.LinkState.MISSING, then=Value(2)),
    When(account__status=Account.Status.DENIED, then=Value(1)),
    When(account__status=Account.Status.USER_CREATED, then=Value(3)),
    When(account__status=Account.Status.PENDING_APPROVAL, then=Value(4)),
    When(account__status=Account.Status.APPROVED, then=Value(6)),
    default=Value(5),
)


def platform_state(account: Account | None, *, failures: int) -> PlatformState:
    """The state of an account, None for a student without one; `failures` are its syncs failed in a row."""
    if account is None or account.link_state == Account.LinkState.MISSING:
        return ABSENT
    if failures:
        return FAILING
    return _STATES.get(Account.Status(account.status), UNKNOWN)
