"""Whose figures count: one rule for the rows of the table and for the sums above it."""

from django.db.models import Case, DateTimeField, Q, When
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Coalesce, Greatest

from gameplatform.models import Account

ON_PLATFORM = Q(account__link_state=Account.LinkState.LINKED, account__status=Account.Status.APPROVED)
# Without totals after a sync that left nothing to add up, they are 0; before that sync, nobody knows.
COUNTED = ON_PLATFORM & (
    Q(account__stats__isnull=False)
    | Q(account__sync_state__last_success_at__isnull=False, account__sync_state__needs_totals_refresh=False)
)

PRACTICE = Coalesce("account__stats__odl_points", 0)
CTF = Coalesce("account__stats__ctf_points", 0)
POINTS = Coalesce("account__stats__total_points", 0)
PRACTICE_CHALLENGES = Coalesce("account__stats__odl_challenges", 0)
CTF_CHALLENGES = Coalesce("account__stats__ctf_challenges", 0)
CHALLENGES: CombinedExpression = PRACTICE_CHALLENGES + CTF_CHALLENGES
AS_OF = Coalesce("account__stats__as_of", "account__sync_state__last_success_at")
LAST_ACTIVE = Greatest(
    "account__last_seen",
    "account__last_login",
    "account__sync_state__newest_solve_at",
    output_field=DateTimeField(),
)


def counted(figure: Combinable) -> Case:
    """The figure of a student whose figures count, else NULL: nobody is shown with 0 who cannot play."""
    return Case(When(COUNTED, then=figure))
