"""Errors in Sentry: requests that failed, and jobs that failed for good. Imported only if SENTRY_DSN is set."""

import time
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.types import Event, Hint

from jobqueue.logs import masked_json
from jobqueue.signals import FinalFailure, job_gave_up

_PATIENCE = 2.0  # seconds
_SULK = 60.0
"""So long nobody waits for a Sentry that did not answer in time."""

_wait_again_at = 0.0


def start(dsn: str) -> None:
    """Send errors there. Without the values of variables, bodies, cookies, and whatever else is somebody's secret."""
    sentry_sdk.init(
        dsn=dsn,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda *_: None),
            DedupeIntegration(),
            DjangoIntegration(middleware_spans=False, signals_spans=False),
            ExcepthookIntegration(),
        ],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=_without_secrets,
    )
    job_gave_up.connect(_report, dispatch_uid="coachdash.sentry")


def _report(failure: FinalFailure, error: BaseException | None, may_wait: bool, **_: Any) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_tags(
            {
                "job_runner": "true",
                "job_id": failure.job_id,
                "job_type": failure.task_type,
                "job_status": failure.status,
                "attempt": str(failure.attempt),
                "error_code": failure.code,
            }
        )
        scope.set_transaction_name(f"job {failure.task_type}", source="task")
        scope.fingerprint = [failure.task_type, failure.fingerprint or failure.code]
        if error is None:
            scope.capture_message(f"{failure.task_type}: {failure.message}", level="error")
        else:
            scope.capture_exception(error)
    if may_wait:
        _wait_until_sent()


def _wait_until_sent() -> None:
    # A worker's child may be killed as soon as it is idle, and with it what waits to be sent.
    global _wait_again_at  # noqa: PLW0603
    began = time.monotonic()
    if began < _wait_again_at:
        return
    sentry_sdk.flush(timeout=_PATIENCE)
    if time.monotonic() - began >= _PATIENCE:
        _wait_again_at = time.monotonic() + _SULK


def _without_secrets(event: Event, _: Hint) -> Event:
    request = event.get("request")
    if request:
        for name in ("query_string", "cookies", "data", "env"):
            request.pop(name, None)
        request["headers"] = {}
    return cast(Event, masked_json(event))
