"""What a release was made from, walked to the roots, and the licences that do not go together on the way."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
from tests.fakes.lineages import front, release, said

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.openness import Lineage, LineageNode
from qistas.evaluations.openness.lineage import lineage
from qistas.evaluations.openness.lineage_licences import known_facts
from qistas.evaluations.openness.lineage_rules import lineage_rules
from qistas.evaluations.openness.release_names import identifier_of, published_name


def conflicts(made: Lineage) -> list[tuple[str, tuple[str, ...]]]:
    return [(conflict.kind, conflict.path) for conflict in made.conflicts]


NC = front("license: cc-by-nc-4.0")
APACHE = "license: apache-2.0"


def chain(*members: tuple[str, str], renamed: Mapping[str, str] | None = None) -> Lineage:
    """The lineage of the first of these releases, the others given as parents."""
    first, *others = [(name, release(f"hf:{name}", card)) for name, card in members]
    return lineage(first[1], dict(others), renamed)


def test_a_chain_is_walked_to_its_root_and_only_what_was_looked_for_in_vain_is_missing() -> None:
    first, *others = [
        (name, release(f"hf:{name}", card))
        for name, card in (
            ("a/child", front(APACHE, "base_model: B/Middle")),
            ("b/middle", front("base_model: c/root", "datasets: [d/set, d/other]")),
            ("c/root", "# Root\n"),
        )
    ]
    made = lineage(first[1], dict(others), sought=["D/Set"])
    assert [(node.id, node.status) for node in made.nodes] == [
        ("a/child", "here"),
        ("b/middle", "read"),
        ("c/root", "read"),
        ("d/set", "missing"),
        ("d/other", "named"),
    ]
    assert made.conflicts == ()


def test_non_commercial_dropped_two_steps_below_is_found_with_both_clauses() -> None:
    made = chain(
        ("a/child", front(APACHE, "base_model: b/middle")),
        ("b/middle", front("base_model: c/root")),
        ("c/root", NC),
    )
    (conflict,) = made.conflicts
    assert (conflict.kind, conflict.path) == ("non_commercial_dropped", ("a/child", "b/middle", "c/root"))
    assert conflict.reason.en == (
        "c/root does not allow commercial use (CC-BY-NC-4.0); a/child, made from it, is given under Apache-2.0, which allows it."
    )
    assert "a/child" in conflict.reason.ar
    assert [quote.file for quote in conflict.clauses] == ["licence text of CC-BY-NC-4.0", "README.md"]
    assert "NonCommercial" in conflict.clauses[0].quote
    assert conflict.clauses[1].quote == APACHE
    assert [edge.evidence[0].origin for edge in made.edges] == [None, "b/middle"]


def test_what_was_dropped_in_the_middle_is_shown_with_the_whole_way() -> None:
    made = chain(
        ("a/child", front("license: cc-by-nc-4.0", "base_model: b/middle")),
        ("b/middle", front(APACHE, "base_model: c/root")),
        ("c/root", NC),
    )
    assert conflicts(made) == [("non_commercial_dropped", ("a/child", "b/middle", "c/root"))]
    assert "b/middle" in made.conflicts[0].reason.en


def test_a_duty_that_was_handed_down_is_told_once_from_its_root() -> None:
    made = chain(
        ("a/child", front(APACHE, "base_model: b/middle")),
        ("b/middle", front("license: cc-by-nc-4.0", "base_model: c/root")),
        ("c/root", NC),
    )
    assert conflicts(made) == [("non_commercial_dropped", ("a/child", "b/middle", "c/root"))]


@pytest.mark.parametrize(
    "licence", ["license: other", "license: cc-by-nc-4.0", "language: en", "license: openrail"]
)
def test_a_licence_that_keeps_it_or_is_not_known_makes_no_conflict(licence: str) -> None:
    made = chain(("a/child", front(licence, "base_model: c/root")), ("c/root", NC))
    assert made.conflicts == ()


@pytest.mark.parametrize(
    ("child", "parent", "kinds"),
    [
        (APACHE, "license: cc-by-sa-4.0", ["share_alike_dropped"]),
        ("license: cc-by-sa-4.0", "license: cc-by-sa-4.0", []),
        ("license: cc-by-sa-4.0", "license: cc-by-sa-3.0", []),
        ("license: gpl-3.0", "license: cc-by-sa-4.0", []),
        ("license: agpl-3.0", "license: gpl-3.0", []),
        ("license: cc-by-4.0", "license: cc-by-nc-sa-4.0", ["non_commercial_dropped", "share_alike_dropped"]),
        (APACHE, "license: cc-by-nd-4.0", ["derivatives_forbidden"]),
        (APACHE, "license: bigscience-openrail-m", ["use_limits_dropped"]),
        ("license: bigcode-openrail-m", "license: bigscience-openrail-m", []),
        (APACHE, "license: llama2", ["use_policy_dropped"]),
        ("license: llama2", "license: llama2", []),
        (APACHE, "license: mit", []),
    ],
)
def test_duties_of_a_parent_known_by_name_are_weighed_against_the_childs_licence(
    child: str, parent: str, kinds: list[str]
) -> None:
    made = chain(("a/child", front(child, "base_model: c/root")), ("c/root", front(parent)))
    assert [conflict.kind for conflict in made.conflicts] == kinds


def test_a_name_that_does_not_begin_as_the_licence_asks_is_a_conflict() -> None:
    root = ("c/root", front("license: llama3.1"))
    lines = ("license: llama3.1", "base_model: c/root")
    made = chain(("a/Finch-8B", front(*lines)), root)
    assert conflicts(made) == [("naming_dropped", ("a/Finch-8B", "c/root"))]
    assert made.conflicts[0].reason.en == (
        "The name of a model made with c/root has to begin with “Llama” (LicenseRef-scancode-llama-3.1-license-2024); "
        "Finch-8B does not."
    )
    assert "Llama" in made.conflicts[0].clauses[0].quote
    assert chain(("a/Llama-Finch-8B", front(*lines)), root).conflicts == ()
    titled = release("some/folder/x", front(*lines).replace("# Title", "# Model Card for Llama Finch"))
    assert lineage(titled, {"c/root": release("hf:c/root", root[1])}).conflicts == ()
    indexed = front(*lines, "model-index:", "- name: Finch")
    (conflict,) = lineage(release("x", indexed), {"c/root": release("hf:c/root", root[1])}).conflicts
    assert conflict.clauses[1].quote == "Finch"


def test_learning_from_outputs_where_that_is_forbidden_is_a_conflict() -> None:
    card = front("license: mit") + "\nThe model was distilled from co/root-70b.\n"
    made = chain(("a/child", card), ("co/root-70b", front("license: llama2")))
    (conflict,) = made.conflicts
    assert (conflict.kind, conflict.path) == ("outputs_used", ("a/child", "co/root-70b"))
    assert conflict.clauses[1].quote == "The model was distilled from co/root-70b."


def test_data_with_duties_are_weighed_and_the_doubt_is_said() -> None:
    child = front(APACHE, "datasets: [d/nc, d/sa]")
    made = chain(
        ("a/child", child),
        ("datasets/d/nc", front("license: cc-by-nc-4.0", "dataset_info: {}")),
        (
            "d/sa",
            front("license: cc-by-sa-4.0", "task_categories: [x]", "source_datasets: [original, e/older]"),
        ),
    )
    assert conflicts(made) == [
        ("non_commercial_data", ("a/child", "datasets/d/nc")),
        ("share_alike_data", ("a/child", "d/sa")),
    ]
    assert "disputed" in made.conflicts[0].reason.en
    assert ("d/sa", "derived", "e/older") in said(made)


def test_the_clause_of_a_licence_text_is_quoted_from_the_text() -> None:
    clause = "The model may be used solely for non-commercial research purposes."
    root = release("hf:c/root", "# Root\n", LICENSE=f"MODEL LICENCE\n\nThe weights are given. {clause}\n")
    child = release("hf:a/child", front(APACHE, "base_model: c/root"))
    (conflict,) = lineage(child, {"c/root": root}).conflicts
    assert [quote.origin for quote in conflict.clauses] == ["c/root", None]
    assert conflict.kind == "non_commercial_dropped"
    assert (conflict.clauses[0].file, conflict.clauses[0].line, conflict.clauses[0].quote) == (
        "LICENSE",
        3,
        clause,
    )


def test_a_child_under_a_text_that_is_not_known_makes_no_conflict() -> None:
    child = release("hf:a/child", front("base_model: c/root"), LICENSE="You may do as you like. " * 30)
    assert lineage(child, {"c/root": release("hf:c/root", NC)}).conflicts == ()


def test_cycles_are_shown_once_and_do_not_hang() -> None:
    made = chain(
        ("a/child", front("base_model: b/middle")),
        ("b/middle", front("base_model: c/root")),
        ("c/root", front("base_model: [a/child, c/root]")),
    )
    assert made.cycles == (("a/child", "b/middle", "c/root", "a/child"), ("c/root", "c/root"))


def test_two_ways_to_one_root_are_no_cycle() -> None:
    made = chain(
        ("a/child", front("base_model: [b/one, b/two]")),
        ("b/one", front("base_model: c/root")),
        ("b/two", front("base_model: c/root")),
        ("c/root", "# Root\n"),
    )
    assert (made.cycles, len(made.edges)) == ((), 4)


def test_a_renamed_repository_is_followed_to_its_new_name() -> None:
    made = chain(
        ("a/child", front(APACHE, "base_model: old/name")),
        ("c/root", NC),
        renamed={"Old/Name": "older/still", "older/still": "c/root", "c/root": "old/name"},
    )
    assert [(node.id, node.status, node.renamed_to) for node in made.nodes[1:]] == [
        ("old/name", "renamed", "older/still"),
        ("older/still", "renamed", "c/root"),
        ("c/root", "read", None),
    ]
    assert said(made) == [("a/child", "finetune", "c/root")]
    assert [conflict.kind for conflict in made.conflicts] == ["non_commercial_dropped"]


def test_a_release_that_came_under_another_name_was_renamed() -> None:
    root = release("hf:new/name", NC)
    made = lineage(release("hf:a/child", front("base_model: old/name")), {"old/name": root, "new/name": root})
    assert [(node.id, node.status) for node in made.nodes[1:]] == [
        ("old/name", "renamed"),
        ("new/name", "read"),
    ]


def test_a_bare_name_finds_the_only_parent_that_bears_it() -> None:
    made = lineage(
        release("hf:a/child", "The model is based on `root-7b`."), {"c/Root-7b": release("hf:c/Root-7b", NC)}
    )
    assert said(made) == [("a/child", "derived", "c/Root-7b")]


def test_a_wide_and_deep_family_is_walked_within_bounds() -> None:
    parents = {
        f"x/m{i}": release(f"hf:x/m{i}", front(f"base_model: [x/m{i + 1}, x/n{i}]")) for i in range(60)
    }
    made = lineage(release("hf:x/start", front("base_model: x/m0")), parents)
    assert len(made.nodes) == 80
    many = release("hf:x/start", front("base_model:", *(f"- y/m{i}" for i in range(900))))
    assert len(lineage(many).edges) == 200


@pytest.mark.parametrize(
    ("source", "identifier"),
    [
        ("hf:org/name@abc", "org/name"),
        ("https://huggingface.co/org/name", "org/name"),
        ("~/models/org--name", "org/name"),
        ("/c/models--org--name", "org/name"),
        ("org/name", "org/name"),
        ("/some/where/name/", "name"),
        ("sanja", "sanja"),
    ],
)
def test_a_release_is_known_by_its_repository_or_its_folder(source: str, identifier: str) -> None:
    assert identifier_of(release(source)) == identifier


def test_the_name_of_a_folder_is_no_published_name() -> None:
    assert published_name(release("/some/where/checkpoint-5")) == (None, None)
    assert published_name(release("hf:org/name")) == ("name", None)


def test_the_folder_itself_may_be_its_parents_parent() -> None:
    made = lineage(
        release("/some/child", front("base_model: b/middle")),
        {"b/middle": release("hf:b/middle", front("base_model: a/child"))},
    )
    assert made.cycles == (("b/middle", "child", "b/middle"),)


def test_a_data_set_is_no_model() -> None:
    made = lineage(release("hf:d/set", front("license: cc-by-4.0", "dataset_info: {}")))
    assert made.nodes == (LineageNode(id="d/set", kind="dataset", status="here", licence="CC-BY-4.0"),)


def test_a_familys_name_has_the_facts_that_all_its_licences_have() -> None:
    made = chain(("a/child", front(APACHE, "base_model: c/root")), ("c/root", front("license: gemma")))
    assert [conflict.kind for conflict in made.conflicts] == ["use_limits_dropped"]


def test_no_rule_names_what_it_should_not_and_every_fact_is_one_of_the_clause_rules() -> None:
    from qistas.evaluations.openness.clauses import book

    facts = {fact.id for fact in book().facts}
    rules = lineage_rules()
    asked = {fact for rule in rules.conflicts for fact in (*rule.parent, *rule.kept_by, *rule.unless_parent)}
    assert asked | {rule.fact for rule in rules.by_id} <= facts
    assert {fact.fact for licence in known_facts().values() for fact in licence.facts} <= asked


def _tool(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("gather", root / "tools/gather_lineage_facts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_facts_known_by_name_are_what_the_clause_rules_find_in_the_texts(
    repo_root: Path, test_data: Path
) -> None:
    texts = test_data / "openness"
    if not texts.is_dir():
        pytest.skip(f"no licence texts at {texts}")
    tool = _tool(repo_root)
    kept = json.loads(tool.TARGET.read_text(encoding="utf-8"))["licences"]
    by_digest = {entry["digest"]: entry for entry in kept.values()}
    given = [json.loads(path.read_text())["text"] for path in (texts / "licence_texts").glob("*.json")]
    given += [path.read_text(errors="replace") for path in (texts / "releases").glob("**/LICENSE*")]
    made = {
        digest: tool.entry_of(text) for text in given if (digest := digest_bytes(text.encode())) in by_digest
    }
    assert made == by_digest
