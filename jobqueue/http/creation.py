"""Enqueuing on behalf of who calls, for routes of the project's own."""

from typing import Any

from django.http import HttpRequest

from jobqueue import operations
from jobqueue.enqueuing import Enqueued
from jobqueue.http.caller import actor_of
from jobqueue.new_job import NewJob


def create_by_request(request: HttpRequest, task_type: str, payload: Any) -> Enqueued:
    """Enqueue a job for the caller of a route, and record it.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError: nothing is stored.
    """
    return operations.create(NewJob(task_type=task_type, payload=payload), actor_of(request))
