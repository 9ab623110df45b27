"""The mirror's screens in the Django admin, to read; importing this package registers them."""

from gameplatform.admin.accounts import screen as accounts
from gameplatform.admin.runs import screen as runs
from gameplatform.admin.solves import events, solves

__all__ = ["accounts", "events", "runs", "solves"]
