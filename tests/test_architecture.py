"""Who imports whom: read from the source, so that a shortcut fails here and not in a review."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent

PACKAGES = ("jobqueue", "gameplatform", "coachdash")
"""Lowest first; a package imports itself and those before it."""

OPEN = {
    "api", "audit", "exceptions", "http", "logs", "operations", "registry", "screens", "signals", "states", "testing",
}  # fmt: skip
"""The modules of jobqueue by which the other packages enter it."""

LAYERS = (
    {
        "states", "exceptions", "conf", "retry", "rules", "task_type", "overrides", "payloads", "contexts", "ids",
        "registry", "durations", "redaction", "signals", "summaries",
    },
    {
        "daylight", "cron_fields", "cron", "forecast", "collisions", "intervals", "scopes", "schedule_rules",
        "schedule_templates", "quick_actions", "models", "querysets", "migrations",
    },
    {
        "throughput", "dashboard_parts", "database",
        "known_types", "wakeup", "reports", "new_job", "enqueuing", "dependencies", "transitions", "restoring",
        "settling", "claim", "places", "parking", "housekeeping", "journal", "pauses", "rescue", "cleanup", "editing",
        "watching", "effects", "failures", "audit", "waiting", "planner", "alerts", "deadman", "health", "job_filter",
        "newest", "playbook",
        "rates", "tokens", "cycles",
        "giving_up",
        "floors",
        "display",
    },
    {"executor", "firing", "logs", "occurrences", "scheduler"},
    {"worker", "operations"},
    {"bulk", "declaring"},
    {"api"},
    {
        "admin", "apps", "backend", "django_tasks", "checks", "crontab", "http", "jobs", "management", "metrics",
        "probes", "screens", "templatetags", "testing",
    },
)  # fmt: skip
"""The parts of jobqueue, lowest first; a part imports its own layer and those below."""


class Import(NamedTuple):
    """One imported module, as far as it is ours."""

    importer: str
    """The dotted name of the module that imports."""
    line: int
    imported: str

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.imported}"


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _imported(node: ast.Import | ast.ImportFrom, importer: str, *, is_package: bool) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        parents = importer.split(".")[: None if is_package and node.level == 1 else is_package - node.level]
        base = ".".join([*parents, *filter(None, [base])])
    for alias in node.names:
        whole = f"{base}.{alias.name}"
        yield whole if _is_module(whole) else base


def _imports(package: str) -> list[Import]:
    found: list[Import] = []
    for path in sorted((ROOT / package).rglob("*.py")):
        importer = _name(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = _imported(node, importer, is_package=path.stem == "__init__")
                found += [Import(importer, node.lineno, name) for name in names]
    return found


def _part(name: str) -> str:
    """The part of a package that a module belongs to: "worker" for jobqueue.worker.heart."""
    return name.split(".")[1] if "." in name else ""


def _layer(name: str) -> int:
    return next(level for level, parts in enumerate(LAYERS) if _part(name) in parts)


def _listed(violations: list[Import]) -> str:
    return "\n".join(map(str, violations))


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_downwards_only(package: str) -> None:
    above = PACKAGES[PACKAGES.index(package) + 1 :]
    violations = [one for one in _imports(package) if one.imported.split(".")[0] in (*above, "tests")]

    assert not violations, _listed(violations)


@pytest.mark.parametrize("package", PACKAGES[1:])
def test_others_enter_the_queue_by_its_public_modules_only(package: str) -> None:
    violations = [
        one
        for one in _imports(package)
        if one.imported.split(".")[0] == "jobqueue" and _part(one.imported) not in OPEN and not _is_migration(one)
    ]

    assert not violations, _listed(violations)


def _is_migration(one: Import) -> bool:
    return ".migrations." in one.importer


def test_every_part_of_the_queue_has_its_layer() -> None:
    parts = {
        path.stem for path in (ROOT / "jobqueue").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }

    assert parts - {"__init__"} - set().union(*LAYERS) - OPEN == set()
    assert sum(map(len, LAYERS)) == len(set().union(*LAYERS))


def test_inside_the_queue_imports_go_downwards_only() -> None:
    violations = [
        one
        for one in _imports("jobqueue")
        if _part(one.importer) and _part(one.imported) and one.imported.startswith("jobqueue.")
        if _layer(one.imported) > _layer(one.importer)
    ]

    assert not violations, _listed(violations)


def test_the_queues_own_package_imports_nothing() -> None:
    assert [one for one in _imports("jobqueue") if one.importer == "jobqueue"] == []


def test_the_check_reads_what_it_should() -> None:
    imports = _imports("jobqueue")

    assert Import in {type(one) for one in imports}
    assert any((one.importer, one.imported) == ("jobqueue.rescue", "jobqueue.transitions") for one in imports)
    assert any((one.importer, one.imported) == ("jobqueue.apps", "jobqueue.checks") for one in imports)
    assert len({one.importer for one in imports}) > 50
