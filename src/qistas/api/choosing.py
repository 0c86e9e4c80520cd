"""The card of the one evaluation that a user runs: a published one, maybe with parameters chosen, or one of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import BadInput, Fault
from qistas.engine.plan import RunSettings
from qistas.targets.refs import without_home

if TYPE_CHECKING:
    from qistas.wiring import ModelOptions

Asked = tuple[EvaluationCard, "ModelOptions", RunSettings]


def evaluation_asked(evaluation: str | Path, options: ModelOptions, settings: RunSettings) -> Asked:
    """(the card, the options that say where it and its data lie, the settings that record what the user chose).

    Raises:
        BadInput: parameters were chosen that no user may choose, or for another evaluation, or beside a file.
    """
    from qistas.evaluations.cards import card_names, load_card
    from qistas.evaluations.chosen import choices_of, with_chosen

    given = settings.chosen.get(str(evaluation), {})
    strangers = sorted(settings.chosen.keys() - {str(evaluation)})
    if strangers:
        what = f"parameters are chosen for {', '.join(strangers)}, and {evaluation} is to be run"
        raise BadInput(Fault(what, next_step="choose them for the evaluation that is run"))
    names = card_names()
    if str(evaluation) in names:
        published = load_card(evaluation)
        card = with_chosen(published, given)
    else:
        if given:
            what = f"{', '.join(given)}: a card of your own holds its parameters itself"
            raise BadInput(Fault(what, str(evaluation), "set them in the file, and leave out --param"))
        card, options = _own_card(evaluation, options)
        settings = msgspec.structs.replace(settings, places={card.id: without_home(str(evaluation))})
        published = load_card(card.id) if card.kind == "code" and card.id in names else card
    chosen = choices_of(card, published)
    return card, options, msgspec.structs.replace(settings, chosen={card.id: chosen} if chosen else {})


def need_roles(card: EvaluationCard, options: ModelOptions) -> None:
    """The models that an evaluation needs beside the one that is weighed must be named.

    Raises:
        BadInput: with every one that is not.
    """
    from qistas.engine.judging import asks_a_model
    from qistas.wiring import judge_names, judges_for

    needed = set(card.needs)
    judges = judges_for(judge_names([card]), msgspec.structs.replace(options, judge_prompts={}))
    if any(asks_a_model(judge) for judge in judges.values()):
        needed.add("judge-target")
    roles = (
        ("attacker", "an attacking model", options.attacker),
        ("judge-target", "a judging model", options.judge_target),
    )
    faults = [
        Fault(f"{card.id} needs {what}", next_step=f"name it with --{role} MODEL")
        for role, what, given in roles
        if role in needed and given is None
    ]
    if faults:
        raise BadInput(*faults)


def refuse_chosen(settings: RunSettings) -> None:
    """A standard says itself how its evaluations are run: raises ``BadInput`` where a user chose otherwise."""
    if settings.chosen:
        what = f"a standard is weighed with its evaluations as published, not with parameters chosen for {', '.join(settings.chosen)}"
        raise BadInput(Fault(what, next_step="qistas run EVALUATION MODEL --param NAME=VALUE"))


def refuse_namesake(card: EvaluationCard, published: EvaluationCard | None) -> None:
    """A standard means the evaluation that is published: raises ``BadInput`` for another card under its name."""
    from qistas.evaluations.chosen import differing

    if published is not None and card != published:
        what = f"the card differs from the published {card.id} in {', '.join(differing(card, published))}"
        step = "give it an id of its own, or run it without --standard"
        raise BadInput(Fault(what, next_step=step))


def _own_card(evaluation: str | Path, options: ModelOptions) -> tuple[EvaluationCard, ModelOptions]:
    """The card in a file of the user's own, or of the task of lm-eval there; and the options that say where it lies."""
    from qistas.evaluations.cards import card_path, load_card
    from qistas.evaluations.lm_eval.reading import is_task
    from qistas.evaluations.lm_eval.task import load_task

    path = card_path(evaluation)
    if is_task(path):
        task = load_task(path, trust_remote_code=options.trust_remote_code)
        return task.card, msgspec.structs.replace(options, task=task)
    return load_card(path), msgspec.structs.replace(options, card_folder=path.parent)
