"""Letting in whoever may run a worker cycle: not a person but a machine that knows a secret."""

import hmac
from collections.abc import Sequence
from typing import NoReturn

from django.http import HttpRequest
from ninja.security import APIKeyHeader, HttpBearer

from jobqueue.audit import Actor
from jobqueue.conf import conf
from jobqueue.http.access import turned_away
from jobqueue.http.refusals import address_of
from jobqueue.models.audit_entry import Channel


class RunnerSecret(APIKeyHeader):
    """The header `x-job-runner-secret`."""

    param_name = "x-job-runner-secret"
    openapi_description = "The value of JOB_QUEUE_RUNNER_SECRET."

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The machine; None if there is no such header.

        Raises:
            ApiProblem: the secret is wrong, or none is set.
        """
        if key is None:
            return None
        return _admit(request, key, conf().RUNNER_SECRETS, "the runner's secret", "JOB_QUEUE_RUNNER_SECRET")


class CronSecret(HttpBearer):
    """The header `Authorization: Bearer`, as cron services send it."""

    openapi_description = "The value of CRON_SECRET."

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The machine.

        Raises:
            ApiProblem: the secret is wrong, or none is set.
        """
        return _admit(request, token.strip(), conf().CRON_SECRETS, "the cron service's secret", "CRON_SECRET")


def refuse_stranger(request: HttpRequest) -> NoReturn:
    """Whoever brought neither.

    Raises:
        ApiProblem: always.
    """
    raise turned_away(request, "A secret is missing: expected it in x-job-runner-secret, or as Authorization: Bearer.")


def _admit(request: HttpRequest, given: str, accepted: Sequence[str], what: str, setting: str) -> Actor:
    if not accepted:
        raise turned_away(request, f"Nobody may come in this way, as {setting} is not set.")
    # Each is compared in the same time, whatever is given and whichever fits.
    fits = [hmac.compare_digest(given.encode(errors="replace"), secret.encode()) for secret in accepted]
    if not any(fits):
        raise turned_away(request, f"This is not {what}; expected the value of {setting}.")
    return Actor(name=f"{what} at {address_of(request)}"[:255], channel=Channel.API, address=address_of(request))
