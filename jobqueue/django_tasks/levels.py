"""Django's task priorities, -100 to 100, on the levels of the queue."""

from jobqueue.states import Priority


def level_of(priority: int) -> Priority:
    """The level of a task's priority: below 0 LOW, 0 NORMAL, 1 to 50 HIGH, above CRITICAL.

    So whatever is above or below the default of 0 is run before or after it; among 1 to 50 all are alike.
    """
    if priority > Priority.HIGH:
        return Priority.CRITICAL
    if priority > Priority.NORMAL:
        return Priority.HIGH
    return Priority.NORMAL if priority == Priority.NORMAL else Priority.LOW
