"""The roles that the migrations make."""

import pytest
from django.contrib.auth.models import Group

WRITE = {
    "coachdash.see_every_competitor",
    "jobqueue.view_job",
    "jobqueue.operate_job",
    "jobqueue.view_schedule",
    "jobqueue.add_schedule",
    "jobqueue.change_schedule",
}
TOKENS = {"jobqueue.manage_every_token"}
PAYLOADS = {"jobqueue.edit_job_payload"}
DELETE = {"jobqueue.delete_job", "jobqueue.delete_schedule"}
ROSTER = ("organization", "coachprofile", "competitor", "team")
WRITE |= {f"coachdash.{verb}_{model}" for verb in ("view", "add", "change") for model in ROSTER}
WRITE |= {f"gameplatform.view_{model}" for model in ("account", "solve", "flashevent", "syncrun")}
DELETE |= {f"coachdash.delete_{model}" for model in ROSTER}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "expected"), [("Admin", WRITE | DELETE | TOKENS | PAYLOADS), ("Manager", WRITE), ("Coach", set())]
)
def test_a_role_may_do_what_its_group_says(name: str, expected: set[str]) -> None:
    permissions = Group.objects.get(name=name).permissions.select_related("content_type")
    assert {f"{each.content_type.app_label}.{each.codename}" for each in permissions} == expected
