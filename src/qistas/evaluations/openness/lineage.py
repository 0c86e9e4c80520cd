"""What a release was made from, walked to the roots, and the stated licences that do not go together on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping

from qistas.contracts.openness import Lineage, LineageEdge, LineageNode, Quote
from qistas.evaluations.openness.conditions import distinct
from qistas.evaluations.openness.lineage_conflicts import Member, conflicts
from qistas.evaluations.openness.lineage_licences import NOTHING, all_facts, of_release, stand_of
from qistas.evaluations.openness.lineage_names import key_of, last_name
from qistas.evaluations.openness.lineage_rules import Kind
from qistas.evaluations.openness.lineage_sources import stated_parents
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.release_names import HUB_SOURCE, identifier_of, published_name

MOST_NODES = 400
MOST_STEPS = 40
MOST_CYCLES = 50


def lineage(
    record: ReleaseRecord,
    parents: Mapping[str, ReleaseRecord] | None = None,
    renamed: Mapping[str, str] | None = None,
    sought: Collection[str] = (),
) -> Lineage:
    """Everything that a release says it was made from, and what its parents say of theirs.

    ``parents``: records by repository (``org/name``; ``datasets/org/name`` where a data set bears a model's name), with their
    licences read (``ReleaseRecord(listing, read_licences(…))``). A parent that is not among them is ``named``: nobody looked for it;
    one that is ``sought`` was looked for where it would be published, and is ``missing``. ``renamed``: old name to new. At most ``MOST_NODES``
    releases and ``MOST_STEPS`` steps. A conflict is claimed only where both licences are known; whoever owns a work may grant
    what its licence does not.
    """
    return _Walk(record, parents or {}, renamed or {}, sought).walked()


class _Walk:
    def __init__(
        self,
        record: ReleaseRecord,
        parents: Mapping[str, ReleaseRecord],
        renamed: Mapping[str, str],
        sought: Collection[str],
    ) -> None:
        self._sought = frozenset(map(key_of, sought))
        self._here = identifier_of(record)
        self._record = record
        self._parents = {key_of(name): (name, parent) for name, parent in parents.items()}
        self._renamed = {key_of(old): new for old, new in renamed.items()} | dict(_moved(parents))
        self._nodes: dict[str, LineageNode] = {}
        self._members: dict[str, Member] = {}
        self._edges: dict[tuple[str, str, str], tuple[Quote, ...]] = {}

    def walked(self) -> Lineage:
        kind: Kind = "dataset" if self._is_data(self._record) else "model"
        self._add(self._here, kind, self._record, here=True)
        queue = deque([(self._here, self._record, 0)])
        while queue:
            child, record, steps = queue.popleft()
            for said in stated_parents(record, child):
                if len(self._nodes) >= MOST_NODES or steps >= MOST_STEPS:
                    break
                parent, found = self._found(said.parent, said.kind)
                if parent not in self._nodes:
                    self._add(parent, said.kind, found, name=said.parent)
                    if found is not None:
                        queue.append((parent, found, steps + 1))
                key = (child, parent, said.relation)
                quote = said.quote if child == self._here else of_release(said.quote, child)
                self._edges[key] = distinct((*self._edges.get(key, ()), quote))
        edges = tuple(
            LineageEdge(child=child, parent=parent, relation=relation, evidence=evidence)
            for (child, parent, relation), evidence in self._edges.items()
        )
        return Lineage(
            nodes=tuple(self._nodes.values()),
            edges=edges,
            conflicts=conflicts(self._members, edges, self._here),
            cycles=tuple(_cycles(edges)),
        )

    @staticmethod
    def _is_data(record: ReleaseRecord) -> bool:
        page = next((page for path, page in record.pages.items() if path.lower() == "readme.md"), None)
        return page is not None and "dataset_info" in page.fields

    def _found(self, name: str, kind: Kind) -> tuple[str, ReleaseRecord | None]:
        """The identifier that a name leads to, behind its renamings (which are noted), and the release, if it was given."""
        seen = {key_of(name)}
        while (new := self._renamed.get(key_of(name))) is not None and key_of(new) not in seen:
            self._nodes.setdefault(name, LineageNode(id=name, kind=kind, status="renamed", renamed_to=new))
            name = new
            seen.add(key_of(new))
        if key_of(name) == key_of(self._here) or (
            "/" not in self._here and last_name(name) == key_of(self._here)
        ):
            return self._here, self._record
        keys = [f"datasets/{key_of(name)}", key_of(name)] if kind == "dataset" else [key_of(name)]
        if "/" not in name:
            alike = [key for key in self._parents if last_name(key) == key_of(name)]
            keys += alike if len(alike) == 1 else []
        for key in keys:
            if key in self._parents:
                given, record = self._parents[key]
                return given, record
        return next((node for node in self._nodes if key_of(node) == key_of(name)), name), None

    def _add(
        self, identifier: str, kind: Kind, record: ReleaseRecord | None, *, here: bool = False, name: str = ""
    ) -> None:
        if record is None:
            status = "missing" if key_of(identifier) in self._sought else "named"
            self._nodes[identifier] = LineageNode(id=identifier, kind=kind, status=status)  # type: ignore[arg-type]
            self._members[identifier] = Member(identifier, kind, None, NOTHING, frozenset())
            return
        stand = stand_of(record, kind) if here else stand_of(record, kind).of_release(identifier)
        status = "here" if here else "read"
        self._nodes[identifier] = LineageNode(id=identifier, kind=kind, status=status, licence=stand.shown)  # type: ignore[arg-type]
        published, said = published_name(record) if here else (identifier.rpartition("/")[2], None)
        self._members[identifier] = Member(identifier, kind, published, stand, all_facts(record), said)


def _moved(parents: Mapping[str, ReleaseRecord]) -> Iterator[tuple[str, str]]:
    """Releases that were asked for by one name and came by another, which is given as well."""
    keys = {key_of(name) for name in parents}
    for name, record in parents.items():
        source = HUB_SOURCE.match(record.listing.source)
        if source and key_of(source[1]) != key_of(name) and key_of(source[1]) in keys:
            yield key_of(name), source[1]


def _cycles(edges: tuple[LineageEdge, ...]) -> Iterator[tuple[str, ...]]:
    """Ways that come back to where they began, each once, from the member that is first by name."""
    above: dict[str, list[str]] = {}
    for edge in edges:
        above.setdefault(edge.child, []).append(edge.parent)
    seen: set[tuple[str, ...]] = set()
    done: set[str] = set()
    for start, parents in above.items():
        way = [start]
        left = [list(parents)]
        while way and len(seen) < MOST_CYCLES:
            if not left[-1]:
                done.add(way.pop())
                left.pop()
                continue
            parent = left[-1].pop(0)
            if parent in way:
                cycle = _turned(way[way.index(parent) :])
                if cycle not in seen:
                    seen.add(cycle)
                    yield (*cycle, cycle[0])
            elif parent not in done:
                way.append(parent)
                left.append(list(above.get(parent, ())))


def _turned(cycle: list[str]) -> tuple[str, ...]:
    first = cycle.index(min(cycle))
    return (*cycle[first:], *cycle[:first])
