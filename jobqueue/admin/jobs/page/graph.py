"""A small picture of a job's family: layers from left to right, what comes first at the left."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from jobqueue.admin.jobs.page.family import Edge, Family
from jobqueue.admin.jobs.relation import Relation
from jobqueue.models import Job

type Node = UUID | Relation | str
"""A job, the rest of a kind, or the schedule."""

SCHEDULE = "schedule"
WIDTH, HEIGHT = 168, 40
_GAP_X, _GAP_Y = 52, 10
_BEHIND = {Relation.DEPENDS_ON: -1, Relation.DEPENDENT: 1, Relation.CHILD: 1}
_KIND_ORDER = list(Relation)


@dataclass(frozen=True, kw_only=True)
class Box:
    """One node where it is drawn."""

    x: int
    y: int
    node: Node
    job: Job | None = None
    more: str = ""
    """How many this stands for, if it is the rest of a kind."""
    url: str = ""
    """Of the list of those."""
    is_self: bool = False

    @property
    def text_x(self) -> int:
        """Where its lines begin."""
        return self.x + 10

    @property
    def first_line(self) -> int:
        """The foot of the first of two lines."""
        return self.y + 17

    @property
    def second_line(self) -> int:
        """The foot of the second of two lines."""
        return self.y + 32

    @property
    def only_line(self) -> int:
        """The foot of a line that is alone."""
        return self.y + 25


@dataclass(frozen=True, kw_only=True)
class Line:
    """One edge where it is drawn."""

    path: str
    css: str


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The picture."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    box_width: int = WIDTH
    box_height: int = HEIGHT


def graph(family: Family, *, has_schedule: bool = False) -> Graph:
    """The picture of the family; its size depends on the number of shown nodes alone."""
    layers = _layers(family.jobs, family.edges)
    me = next(iter(family.jobs))
    nodes: dict[Node, int] = {}
    nodes.update(layers.items())
    for kind, offset in _BEHIND.items():
        if family.more(kind):
            nodes[kind] = layers[me] + offset
    if has_schedule:
        nodes[SCHEDULE] = layers[me] - 1
    columns = _columns(nodes, lambda node: _order(family, node))
    tallest = max(map(len, columns))
    places = {
        node: (x * (WIDTH + _GAP_X), y * (HEIGHT + _GAP_Y) + (tallest - len(column)) * (HEIGHT + _GAP_Y) // 2)
        for x, column in enumerate(columns)
        for y, node in enumerate(column)
    }
    return Graph(
        width=len(columns) * (WIDTH + _GAP_X) - _GAP_X + 2,
        height=tallest * (HEIGHT + _GAP_Y) - _GAP_Y + 2,
        boxes=[_box(family, me, node, place) for node, place in places.items()],
        lines=_lines(family, me, places),
    )


def _layers(jobs: Iterable[UUID], edges: Iterable[Edge]) -> dict[UUID, int]:
    """Each job's layer: one behind the last of those that come before it; who has none stands close to what follows."""
    layers = dict.fromkeys(jobs, 0)
    known = list(edges)
    for _ in layers:  # no more rounds than the longest path has steps, also if somebody made a circle
        late = [edge for edge in known if layers[edge.end] <= layers[edge.start]]
        for edge in late:
            layers[edge.end] = layers[edge.start] + 1
        if not late:
            break
    entered = {edge.end for edge in known}
    for id_ in layers.keys() - entered:
        after = [layers[edge.end] for edge in known if edge.start == id_]
        layers[id_] = min(after) - 1 if after else layers[id_]
    return layers


def _columns(nodes: Mapping[Node, int], order: Callable[[Node], tuple[int, str]]) -> list[list[Node]]:
    used = sorted(set(nodes.values()))
    return [sorted((node for node, layer in nodes.items() if layer == at), key=order) for at in used]


def _order(family: Family, node: Node) -> tuple[int, str]:
    if isinstance(node, UUID):
        return _KIND_ORDER.index(family.kinds[node]), str(node)
    return len(_KIND_ORDER), str(node)


def _box(family: Family, me: UUID, node: Node, place: tuple[int, int]) -> Box:
    x, y = place
    if isinstance(node, UUID):
        return Box(x=x + 1, y=y + 1, node=node, job=family.jobs[node], is_self=node == me)
    if not isinstance(node, Relation):
        return Box(x=x + 1, y=y + 1, node=node)
    return Box(x=x + 1, y=y + 1, node=node, more=family.more(node), url=family.url(node))


def _lines(family: Family, me: UUID, places: Mapping[Node, tuple[int, int]]) -> list[Line]:
    lines = [Line(path=_path(places[edge.start], places[edge.end]), css=_css(edge)) for edge in family.edges]
    for node in places:
        if node == SCHEDULE:
            lines.append(Line(path=_path(places[node], places[me]), css="jq-edge-made"))
        elif isinstance(node, Relation):
            ends = (places[node], places[me]) if _BEHIND[node] < 0 else (places[me], places[node])
            lines.append(Line(path=_path(*ends), css="jq-edge-made" if node == Relation.CHILD else "jq-edge-met"))
    return lines


def _css(edge: Edge) -> str:
    if edge.is_made:
        return "jq-edge-made"
    return "jq-edge-met" if edge.is_met else "jq-edge-unmet"


def _path(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + WIDTH + 1, start[1] + HEIGHT // 2 + 1
    x2, y2 = end[0] + 1, end[1] + HEIGHT // 2 + 1
    half = (x2 - x1) // 2
    return f"M{x1} {y1}C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
