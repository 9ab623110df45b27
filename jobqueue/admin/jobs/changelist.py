"""The job list's page: found by `newest.py`, so that it costs the same beside a million jobs."""

from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, F, Func, IntegerField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Left
from django.db.models.lookups import LessThanOrEqual
from django.http import HttpRequest

from jobqueue.admin.counts import Count
from jobqueue.admin.jobs import search
from jobqueue.admin.jobs.query import BEFORE, ListQuery, read
from jobqueue.models import Job
from jobqueue.newest import WINDOW, Found, newest

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList

_SUMMARY_LENGTH = 120
_LARGEST_SUMMARISED = 2_000  # bytes as stored
_LONGEST_READ = 20_000


class JobChangeList(ChangeList):
    """The newest jobs that an address asks for, and where to go on."""

    asked: ListQuery
    found: Found
    older_url = ""
    newest_url = ""
    onward_url = ""
    searched = ""
    """What was looked at, if that was not all."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Job]:
        """For Django's actions, which choose from it by id."""
        self.filter_specs, self.has_filters, self.has_active_filters = [], False, False
        self.clear_all_filters_qs = "?"
        return rows()

    def get_results(self, request: HttpRequest) -> None:
        """One page, and where the next one begins."""
        self.asked = read(request.GET)
        self.params = dict(self.asked.params)
        self.query = self.asked.params.get("q", "")
        self.found = self._find()
        shown = self.found.ids[: self.list_per_page]
        self.result_list = _in_order(shown, self.asked)
        self.result_count = self.full_result_count = len(self.result_list)
        self.show_full_result_count = self.multi_page = self.can_show_all = False
        self.paginator = self.model_admin.get_paginator(request, self.result_list, self.list_per_page)
        if self.asked.before:
            self.newest_url = self.get_query_string(remove=[BEFORE])
        if len(self.found.ids) > self.list_per_page:
            self.older_url = self.get_query_string({BEFORE: shown[-1]})
        elif self.found.onward:
            self.onward_url = self.get_query_string({BEFORE: self.found.onward})
        if self.found.onward:
            self.searched = f"{'the next' if self.asked.before else 'the newest'} {WINDOW:,} jobs"

    @property
    def count(self) -> Count | None:
        """How many match; not told of a search, whose hits may be masked."""
        if self.asked.text:
            return None
        return Count(number=self.found.number, is_capped=self.found.is_capped)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked for beside the newest."""
        return bool(self.asked.params or self.asked.before)

    def _find(self) -> Found:
        if self.asked.problem:
            return Found(ids=[], number=0, is_capped=False)
        also = search.condition(self.asked.text) if self.asked.text else None
        return newest(self.asked.jobs, also=also, before=self.asked.before, limit=self.list_per_page + 1)


def rows() -> QuerySet[Job]:
    """What a row shows: of a large payload its size, of the error the beginning."""
    size = Func(F("payload"), function="pg_column_size", output_field=IntegerField())
    is_small = LessThanOrEqual(size, Value(_LARGEST_SUMMARISED))
    text = Left(Cast("payload", TextField()), _LONGEST_READ)
    jobs: QuerySet[Job] = Job.objects.for_list().defer("payload", "error_message")
    return jobs.annotate(
        payload_text=Case(When(is_small, then=text), output_field=TextField()),
        payload_size=size,
        error_start=Left("error_message", _SUMMARY_LENGTH, output_field=CharField()),
        interval=F("schedule__interval"),
    ).order_by("-id")


def _in_order(ids: Any, asked: ListQuery) -> list[Job]:
    jobs = list(rows().filter(pk__in=ids)[: len(ids)])
    if not asked.text:
        return jobs
    whole = Job.objects.only("task_type", "error_code", "error_message").annotate(whole_payload=search.PAYLOAD)
    found = {
        job.pk
        for job in whole.filter(pk__in=ids)[: len(ids)]
        if search.shows(job, vars(job)["whole_payload"], asked.text)
    }
    return [job for job in jobs if job.pk in found]
