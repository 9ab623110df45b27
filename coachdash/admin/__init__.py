"""The admin's screens of people: the roster, and who may log in; importing this package registers them."""

from coachdash.admin import accounts, coaches, competitors, organizations, teams

__all__ = ["accounts", "coaches", "competitors", "organizations", "teams"]
