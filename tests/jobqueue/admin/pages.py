"""Reading the admin's answers in tests."""

import html
import re
from typing import Any
from uuid import UUID

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from jobqueue.models import Job

JOBS = "/admin/jobqueue/job/"


def job_url(job_id: UUID) -> str:
    """A job's page."""
    return reverse("admin:jobqueue_job_change", args=[job_id])


def verb_url(job_id: UUID, verb: str) -> str:
    """Where a verb is asked for and done."""
    return reverse("admin:jobqueue_job_do", args=[job_id, verb])


def listed(client: Client, **query: Any) -> list[Job]:
    """The jobs in the list, in its order."""
    response: Any = client.get(JOBS, query)
    assert response.status_code == 200
    return list(response.context_data["cl"].result_list)


def answer(client: Client, question: Any, **more: str) -> Any:
    """Say yes to the question before an operation on many."""
    context = question.context_data
    return client.post(context["action"], {"selection": context["selection"], **more})


def said(response: Any) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def text_of(page: str) -> str:
    """What one reads of a page or a part of it."""
    return html.unescape(re.sub(r"<[^>]+>", "", page))
