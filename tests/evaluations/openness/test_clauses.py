"""What clauses say, in every licence that is at hand and in wordings that no licence here has."""

import json
import re
from pathlib import Path

import pytest

from qistas.contracts.openness import ClauseFact
from qistas.evaluations.openness.clauses import book, clauses_of, sentences_of
from qistas.evaluations.openness.record import Page

Values = dict[str, set[str | int | bool]]

RAIL = "field_of_use use_limits_pass_down remote_restriction distillates_are_derivatives"
LLAMA = "acceptable_use notice_duty litigation_termination gated_acceptance"
BUILT = (
    "threshold_mau=700000000 outputs_train_models=allowed_with_naming naming_duty=Llama display_duty=Built·with·Llama "
    + LLAMA
)
GEMMA = "acceptable_use field_of_use use_limits_pass_down notice_duty remote_restriction distillates_are_derivatives"
POLICY = "acceptable_use field_of_use"
# Read in the texts themselves, by hand. A blank inside a value is written "·".
EXPECTED = {
    "agpl-3.0": "share_alike",
    "apache-2.0": "",
    "bigcode-open-rail-m-v1": f"{RAIL} litigation_termination",
    "bigscience-open-rail-m": RAIL,
    "bigscience-open-rail-m2": RAIL,
    "bigscience-rail-1.0": RAIL,
    "bsd-new": "",
    "c-uda-1.0": "",
    "cc-by-4.0": "",
    "cc-by-nc-4.0": "non_commercial",
    "cc-by-nc-sa-4.0": "non_commercial share_alike",
    "cc-by-sa-4.0": "share_alike",
    "cc0-1.0": "",
    "cdla-permissive-1.0": "",
    "cdla-permissive-2.0": "",
    "cdla-sharing-1.0": "share_alike",
    "deepseek-la-1.0": RAIL,
    "exaone-ai-model-1.1-nc": "outputs_train_models=forbidden field_of_use non_commercial research_only naming_duty=EXAONE",
    "falcon-2-11b-1.0": "acceptable_use field_of_use use_limits_pass_down display_duty=given_statement",
    "flux-1-nc": "outputs_train_models=no_competing_models field_of_use use_limits_pass_down non_commercial notice_duty "
    "litigation_termination",
    "gemma-pup-2024-02-21": "field_of_use",
    "gemma-tou-2024-04-01": GEMMA,
    "gemma-tou-2025-03-24": GEMMA,
    "gpl-3.0": "share_alike",
    "hyperclova-x-seed-2025": "threshold_mau=10000000 outputs_train_models=allowed_with_naming acceptable_use field_of_use "
    "use_limits_pass_down naming_duty=HyperCLOVA·X display_duty=Powered·by·HyperCLOVA·X notice_duty litigation_termination "
    "distillates_are_derivatives",
    "llama-2-license-2023": f"threshold_mau=700000000 outputs_train_models=forbidden {LLAMA}",
    "llama-3.1-license-2024": BUILT,
    "llama-3.2-license-2024": BUILT,
    "llama-3.3-license-2024": BUILT,
    "llama-4-cla-2025": BUILT,
    "llama-4-license-2025": f"{POLICY} territory_exclusion=European·Union",
    "llama-license-2023": "field_of_use non_commercial research_only notice_duty gated_acceptance",
    "mit": "",
    "moonshot-ai-modified-mit-2025": "threshold_mau=100000000 threshold_revenue_usd=20000000 display_duty=Kimi·K2",
    "nvidia-open-model-2025-04-28": "outputs_train_models=display_notice acceptable_use display_duty=Built·on·NVIDIA·Cosmos notice_duty "
    "litigation_termination",
    "o-uda-1.0": "",
    "odbl-1.0": "share_alike",
    "openatom-model-1.0": "litigation_termination distillates_are_derivatives",
    "openmdw-1.0": "litigation_termination",
    "pddl-1.0": "",
    "qwen-2024": "threshold_mau=100000000 outputs_train_models=display_notice display_duty=Built·with·Qwen notice_duty "
    "litigation_termination gated_acceptance",
    "stability-ai-community-2024": "threshold_revenue_usd=1000000 outputs_train_models=no_foundational_models acceptable_use "
    "display_duty=Powered·by·Stability·AI notice_duty litigation_termination distillates_are_derivatives gated_acceptance",
    "stability-ai-nc-2023-12-06": "acceptable_use non_commercial notice_duty litigation_termination distillates_are_derivatives "
    "hosting_restricted",
    "stable-diffusion-2022-08-22": RAIL,
    "tencent-hunyuan-3d-2.0-cla": "threshold_mau=1000000 outputs_train_models=forbidden acceptable_use field_of_use use_limits_pass_down "
    "notice_duty territory_exclusion=European·Union territory_exclusion=United·Kingdom territory_exclusion=South·Korea "
    "litigation_termination distillates_are_derivatives gated_acceptance",
    "tongyi-qianwen-2023": "threshold_mau=100000000 outputs_train_models=forbidden notice_duty litigation_termination gated_acceptance",
}
RELEASED = {
    "dbrx/LICENSE": "threshold_mau=700000000 outputs_train_models=forbidden acceptable_use notice_duty remote_restriction litigation_termination",
    "kimi-k2.5/LICENSE": "threshold_mau=100000000 threshold_revenue_usd=20000000 display_duty=Kimi·K2.5",
    "llama-2/models/llama2/LICENSE": f"threshold_mau=700000000 outputs_train_models=forbidden {LLAMA}",
    "llama-2/models/llama2/USE_POLICY.md": POLICY,
    "llama-3/models/llama3/LICENSE": "threshold_mau=700000000 outputs_train_models=forbidden naming_duty=Llama·3 "
    f"display_duty=Built·with·Meta·Llama·3 field_of_use {LLAMA}",
    "llama-3/models/llama3/USE_POLICY.md": POLICY,
    "llama-3.1/models/llama3_1/LICENSE": BUILT,
    "llama-3.1/models/llama3_1/USE_POLICY.md": POLICY,
    "llama-3.2/models/llama3_2/LICENSE": BUILT,
    "llama-3.2/models/llama3_2/USE_POLICY.md": f"{POLICY} territory_exclusion=European·Union",
    "llama-3.3/models/llama3_3/LICENSE": BUILT,
    "llama-3.3/models/llama3_3/USE_POLICY.md": f"{POLICY} territory_exclusion=European·Union",
    "llama-4/models/llama4/LICENSE": BUILT,
    "llama-4/models/llama4/USE_POLICY.md": f"{POLICY} territory_exclusion=European·Union",
    "opt/projects/OPT/MODEL_LICENSE.md": "field_of_use non_commercial research_only notice_duty gated_acceptance",
    "stable-diffusion-v1/LICENSE": RAIL,
    "alpaca/DATA_LICENSE": "non_commercial",
    "gpt-oss/USAGE_POLICY": "",
    "gpt-neo/LICENSE": "",
    "gpt-neox-20b/LICENSE": "",
    "dbrx/NOTICE": "",
}


