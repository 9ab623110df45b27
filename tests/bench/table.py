"""The table that `make bench` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure, and what it could be at best."""

    name: str
    figure: float
    unit: str
    ceiling_name: str = ""
    ceiling: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The share of the ceiling that is reached (of a time: how many times the floor)."""
        return self.figure / self.ceiling if self.ceiling else None


def head() -> None:
    """Print the headings."""
    print(f"{'what':<44}{'figure':>12}  {'unit':<8}{'ratio':>7}  {'of':<34}{'ceiling':>10}  note")
    print("-" * 132)


def show(row: Row) -> None:
    """Print one line."""
    ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
    ceiling = f"{row.ceiling:,.1f}" if row.ceiling is not None else ""
    print(
        f"{row.name:<44}{row.figure:>12,.1f}  {row.unit:<8}{ratio:>7}  {row.ceiling_name:<34}{ceiling:>10}  {row.note}",
        flush=True,
    )
