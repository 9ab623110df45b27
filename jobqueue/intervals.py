"""The times of an interval schedule: a grid of equal steps of elapsed time, whatever clocks do."""

from datetime import datetime, timedelta


def next_in(anchor: datetime, interval: timedelta, after: datetime) -> datetime:
    """The first time of the grid strictly after `after`; the anchor is its first."""
    if after < anchor:
        return anchor
    return anchor + ((after - anchor) // interval + 1) * interval


def latest_in(anchor: datetime, interval: timedelta, moment: datetime) -> datetime | None:
    """The last time of the grid that is not after the moment; None if the grid begins later."""
    if moment < anchor:
        return None
    return anchor + (moment - anchor) // interval * interval
