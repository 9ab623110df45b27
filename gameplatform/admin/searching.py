"""Finding an account by what a person has at hand; each way is one look into an index or a short table."""

from uuid import UUID

from django.db.models import Q, QuerySet

from gameplatform.models import Account

_MOST = 500


def accounts_like(text: str) -> Q:
    """Accounts with this whole id or e-mail address, or with this in the user name, or in that of their coach."""
    found = (
        Q(username__icontains=text)
        | Q(email_used__iexact=text)
        | Q(coach__username__icontains=text)
        | Q(coach__last_name__icontains=text)
    )
    return found | Q(pk=key) if (key := uuid_of(text)) else found


def account_ids_like(text: str) -> QuerySet[Account, UUID]:
    """The ids of the first of them, to look for in other tables."""
    if key := uuid_of(text):
        return Account.objects.filter(pk=key).values_list("pk", flat=True)
    return Account.objects.filter(accounts_like(text)).order_by().values_list("pk", flat=True)[:_MOST]


def uuid_of(text: str) -> UUID | None:
    """The id that the text is, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None