def values(clauses: tuple[ClauseFact, ...]) -> Values:
    found: Values = {}
    for clause in clauses:
        found.setdefault(clause.fact, set()).add(clause.value)
    return found


def meant(line: str) -> Values:
    found: Values = {}
    for word in line.split():
        fact, _, value = word.partition("=")
        kept: str | int | bool = int(value) if value.isdigit() else value.replace("·", " ") or True
        found.setdefault(fact, set()).add(kept)
    return found


def said(text: str) -> Values:
    return values(clauses_of(Page(None, "LICENSE", text, None)))


@pytest.fixture(scope="module")
def openness(test_data: Path) -> Path:
    return test_data / "openness"


def test_every_shared_licence_says_what_was_read_in_it_by_hand_and_nothing_else(openness: Path) -> None:
    folder = openness / "licence_texts"
    found = {path.stem: said(json.loads(path.read_text())["text"]) for path in sorted(folder.glob("*.json"))}

    assert found == {key: meant(line) for key, line in EXPECTED.items()}


def test_every_licence_and_policy_of_the_shared_releases_says_what_was_read_in_it_by_hand(
    openness: Path,
) -> None:
    found = {file: said((openness / "releases" / file).read_text()) for file in RELEASED}

    assert found == {file: meant(line) for file, line in RELEASED.items()}


