"""What is wrong with the fields of a cron expression, in words."""

from dataclasses import dataclass
from datetime import datetime

from cronsim import CronSim, CronSimError


@dataclass(frozen=True, kw_only=True)
class _Field:
    name: str
    values: str
    least: int
    most: int
    """The largest number, also of a step: cron would take a larger one for once an hour, a day ..."""
    step: str
    examples: str


_FIELDS = (
    _Field(name="minute", values="0 to 59", least=0, most=59, step="*/15", examples="0, */15 or 0,30"),
    _Field(name="hour", values="0 to 23", least=0, most=23, step="*/4", examples="7, */4 or 9-17"),
    _Field(name="day", values="1 to 31 or L (the last)", least=1, most=31, step="*/2", examples="1, 1,15 or L"),
    _Field(name="month", values="1 to 12 or JAN to DEC", least=1, most=12, step="*/3", examples="6, */3 or JAN,JUL"),
    _Field(
        name="weekday",
        values="0 to 7 (0 and 7 are Sunday) or SUN to SAT",
        least=1,
        most=7,
        step="*/2",
        examples="0, 1-5 or SAT,SUN",
    ),
)
_SHOWN = 20


def problem_of(expression: str) -> str:
    """What is wrong with these five fields and what would be right; nothing if they can be read."""
    texts = expression.split()
    for position, (field, text) in enumerate(zip(_FIELDS, texts, strict=True)):
        for part in text.split(","):
            problem = _problem_of_part(position, field, part)
            if problem:
                shown = part if len(part) <= _SHOWN else f"{part[:_SHOWN]}…"
                return f"the {field.name} {shown!r} is not possible, expected {problem}"
    if _can_be_read(texts):
        return ""
    minute, hour, day, month, weekday = texts
    return (
        f"there is no day {day[:_SHOWN]} in month {month[:_SHOWN]}, expected a date that there is, "
        f"such as {minute[:_SHOWN]} {hour[:_SHOWN]} L {month[:_SHOWN]} {weekday[:_SHOWN]}, the last day"
    )


def _problem_of_part(position: int, field: _Field, part: str) -> str:
    term, slash, step = part.partition("/")
    if slash and not (step.isdecimal() and 1 <= int(step) <= field.most):
        return f"a step of 1 to {field.most}, such as {field.step}"
    if _can_be_read(["*"] * position + [part] + ["*"] * (4 - position)):
        return ""
    low, _, high = term.partition("-")
    if low.isdecimal() and high.isdecimal() and int(high) < int(low) <= field.most:
        rest = f",{field.least}-{int(high)}" if int(high) >= field.least else ""
        return f"a range from low to high: {int(low)}-{field.most}{rest}"
    return f"{field.values}, such as {field.examples}"


def _can_be_read(fields: list[str]) -> bool:
    try:
        CronSim(" ".join(fields), datetime(2000, 1, 1))  # noqa: DTZ001  a date like any other
    except CronSimError:
        return False
    return True
