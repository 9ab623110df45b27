"""The jobs beside a job: what it depends on, what depends on it, who enqueued it and what it enqueued; the nearest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from jobqueue.admin.counts import Count
from jobqueue.admin.jobs.relation import Relation, relation_url
from jobqueue.models import Job
from jobqueue.planner import by_index

MOST_NODES = 30
MOST_OF_A_KIND = 8
MOST_COUNTED = 1_000


@dataclass(frozen=True, kw_only=True)
class Edge:
    """From what comes first to what comes after."""

    start: UUID
    end: UUID
    is_met: bool = True
    is_made: bool = False
    """Whether the one enqueued the other; else the other depends on it."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """The nearest relatives and how they hang together."""

    jobs: dict[UUID, Job]
    """Id, task type and status only; the job itself is the first."""
    kinds: dict[UUID, Relation]
    edges: list[Edge]
    counts: dict[Relation, Count] = field(default_factory=dict)
    """How many there are of the kinds that may be many."""
    shown: dict[Relation, int] = field(default_factory=dict)
    """How many of those are among the jobs, also if they are something else besides."""

    def of_kind(self, kind: Relation) -> list[Job]:
        """The shown ones."""
        return [job for id_, job in self.jobs.items() if self.kinds[id_] == kind]

    def more(self, kind: Relation) -> str:
        """How many of them are not shown, such as "970"; empty if none."""
        count = self.counts.get(kind, Count(number=0))
        hidden = count.number - self.shown.get(kind, 0)
        return f"{hidden:,}{'+' if count.is_capped else ''}" if hidden > 0 else ""

    def url(self, kind: Relation) -> str:
        """The list of all of them, where not all are shown."""
        return relation_url(kind, next(iter(self.jobs))) if self.more(kind) else ""

    @property
    def is_alone(self) -> bool:
        """Whether it has no relatives."""
        return len(self.jobs) == 1


@dataclass(frozen=True, kw_only=True)
class Group:
    """The relatives of one kind, as a list says them."""

    kind: Relation
    title: str
    jobs: list[Job]
    count: Count
    more: str
    """How many are not shown."""
    url: str
    """Of the list of all of them; empty if there is none."""


_TITLES = {
    Relation.PARENT: "Enqueued by",
    Relation.DEPENDS_ON: "Depends on",
    Relation.DEPENDENT: "Jobs that depend on it",
    Relation.CHILD: "Child jobs",
    Relation.FAR: "Further relatives",
}


def groups(found: Family) -> list[Group]:
    """The kinds of which there are some."""
    made = [
        Group(
            kind=kind,
            title=title,
            jobs=found.of_kind(kind),
            count=found.counts.get(kind, Count(number=len(found.of_kind(kind)))),
            more=found.more(kind),
            url=found.url(kind),
        )
        for kind, title in _TITLES.items()
    ]
    return [group for group in made if group.jobs]


# Of each kind no more are read than are counted; those that are not met yet are the interesting ones.
_DIRECT = """
(SELECT 'depends_on', id, count(*) OVER () FROM (
    SELECT parent_id AS id, is_met FROM jobqueue_dependency WHERE job_id = %(job)s LIMIT %(counted)s
 ) AS nearest ORDER BY is_met, id DESC LIMIT %(shown)s)
UNION ALL
(SELECT 'dependent', id, count(*) OVER () FROM (
    SELECT job_id AS id, is_met FROM jobqueue_dependency WHERE parent_id = %(job)s LIMIT %(counted)s
 ) AS nearest ORDER BY is_met, id DESC LIMIT %(shown)s)
UNION ALL
(SELECT 'child', id, count(*) OVER () FROM (
    SELECT id FROM jobqueue_job WHERE parent_id = %(job)s LIMIT %(counted)s
 ) AS nearest ORDER BY id DESC LIMIT %(shown)s)
"""
_BEYOND = """
(SELECT parent_id FROM jobqueue_dependency WHERE job_id = ANY (%(before)s) LIMIT %(most)s)
UNION
(SELECT job_id FROM jobqueue_dependency WHERE parent_id = ANY (%(after)s) LIMIT %(most)s)
LIMIT %(most)s
"""
_EDGES = """
SELECT parent_id, job_id, is_met FROM jobqueue_dependency
WHERE job_id = ANY (%(ids)s) AND parent_id = ANY (%(ids)s)
"""


def family(job: Job) -> Family:
    """The job with its nearest relatives, at most `MOST_NODES`; a handful of queries, however many there are."""
    kinds, counts, shown = {job.pk: Relation.SELF}, {}, Counter[Relation]()
    if job.parent_id:
        kinds[job.parent_id] = Relation.PARENT
    with by_index() as cursor:
        cursor.execute(_DIRECT, {"job": job.pk, "counted": MOST_COUNTED + 1, "shown": MOST_OF_A_KIND})
        for name, id_, number in cursor.fetchall():
            kinds.setdefault(id_, Relation(name))
            counts[Relation(name)] = Count.upto(MOST_COUNTED, number)
            shown[Relation(name)] += 1
        if len(kinds) == 1:
            return Family(jobs={job.pk: job}, kinds=kinds, edges=[])
        cursor.execute(_BEYOND, _before_and_after(kinds))
        for (id_,) in cursor.fetchall():
            kinds.setdefault(id_, Relation.FAR)
        jobs, edges = _related(cursor, list(kinds)[:MOST_NODES])
    return Family(jobs=jobs, kinds={id_: kinds[id_] for id_ in jobs}, edges=edges, counts=counts, shown=shown)


def _before_and_after(kinds: dict[UUID, Relation]) -> dict[str, Any]:
    before = [id_ for id_, kind in kinds.items() if kind == Relation.DEPENDS_ON]
    after = [id_ for id_, kind in kinds.items() if kind == Relation.DEPENDENT]
    return {"before": before, "after": after, "most": MOST_NODES}


def _related(cursor: CursorWrapper, ids: list[UUID]) -> tuple[dict[UUID, Job], list[Edge]]:
    found = Job.objects.only("id", "task_type", "status", "parent_id").in_bulk(ids)
    jobs = {id_: found[id_] for id_ in ids if id_ in found}
    cursor.execute(_EDGES, {"ids": ids})
    needed = [
        Edge(start=start, end=end, is_met=is_met)
        for start, end, is_met in cursor.fetchall()
        if start in jobs and end in jobs
    ]
    made = [Edge(start=one.parent_id, end=one.pk, is_made=True) for one in jobs.values() if one.parent_id in jobs]
    return jobs, _without_doubles(made, needed)


def _without_doubles(made: Sequence[Edge], needed: Sequence[Edge]) -> list[Edge]:
    between = {(edge.start, edge.end) for edge in needed}
    return [*needed, *(edge for edge in made if (edge.start, edge.end) not in between)]