def test_every_quote_stands_in_the_text_at_its_line(openness: Path) -> None:
    for path in sorted((openness / "licence_texts").glob("*.txt")):
        text = path.read_text()
        for clause in clauses_of(Page(None, path.name, text, None)):
            behind = "\n".join(text.split("\n")[clause.line - 1 :])
            assert clause.quote in behind, (path.stem, clause)
            assert clause.quote.split("\n")[0] in behind.split("\n")[0]
            assert 0 < len(clause.quote) <= 400


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("A licence is needed above 5 million MAU.", "threshold_mau=5000000"),
        (
            "If you have more than one hundred million monthly active users, ask us.",
            "threshold_mau=100000000",
        ),
        ("Where monthly active users exceed 2,000,000, contact us.", "threshold_mau=2000000"),
        ("This holds for services with at most 10,000 users per month.", "threshold_mau=10000"),
        ("若月活跃用户超过1亿,须另行申请许可。", "threshold_mau=100000000"),
        ("It is free below 1 million DAU.", "threshold_dau=1000000"),
        ("The daily user active number may not exceed 500,000.", "threshold_dau=500000"),
        (
            "Companies with annual revenue above US$ 5 million need a licence.",
            "threshold_revenue_usd=5000000",
        ),
        ("You may not earn $10M or more in yearly turnover.", "threshold_revenue_usd=10000000"),
        (
            "An entity whose revenue exceeded 2.5 million dollars last year must pay.",
            "threshold_revenue_usd=2500000",
        ),
        ("We offer 3 models and 12 users per month asked.", ""),
        (
            "You must not use generated content to train any other language models.",
            "outputs_train_models=forbidden",
        ),
        ("Outputs may not be used for training other AI systems.", "outputs_train_models=forbidden"),
        (
            "You shall not employ outputs to develop models that compete with ours.",
            "outputs_train_models=no_competing_models",
        ),
        (
            'If you use results to build a model, its name must begin with "Heron".',
            "outputs_train_models=allowed_with_naming naming_duty=Heron",
        ),
        (
            'Whoever trains with it must display "Made with Heron" on the website.',
            "display_duty=Made·with·Heron",
        ),
        ("The work is for non-commercial use only.", "non_commercial"),
        ("Commercial use is strictly prohibited.", "non_commercial"),
        ("You may not use the weights for any commercial purpose.", "non_commercial"),
        ("You may use it for commercial or non-commercial purposes only as stated.", ""),
        ("仅限非商业用途。", "non_commercial"),
        ("It may be used solely for academic research.", "research_only"),
        ("The tool was designed for research purposes only and may fail.", ""),
        (
            "This licence does not apply within the European Union and Switzerland.",
            "territory_exclusion=European·Union territory_exclusion=Switzerland",
        ),
        ("You may not use the model in China.", "territory_exclusion=China"),
        ("This agreement is governed by the laws of the United Kingdom.", ""),
        ("Persons located in Japan are not permitted to use the work.", "territory_exclusion=Japan"),
        ("The licensor may remotely disable use of the model.", "remote_restriction"),
        (
            "If You bring a claim that the model infringes your rights, all licenses granted to You shall terminate.",
            "litigation_termination",
        ),
        (
            "If You institute patent litigation alleging that the Work infringes, any patent licenses granted to You shall terminate.",
            "",
        ),
        ("Derivative works must be distributed under the same license.", "share_alike"),
        ("You may not redistribute the weights.", "no_redistribution"),
        ("You shall not create derivative works.", "no_derivatives"),
        ("You may not offer the model as a hosted service.", "hosting_restricted"),
        ("By clicking 'Agree' you accept these terms.", "gated_acceptance"),
        (
            "The restrictions must be included as enforceable provisions in your own licence.",
            "use_limits_pass_down",
        ),
        ("An unenforceable provision is replaced by an enforceable provision.", ""),
        (
            "Model Derivatives include any model trained on the outputs, distilled models included.",
            "distillates_are_derivatives",
        ),
    ],
)
def test_a_clause_is_found_in_a_wording_that_no_licence_here_has(sentence: str, facts: str) -> None:
    assert said(sentence) == meant(facts)


def test_a_sentence_goes_on_over_line_ends_and_marks_but_not_over_blank_lines() -> None:
    text = "You may **not**\n   use it. Ask\n\nAnybody <br> else Inc. does"

    found = [(sentence.words, text[sentence.place(0) : sentence.end]) for sentence in sentences_of(text)]

    assert found == [
        ("you may not use it.", "You may **not**\n   use it."),
        ("ask", "Ask"),
        ("anybody else inc. does", "Anybody <br> else Inc. does"),
    ]


