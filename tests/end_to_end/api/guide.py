"""The guide's calls and the answers that it promises, read from its Markdown."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

GUIDE = Path(__file__).parents[3] / "docs" / "api.md"
_CALL = re.compile(r"```sh\n(?P<call>.*?)```\n```json (?P<status>\d{3})\n(?P<answer>.*?)```", re.DOTALL)
_ANY_NAMES = {"payload", "result", "metadata", "metrics", "skipped", "before", "after"}
"""What holds names of the callers' own."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the guide."""

    line: int
    command: str
    status: int
    answer: Any

    def run(self, variables: Mapping[str, str]) -> tuple[int, Any]:
        """Do it as a shell would; returns the status and the answer."""
        command = self.command.strip().replace("curl -s ", "curl -sS -w '\\n%{http_code}' ", 1)
        said = subprocess.run(
            ["bash", "-euc", command], env={"PATH": "/usr/bin:/bin", **variables}, capture_output=True, text=True
        )
        assert said.returncode == 0, said.stderr
        answer, _, status = said.stdout.rpartition("\n")
        return int(status), msgspec.json.decode(answer)


def calls() -> list[Call]:
    """Those of the guide, in its order."""
    text = GUIDE.read_text()
    return [
        Call(
            line=text.count("\n", 0, found.start()) + 1,
            command=found["call"],
            status=int(found["status"]),
            answer=msgspec.json.decode(found["answer"]),
        )
        for found in _CALL.finditer(text)
    ]


def differences(promised: Any, given: Any, place: str = "") -> list[str]:
    """Where the shape of an answer is not the promised one: its names, its kinds, and what is said of success."""
    if place in _ANY_NAMES and isinstance(given, dict | None):
        return []
    if isinstance(promised, dict) and isinstance(given, dict):
        names = [f"{place}: {set(promised) ^ set(given)}"] if set(promised) != set(given) else []
        return names + [
            one for name in promised.keys() & given.keys() for one in differences(promised[name], given[name], name)
        ]
    if isinstance(promised, list) and isinstance(given, list):
        return [one for each in given for one in differences(promised[0], each, place)] if promised else []
    if place in ("success", "created", "enabled", "dryRun") and promised != given:
        return [f"{place}: {given!r}, not {promised!r}"]
    if promised is None or given is None or _kind(promised) == _kind(given):
        return []
    return [f"{place}: {given!r} is not like {promised!r}"]


def _kind(value: Any) -> str:
    return "number" if type(value) in (int, float) else type(value).__name__
