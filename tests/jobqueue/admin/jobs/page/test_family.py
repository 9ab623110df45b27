"""The jobs beside a job, and their picture."""

from itertools import pairwise
from uuid import UUID

import pytest
from django.test import Client

from jobqueue.admin.jobs.page.family import MOST_NODES, Edge, Family, family, groups
from jobqueue.admin.jobs.page.graph import HEIGHT, WIDTH, Box, graph
from jobqueue.admin.jobs.relation import Relation, relation_url
from jobqueue.api import enqueue
from jobqueue.models import Job
from jobqueue.states import Status
from tests.jobqueue.admin.pages import job_url, listed
from tests.jobqueue.factories import make_job, make_jobs, make_schedule

pytestmark = pytest.mark.django_db


def of(id_: UUID) -> Family:
    """The family of the job as it is now."""
    return family(Job.objects.get(pk=id_))


def layer(boxes: list[Box], id_: UUID) -> int:
    """How far to the right the job stands."""
    return next(box.x for box in boxes if box.node == id_)


def test_parents_dependents_and_children_are_told_apart() -> None:
    maker = make_job(Status.SUCCEEDED)
    needed = make_job(Status.FAILED)
    job = enqueue("noop", depends_on=[needed.pk]).id
    Job.objects.filter(pk=job).update(parent=maker)
    dependent = enqueue("noop", depends_on=[job]).id
    child = make_job(parent_id=job).pk

    found = of(job)

    assert found.kinds == {
        job: Relation.SELF,
        maker.pk: Relation.PARENT,
        needed.pk: Relation.DEPENDS_ON,
        dependent: Relation.DEPENDENT,
        child: Relation.CHILD,
    }
    assert Edge(start=needed.pk, end=job, is_met=False) in found.edges
    assert Edge(start=job, end=child, is_made=True) in found.edges


def test_what_comes_first_stands_to_the_left() -> None:
    first = make_job(Status.RUNNING).pk
    second = enqueue("noop", depends_on=[first]).id
    job = enqueue("noop", depends_on=[second]).id
    fourth = enqueue("noop", depends_on=[job]).id
    fifth = enqueue("noop", depends_on=[fourth, first]).id

    found = of(job)
    boxes = graph(found).boxes

    assert [layer(boxes, one) for one in (first, second, job, fourth, fifth)] == [
        1 + n * (WIDTH + 52) for n in range(5)
    ]
    assert found.kinds[first] == found.kinds[fifth] == Relation.FAR


def test_of_many_the_nearest_are_shown_and_the_rest_is_counted_and_linked(alice: Client) -> None:
    unmet = make_job(Status.FAILED)
    met = make_jobs(300, Status.SUCCEEDED)
    job = enqueue("noop", depends_on=[unmet.pk, *(one.pk for one in met)]).id
    for _ in range(40):
        enqueue("noop", depends_on=[job])
    Job.objects.filter(pk__in=[one.pk for one in met[:50]]).update(parent=job)

    found = of(job)

    assert len(found.jobs) <= MOST_NODES
    assert unmet.pk in found.jobs
    assert found.more(Relation.DEPENDS_ON) == "293"
    assert found.more(Relation.DEPENDENT) == "32"
    page = alice.get(job_url(job)).content.decode()
    assert "+293 more" in page
    assert relation_url(Relation.DEPENDS_ON, job) in page
    assert len(listed(alice, related=f"depends_on:{job}")) == 50


def test_more_than_a_thousand_are_counted_no_further() -> None:
    job = make_job().pk
    Job.objects.bulk_create(Job(task_type="noop", parent_id=job) for _ in range(1_100))

    assert of(job).more(Relation.CHILD) == "992+"
    assert str(groups(of(job))[0].count) == "1k+"


def test_boxes_do_not_overlap_and_lie_inside_the_picture() -> None:
    job = enqueue("noop", depends_on=[one.pk for one in make_jobs(12, Status.SUCCEEDED)]).id
    for _ in range(12):
        enqueue("noop", depends_on=[job])

    picture = graph(of(job), has_schedule=True)

    places = [(box.x, box.y) for box in picture.boxes]
    assert len(set(places)) == len(places)
    assert all(x > 0 and x + WIDTH < picture.width and y > 0 and y + HEIGHT < picture.height for x, y in places)
    by_column: dict[int, list[int]] = {}
    for x, y in places:
        by_column.setdefault(x, []).append(y)
    for column in by_column.values():
        assert all(b - a >= HEIGHT for a, b in pairwise(sorted(column)))


def test_a_circle_that_somebody_wrote_by_sql_ends() -> None:
    one, other = make_jobs(2)
    Job.objects.filter(pk=one.pk).update(parent=other)
    Job.objects.filter(pk=other.pk).update(parent=one)

    assert len(graph(of(one.pk)).boxes) == 2


def test_a_job_that_is_two_things_at_once_is_shown_once() -> None:
    maker = make_job(Status.SUCCEEDED).pk
    job = enqueue("noop", depends_on=[maker]).id
    Job.objects.filter(pk=job).update(parent=maker)

    for one in (job, maker):
        found = of(one)
        assert len(found.jobs) == 2
        assert len(found.edges) == 1
        assert not any(group.more for group in groups(found))


def test_a_relative_that_is_gone_is_left_out() -> None:
    child = make_job(parent_id=UUID(int=7))

    assert of(child.pk).is_alone


def test_nodes_have_the_colour_of_their_state_and_lead_to_their_pages(alice: Client) -> None:
    failed = make_job(Status.FAILED)
    job = enqueue("noop", depends_on=[failed.pk]).id
    Job.objects.filter(pk=job).update(schedule=make_schedule("nightly <b>"))
    page = alice.get(job_url(job)).content.decode()
    assert f'<a href="{job_url(failed.pk)}" tabindex="-1" class="jq-node jq-failed">' in page
    assert "↻ nightly &lt;b&gt;" in page
    assert "As a list" in page


@pytest.mark.parametrize("relation", ["dependent", "child", "depends_on"])
def test_the_list_shows_the_relatives_of_one_job(alice: Client, relation: str) -> None:
    needed = make_job(Status.FAILED)
    job = enqueue("noop", depends_on=[needed.pk]).id
    dependent = enqueue("noop", depends_on=[job]).id
    child = make_job(parent_id=job).pk
    expected = {"dependent": dependent, "child": child, "depends_on": needed.pk}[relation]

    assert [one.pk for one in listed(alice, related=f"{relation}:{job}")] == [expected]


@pytest.mark.parametrize("value", ["self:x", "child", "far:00000000-0000-7000-8000-000000000000", "\0:\0"])
def test_no_relation_has_no_relatives(alice: Client, value: str) -> None:
    make_job()
    assert listed(alice, related=value) == []
