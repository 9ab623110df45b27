"""From a dotted path to the task: only what an installed app defines, for a job's path comes from the database."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.tasks import Task

type AnyTask = Task[..., Any]


def find_task(path: str) -> AnyTask:
    """The task of that path.

    Its module is imported if it is part of an installed app, and no other; what it gives must be a `Task`, so that
    no job can call any other function.

    Raises:
        LookupError: there is none; the message says what is missing.
        Exception: whatever importing the module raises.
    """
    module_name, _, name = path.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in path.split(".")):
        raise LookupError(f"{path!r} is no dotted path of a function.")
    if not _is_installed(module_name):
        raise LookupError(f"{module_name} is not part of any app in INSTALLED_APPS.")
    found = getattr(_module(module_name), name, None)
    if not isinstance(found, Task):
        raise LookupError(f"{module_name} has no @task function {name!r}.")
    return found


def _is_installed(module_name: str) -> bool:
    apps.check_apps_ready()
    # What tests hide for a while with `available_apps` is installed all the same.
    known = (config.name for configs in (apps.app_configs, *apps.stored_app_configs) for config in configs.values())
    return any(f"{module_name}.".startswith(f"{name}.") for name in known)


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise LookupError(f"There is no module {error.name}.") from None
        raise
