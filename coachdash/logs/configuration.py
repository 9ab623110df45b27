"""Django's setting LOGGING: all lines go through structlog's processors to stderr, whoever logs them, and however."""

import sys
from typing import Any

import structlog

from coachdash.logs.masking import mask_secrets

FORMATS = ("json", "console")

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,  # the request that is answered
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),  # the job that runs, and whatever is given as `extra`
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(*, format_: str, level: str) -> dict[str, Any]:
    """The setting.

    Args:
        format_: one of `FORMATS`.
        level: such as "INFO"; of our own loggers. Others speak from there on, too.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    mask_secrets,
                    _renderer(format_),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's defaults write some lines twice, and mail others.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            "axes": {"handlers": [], "level": "ERROR", "propagate": True},  # it names people; the audit log is for that
        },
    }


def _renderer(format_: str) -> structlog.typing.Processor:
    if format_ == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def configure_structlog() -> None:
    """Have structlog's own loggers write through the standard library's, so that a job's lines are kept with it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.render_to_log_kwargs,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
