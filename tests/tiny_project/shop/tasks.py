"""The shop's tasks."""

from django.tasks import task


@task
def add_up(*prices: int) -> int:
    """The sum."""
    return sum(prices)