def test_in_cards_every_item_of_a_list_stands_alone() -> None:
    text = "Facts\n- License: MIT\n- Data\n  of two lines\n"

    assert [sentence.words for sentence in sentences_of(text, items=True)] == [
        "facts",
        "- license: mit",
        "- data of two lines",
    ]


def test_a_very_long_sentence_is_read_in_pieces_and_quoted_where_it_says_it() -> None:
    text = "word " * 2000 + "more than 700 million monthly active users " + "word " * 2000

    (clause,) = clauses_of(Page(None, "LICENSE", text, None))

    assert (clause.fact, clause.value) == ("threshold_mau", 700_000_000)
    assert "700 million monthly active users" in clause.quote
    assert len(clause.quote) <= 400


def test_a_finding_longer_than_a_quote_is_quoted_from_its_end() -> None:
    gap = "of any kind and in whatever form " * 12
    text = f"Derivatives means {gap} transfer of patterns {gap[:200]} of the output of it."

    (clause,) = clauses_of(Page(None, "LICENSE", text, None))

    assert clause.fact == "distillates_are_derivatives"
    assert clause.quote.endswith("output")
    assert len(clause.quote) == 400


def test_every_fact_is_explained_in_both_languages_and_no_rule_names_who_wrote_a_licence() -> None:
    for fact in book().facts:
        assert fact.says.en.endswith(".")
        assert re.search(r"[\u0600-\u06ff]", fact.says.ar), fact.id
        for rule in fact.rules:
            assert not re.search(r"meta\b|llama|google|gemma|mistral|qwen|deepseek|stability", rule.finds)


def test_small_letters_keep_their_places() -> None:
    text = "İ says: by clicking “I Accept” you agree."

    (clause,) = clauses_of(Page(None, "LICENSE", text, None))

    assert (clause.fact, clause.quote) == ("gated_acceptance", text)


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("Above 5 million monthly active users you must obtain a separate licence from us.", "permission"),
        ("A licence is needed above 5 million MAU.", "permission"),
        ("Where monthly active users exceed 2,000,000, contact us.", "permission"),
        ("若月活跃用户超过1亿,须另行申请许可。", "permission"),
        ("If revenue exceeds US$ 1,000,000, any licenses granted here shall terminate.", "ends"),
        ("Above 1,000,000 MAU you shall pay a fee of two per cent.", "fee"),
        (
            'If more than 9 million monthly active users use it, you shall display "Heron" on the page.',
            "display",
        ),
        ("若月活跃用户超过1亿,须在页面显示“苍鹭”。", "display"),
        (
            "Large services have more than 3 million monthly active users. In that case you must show our name.",
            "display",
        ),
        ("Large services have more than 3 million monthly active users. Herons must show their beaks.", None),
        ("It is free below 1 million DAU.", None),
        ("Above 5 million MAU no separate licence is needed, but you must mention the harbour.", "display"),
        ("You must obtain a licence above 8 million MAU and display our name.", "permission"),
    ],
)
def test_what_holds_beyond_a_threshold_is_read_and_quoted(text: str, effect: str | None) -> None:
    (clause,) = [
        one for one in clauses_of(Page(None, "LICENSE", text, None)) if one.fact.startswith("threshold_")
    ]

    assert clause.effect == effect
    assert clause.quote in text
    if effect and "In that case" in text:
        assert clause.quote == text


def test_a_sentence_too_long_to_quote_is_quoted_with_the_threshold_and_what_holds_beyond_it() -> None:
    text = f"If {'any heron and ' * 40} 3 million monthly active users are reached, you must request a licence from us."
    (clause,) = clauses_of(Page(None, "LICENSE", text, None))

    assert clause.effect == "permission"
    assert clause.quote.startswith("3 million")
    assert "request a licence" in clause.quote


def test_only_thresholds_have_an_effect() -> None:
    assert {fact.id for fact in book().facts if fact.effect} == {
        "threshold_mau",
        "threshold_dau",
        "threshold_revenue_usd",
    }
    assert [one.id for one in book().effects] == ["permission", "ends", "fee", "display"]
