"""The form of a new job, read and posted as a browser does."""

from typing import Any

from django.test import Client

from jobqueue.models import Job
from tests.jobqueue.admin.pages import JOBS
from tests.jobqueue.admin.schedules.filling_in import Data, filled_in

CREATE = f"{JOBS}create/"
FIELDS = f"{CREATE}payload-fields/"
HTMX = {"HX-Request": "true"}


def edit_url(job: Job) -> str:
    return f"{JOBS}{job.pk}/edit/"


def new(client: Client, task_type: str = "add_one", **changes: Any) -> Data:
    """What a browser posts for a new job of that type."""
    return {**filled_in(client.get(CREATE, {"task_type": task_type})), **changes}


def errors(response: Any) -> dict[str, str]:
    """What the page says is wrong, by field; "" for what is wrong with the payload or all of it."""
    assert response.status_code == 200
    form = response.context_data["form"]
    found = {name if name != "__all__" else "": " ".join(map(str, told)) for name, told in form.errors.items()}
    panel = form.panel
    if panel is not None and (problems := [*panel.payload_errors(), *panel.scope_problems]):
        found["payload"] = " ".join(problems)
    return found
