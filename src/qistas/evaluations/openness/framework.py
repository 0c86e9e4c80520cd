"""A release, looked at as the Model Openness Framework does: 17 components, classes I to III."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qistas.contracts.documents import Text
from qistas.contracts.openness import Component, Judgement, MofProjection
from qistas.evaluations.openness.conditions import distinct
from qistas.evaluations.openness.framework_evidence import PRESENT, components_shown, filled
from qistas.evaluations.openness.framework_licence import licensed
from qistas.evaluations.openness.framework_rules import (
    CLASSES,
    Class,
    Classification,
    FrameworkComponent,
    count,
    framework,
    suits,
)
from qistas.evaluations.openness.licence_statements import Statement, stated_licences
from qistas.evaluations.openness.record import ReleaseRecord

_NEXT: dict[int, Class] = {0: 3, 3: 2, 2: 1}


def mof(record: ReleaseRecord) -> MofProjection:
    """The class of a release, and what of each component it shows, under which licence.

    What cannot be told does not count, so that the class is the least that the release shows.
    """
    shown, stated = components_shown(record), stated_licences(record)
    components = {
        component.id: _component(component, shown[component.id], record, stated)
        for component in framework().components
    }
    made = count({name for name, component in components.items() if component.counts})
    return MofProjection(
        class_=made.class_,
        progress={str(grade): round(made.progress[grade]) for grade in sorted(CLASSES)},
        components=components,
        reasons=_reasons(made, components),
    )


def _component(
    component: FrameworkComponent, shown: Judgement, record: ReleaseRecord, stated: Sequence[Statement]
) -> Component:
    present = PRESENT.get(shown.value)
    held = licensed(component, shown, record, stated) if present else None
    counts = held is not None and held.open is True
    fits = suits(str(held.licence), component.type) if held is not None and counts else None
    said = [shown.reason, *([held.reason] if held is not None else [])]
    if held is not None and fits is False:
        said.append(filled("unsuited", licence=str(held.licence)))
    return Component(
        id=component.id,
        number=component.number,
        title=component.title,
        type=component.type,
        framework_class=component.framework_class,
        required=component.required,
        present=present,
        licence=held.licence if held is not None else None,
        open=held.open if held is not None else None,
        type_appropriate=fits,
        counts=counts,
        reason=_joined(said),
        evidence=distinct((*shown.evidence[:3], *(held.evidence if held is not None else ()))),
        rule=shown.rule,
    )


def _reasons(made: Classification, components: Mapping[str, Component]) -> tuple[Text, ...]:
    """What the next class still needs, and what stands for what."""
    reasons = []
    above = _NEXT.get(made.class_)
    for name in made.missing[above] if above is not None else ():
        component = components[name]
        en = filled(f"needed_{above}", title=component.title.en, why=component.reason.en).en
        reasons.append(
            Text(en, filled(f"needed_{above}", title=component.title.ar, why=component.reason.ar).ar)
        )
    for name, other in made.stands_in.items():
        missing, found = components[name].title, components[other].title
        en = filled("stands_in", title=missing.en, other=found.en).en
        reasons.append(Text(en, filled("stands_in", title=missing.ar, other=found.ar).ar))
    return tuple(reasons)


def _joined(texts: Sequence[Text]) -> Text:
    return Text(" ".join(text.en for text in texts), " ".join(text.ar for text in texts))
