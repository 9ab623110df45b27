"""Handlers that tell everybody what they should keep to themselves."""

import logging

from jobqueue.registry import JobContext, Payload, fixed, job_handler


class Credentials(Payload, frozen=True):
    name: str
    api_token: str


class TellingError(Exception):
    error_code = "TOLD"


@job_handler("tell_secrets", max_attempts=1, backoff=fixed(0.05))
def tell_secrets(job: JobContext, payload: Credentials) -> None:
    logging.getLogger("somebody.else").info("%s logs in with %s", payload.name, payload.api_token)
    logging.getLogger("somebody.else").info("GET /v1?token=t0p&page=2")
    job.progress(1, 1, f"{payload.name} uses {payload.api_token}")
    raise TellingError(f"{payload.name} was refused with {payload!r}")
