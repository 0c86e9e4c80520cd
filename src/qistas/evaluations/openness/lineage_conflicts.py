"""Stated licences that do not go together, on the way from a parent to what was made from it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from qistas.contracts.documents import Text
from qistas.contracts.openness import LineageConflict, LineageEdge, Quote
from qistas.evaluations.openness.lineage_licences import Duty, Stand
from qistas.evaluations.openness.lineage_rules import ConflictRule, Kind, lineage_rules

MOST_CONFLICTS = 200


class Member(NamedTuple):
    """One release on the way, as far as it was read. ``name``: as it is published, ``None`` where that is not known.

    ``facts``: all that any of its licences and policies says.
    """

    id: str
    kind: Kind
    name: str | None
    stand: Stand
    facts: frozenset[str]
    name_said: Quote | None = None


class _Drop(NamedTuple):
    rule: ConflictRule
    duty: Duty
    way: tuple[str, ...]  # from the parent to the one that drops it
    clauses: tuple[Quote, ...]


def conflicts(
    members: Mapping[str, Member], edges: Iterable[LineageEdge], here: str
) -> tuple[LineageConflict, ...]:
    """Every conflict between the members, in the order of the rules; ``path`` is the way from ``here`` to the parent."""
    below: dict[str, list[LineageEdge]] = {}
    above: dict[str, list[str]] = {}
    for edge in edges:
        below.setdefault(edge.parent, []).append(edge)
        above.setdefault(edge.child, []).append(edge.parent)
    ways = _ways(above, here)
    made = []
    for rule in lineage_rules().conflicts:
        drops = [drop for parent in members.values() for drop in _drops(rule, parent, members, below)]
        made += [_conflict(drop, members, ways) for drop in _outermost(drops)]
    return tuple(made[:MOST_CONFLICTS])


def _ways(above: Mapping[str, list[str]], here: str) -> dict[str, tuple[str, ...]]:
    """A shortest way from ``here`` to every member."""
    ways: dict[str, tuple[str, ...]] = {here: (here,)}
    queue = deque([here])
    while queue:
        at = queue.popleft()
        for parent in above.get(at, ()):
            if parent not in ways:
                ways[parent] = (*ways[at], parent)
                queue.append(parent)
    return ways


def _drops(
    rule: ConflictRule, parent: Member, members: Mapping[str, Member], below: Mapping[str, list[LineageEdge]]
) -> Iterator[_Drop]:
    for duty in _duties(rule, parent):
        seen = {parent.id}
        queue: deque[tuple[str, tuple[str, ...]]] = deque([(parent.id, (parent.id,))])
        while queue:
            at, way = queue.popleft()
            for edge in below.get(at, ()):
                wanted = rule.relations if at == parent.id else lineage_rules().onward
                if edge.child in seen or edge.relation not in wanted:
                    continue
                seen.add(edge.child)
                child = members.get(edge.child)
                clauses = _dropped(rule, duty, child, edge) if child is not None else None
                if clauses is not None:
                    yield _Drop(rule, duty, (*way, edge.child), clauses)
                elif not rule.direct:
                    queue.append((edge.child, (*way, edge.child)))


def _duties(rule: ConflictRule, parent: Member) -> list[Duty]:
    """The first duty of each value; of several facts that make the same duty, the first."""
    if parent.kind != rule.of or parent.facts.intersection(rule.unless_parent):
        return []
    duties = [duty for fact in rule.parent for duty in parent.stand.duties if duty.fact == fact]
    if rule.values:
        duties = [duty for duty in duties if duty.value in rule.values]
    if rule.child == "other_name":
        return list({str(duty.value).lower(): duty for duty in reversed(duties)}.values())
    return duties[:1]


def _dropped(rule: ConflictRule, duty: Duty, child: Member, edge: LineageEdge) -> tuple[Quote, ...] | None:
    """The clause and what stands against it; ``None`` where the child keeps it or that cannot be told."""
    if rule.child == "any":
        against = edge.evidence[:1]
    elif rule.child == "other_name":
        if child.name is None or child.name.lower().startswith(str(duty.value).lower()):
            return None
        against = (
            (child.name_said,)
            if child.name_said
            else (child.stand.said,)
            if child.stand.said
            else edge.evidence[:1]
        )
    else:
        if not child.stand.known or child.stand.said is None:
            return None
        kept = (
            child.facts.intersection(rule.kept_by or rule.parent)
            if rule.child == "lacks"
            else _same(duty, child)
        )
        if kept:
            return None
        against = (child.stand.said,)
    return (duty.quote, *against)


def _same(duty: Duty, child: Member) -> bool:
    """Whether one of the child's licences is the parent's, or one that it may go over to."""
    return any(
        identifier == duty.licence
        or any(re.search(of, duty.licence) and re.search(to, identifier) for of, to in lineage_rules().same)
        for identifier in child.stand.ids
    )


def _outermost(drops: list[_Drop]) -> list[_Drop]:
    """One for each child and duty: where a duty was handed down, the way begins at the root that has it."""
    return [
        drop
        for drop in drops
        if not any(
            other.way[-1] == drop.way[-1]
            and drop.way[0] in other.way[1:-1]
            and other.duty.value == drop.duty.value
            for other in drops
        )
    ]


def _conflict(
    drop: _Drop, members: Mapping[str, Member], ways: Mapping[str, tuple[str, ...]]
) -> LineageConflict:
    parent, child = members[drop.way[0]], members[drop.way[-1]]
    path = (*ways.get(child.id, (child.id,)), *reversed(drop.way[:-1]))
    given = {
        "parent": parent.id,
        "child": (child.name if drop.rule.child == "other_name" else None) or child.id,
        "value": drop.duty.value,
        "parent_licence": drop.duty.licence,
        "child_licence": child.stand.shown or "?",
    }
    reason = drop.rule.reason
    return LineageConflict(
        kind=drop.rule.id,
        path=path,
        reason=Text(_filled(reason.en, given), _filled(reason.ar, given)),
        clauses=drop.clauses,
    )


def _filled(text: str, given: Mapping[str, object]) -> str:
    # What stands in a release may hold braces: it is put in, never read as a form.
    return re.sub(r"\{(\w+)\}", lambda match: str(given.get(match[1], match[0])), text)
