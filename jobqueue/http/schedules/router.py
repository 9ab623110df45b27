"""The router of scheduled jobs: one, for an address is looked up once, whatever the method."""

from ninja import Router

router = Router(tags=["Scheduled jobs"])
