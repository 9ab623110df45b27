"""What moves on a job's page, and of that what a page that is open does not show yet.

The page tells how far it is: a place in the log and a mark of each part. Only what differs is sent, so that a traceback
that somebody has open, or a place to which they scrolled, stays.
"""

from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from django.http import HttpRequest
from django.utils import timezone

from jobqueue.admin.jobs.operations import offers
from jobqueue.admin.jobs.page.attempts import attempts, last_traceback, workers
from jobqueue.admin.jobs.page.facts import facts
from jobqueue.admin.jobs.page.family import Family, family, groups
from jobqueue.admin.jobs.page.graph import graph
from jobqueue.admin.jobs.page.log import Place, end_of_log, lines_since
from jobqueue.admin.jobs.page.reason import reason
from jobqueue.admin.jobs.page.timeline import legend, timeline, told
from jobqueue.conf import conf
from jobqueue.display.stored import stored_values
from jobqueue.display.tree import tree
from jobqueue.models import Job
from jobqueue.states import WAITING
from jobqueue.waiting import why_waiting


def living(request: HttpRequest, job: Job, level: str) -> dict[str, Any]:
    """All of it, for the page."""
    parts = _parts(request, job)
    log = end_of_log(job.pk, level)
    place = log.rows[-1].place if log.rows else Place()
    return (
        parts
        | _slow(job, parts)
        | {
            "log": log,
            "log_most": conf().LOG_MAX_LINES,
            "log_half": conf().LOG_MAX_LINES // 2,
            "poll": _poll(parts, place, level),
            "goes_on": not job.is_finished,
        }
    )


def changes(request: HttpRequest, job: Job, level: str) -> dict[str, Any]:
    """What is new, for a page that has shown what its query says."""
    parts = _parts(request, job)
    place = Place.read(request.GET.get("log", ""))
    lines, reached, is_more = lines_since(job.pk, place, level)
    differing = {name for name, mark in parts["marks"].items() if request.GET.get(name) != mark}
    return (
        parts
        | (_slow(job, parts) if "state" in differing else {})
        | {
            "differing": differing,
            "lines": lines,
            "poll": _poll(parts, reached, level),
            # The job was read before its log: of one that has ended, all lines are there.
            "goes_on": not job.is_finished or is_more,
        }
    )


def _parts(request: HttpRequest, job: Job) -> dict[str, Any]:
    known, relatives = attempts(job), family(job)
    waiting = why_waiting(job) if job.status in WAITING else None
    segments = timeline(job, known.rows, timezone.now(), is_cut=known.is_cut)
    return {
        "reason": reason(request, job, waiting) if waiting else None,
        "offers": offers(job, request),
        "attempts": known,
        "workers": workers(job, known.rows),
        "segments": segments,
        "told": told(segments),
        "legend": legend(segments),
        "family": relatives,
        "groups": groups(relatives),
        "graph": graph(relatives, has_schedule=job.schedule_id is not None),
        "marks": {
            "state": f"{job.status}-{job.claim}-{job.attempts}-{job.run_at.timestamp():.0f}",
            "attempts": f"{known.rows[-1].claim}" if known.rows else "0",
            "family": _mark(relatives),
        },
    }


def _slow(job: Job, parts: dict[str, Any]) -> dict[str, Any]:
    """What changes with the job's state alone."""
    return {
        "traceback": last_traceback(job, parts["attempts"].rows),
        "values": {name: tree(value) for name, value in stored_values(job.pk).items()},
        "facts": facts(job),
    }


def _mark(relatives: Family) -> str:
    seen = [(id_.hex, job.status) for id_, job in relatives.jobs.items()]
    return f"{crc32(repr((seen, relatives.edges, relatives.counts)).encode()):x}"


def _poll(parts: dict[str, Any], place: Place, level: str) -> str:
    return urlencode({**parts["marks"], "log": place, **({"level": level} if level else {})})
