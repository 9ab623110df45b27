"""Why a job waits, with a link on whatever keeps it from being run."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from jobqueue.admin.jobs.relation import Relation, relation_url
from jobqueue.display.visible import visible
from jobqueue.models import Job
from jobqueue.states import Status
from jobqueue.templatetags.jobqueue_times import timestamp
from jobqueue.waiting import Kind, Waiting, said_at

_JOBS = "admin:jobqueue_job_changelist"
_PAUSES = "admin:jobqueue_pause_changelist"
_WORKERS = "admin:jobqueue_worker_changelist"


def reason(request: HttpRequest, job: Job, waiting: Waiting) -> SafeString:
    """The sentence as HTML; what the reader may not see is not linked."""
    found = sorted(
        (waiting.sentence.find(words), words, element)
        for words, element in (*_links(request, job, waiting), *_times(waiting))
    )
    html, done = SafeString(""), 0
    for at, words, element in found:
        if at >= done:
            html += conditional_escape(visible(waiting.sentence[done:at])) + element
            done = at + len(words)
    return SafeString(html + conditional_escape(visible(waiting.sentence[done:])))


def _links(request: HttpRequest, job: Job, waiting: Waiting) -> Iterator[tuple[str, SafeString]]:
    for other in waiting.jobs:
        yield other.short_id, _link(other.short_id, reverse("admin:jobqueue_job_change", args=[other.pk]))
    for words, url in _places(request, job, waiting):
        yield words, _link(words, url)


def _places(request: HttpRequest, job: Job, waiting: Waiting) -> Iterator[tuple[str, str]]:
    see_workers, see_pauses = _may_see(request, "worker"), _may_see(request, "pause")
    if waiting.pause is not None and see_pauses:
        yield waiting.sentence.partition(" since ")[0], reverse(_PAUSES)
    elif waiting.kind == Kind.DISABLED and see_workers:
        yield "All workers", reverse(_WORKERS)
    elif waiting.kind == Kind.NO_WORKER and see_workers:
        yield "No worker", reverse(_WORKERS)
    elif waiting.kind == Kind.NO_WORKER_ON_QUEUE and see_workers:
        yield f"queue {job.queue}", reverse(_WORKERS)
    elif waiting.kind == Kind.DEPENDENCY and len(waiting.jobs) > 1:
        rest = waiting.others + len(waiting.jobs) - 1
        yield f"{rest:,} more", relation_url(Relation.DEPENDS_ON, job.pk)
    elif waiting.kind == Kind.BEHIND_OTHERS:
        words = waiting.sentence.partition(", and ")[2].partition(" before it")[0]
        yield words, f"{reverse(_JOBS)}?{urlencode({'status': Status.PENDING, 'queue': job.queue})}"
    elif waiting.kind == Kind.CONCURRENCY and not waiting.jobs:
        yield f"Concurrency key {waiting.concurrency_key}", "#facts"


def _times(waiting: Waiting) -> Iterator[tuple[str, SafeString]]:
    if waiting.pause is not None:
        since, end = waiting.pause.since, waiting.pause.ends_at
        yield f"since {said_at(since)}", format_html("since {}", timestamp(since))
        if end is not None:
            yield f"until {said_at(end)}.", format_html("until {}.", timestamp(end))
    elif waiting.run_at is not None:
        yield f"at {said_at(waiting.run_at)}", format_html("at {}", timestamp(waiting.run_at))


def _link(words: str, url: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, words)


def _may_see(request: HttpRequest, model: str) -> bool:
    return request.user.has_perm(f"jobqueue.view_{model}") or request.user.has_perm("jobqueue.operate_job")
