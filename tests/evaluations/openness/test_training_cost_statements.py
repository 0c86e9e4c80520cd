"""Of what each figure of the cost of training is told, and which stands at the head."""

from __future__ import annotations

import pytest

from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.openness import DisclosedCost
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.training_cost import training_cost


def read(text: str, source: str = "corvid") -> dict[str, DisclosedCost]:
    return training_cost(ReleaseRecord(ReleaseListing(files=(), texts={"README.md": text}, source=source)))


def told(cost: DisclosedCost) -> list[tuple[str | None, str, str]]:
    return [(one.subject, one.scope, one.stated) for one in cost.statements]


def interval(cost: DisclosedCost) -> tuple[float | None, float | None]:
    return cost.low, cost.high


HOURS = """# Corvid

| Model | GPU hours | Location-based emissions (tCO2eq) | Market-based emissions (tCO2eq) |
|---|---|---|---|
| Corvid 1B | 100 | 4 | 0 |
| Corvid 3B | 250 | 9 | 0 |
"""


def test_a_total_stands_at_the_head_and_each_model_keeps_its_own_figure() -> None:
    cost = read(HOURS + "| Total | 350 | 13 | 0 |\n")["accelerator_hours"]
    assert (cost.headline, cost.stated, interval(cost)) == ("total", "350", (349.5, 350.5))
    assert told(cost) == [
        ("Corvid 1B", "model", "100"),
        ("Corvid 3B", "model", "250"),
        ("Total", "total", "350"),
    ]
    assert [one.low for one in cost.statements] == [99.5, 249.5, 349.5]
    assert cost.reason.en == "Stated for training as the total."


def test_without_a_total_the_models_give_a_range_and_no_sum() -> None:
    cost = read(HOURS)["accelerator_hours"]
    assert (cost.headline, interval(cost)) == ("per_model", (99.5, 250.5))
    assert cost.stated == "Corvid 1B: 100; Corvid 3B: 250"
    assert (
        cost.reason.en
        == "Stated for training, model by model, 2 figures: from the least to the greatest, never their sum."
    )
    assert "لكلّ نموذج على حدة" in cost.reason.ar


def test_the_figure_of_the_only_model_names_it() -> None:
    cost = read("# Corvid\n\nCorvid-3B was trained for 12 GPU hours.")["accelerator_hours"]
    assert (cost.headline, cost.stated, cost.reason.en) == (
        "model",
        "12 GPU hours",
        "Stated for training, of one model: Corvid-3B.",
    )


def test_the_row_with_the_name_of_the_release_is_its_own_figure() -> None:
    table = "# Training\n\n| Weight | Tokens, with padding | Minutes on one core |\n|---|---|---|\n| `corvid` | 7,183,615 | 37 |\n| `corvid-control` | 7,781,013 | 40 |\n"
    made = read(table)
    assert (made["tokens"].headline, made["tokens"].stated) == ("release", "7,183,615")
    assert interval(made["wall_time"]) == (pytest.approx(36.5 / 60), pytest.approx(37.5 / 60))
    assert (made["hardware"].stated, made["hardware"].low) == ("one core", None)


def test_minutes_in_a_table_that_is_not_about_training_are_no_cost() -> None:
    table = "# Speed\n\n| Case | Minutes on one core |\n|---|---|\n| long | 37 |\n"
    made = read(table)
    assert (made["wall_time"].disclosed, made["hardware"].disclosed) == (False, False)


@pytest.mark.parametrize(
    ("total", "models"),
    [("900 GPU hours", "| Corvid 3B | 250 |"), ("200 GPU hours", "| Corvid 1B | 100 |\n| Corvid 3B | 250 |")],
)
def test_a_total_that_cannot_be_that_of_the_models_contradicts_them(total: str, models: str) -> None:
    cost = read(
        f"# Corvid\n\nTraining took a cumulative {total}.\n\n| Model | GPU hours |\n|---|---|\n{models}\n"
    )["accelerator_hours"]
    assert cost.headline == "contradicting"
    assert total in (cost.stated or "")
    assert "250" in (cost.stated or "")
    assert "contradict" in cost.reason.en


def test_a_figure_without_a_name_that_is_one_models_own_is_not_that_of_the_release() -> None:
    text = HOURS + "\nThis stage took 250 GPU hours of training.\n"
    cost = read(text)["accelerator_hours"]
    assert (cost.headline, interval(cost)) == ("per_model", (99.5, 250.5))


def test_figures_of_one_scope_that_differ_are_all_shown_and_those_that_agree_once() -> None:
    apart = read("# Corvid\n\nTraining took 12 GPU hours.\n\nTraining took 30 GPU hours.")[
        "accelerator_hours"
    ]
    assert (apart.headline, interval(apart)) == ("several", (11.5, 30.5))
    alike = read("# Corvid\n\nIt was trained on 2 trillion tokens.\n\nIt was trained on 2.04T tokens.")[
        "tokens"
    ]
    assert (alike.headline, alike.stated, interval(alike)) == (
        "release",
        "2.04T tokens",
        (2.035e12, 2.045e12),
    )


def test_of_two_bounds_from_above_the_wider_holds_both() -> None:
    text = "# Corvid\n\nIt was trained on up to 9T tokens. It was trained on up to 12T tokens."
    assert interval(read(text)["tokens"]) == (0.0, 12e12)


def test_a_range_of_sizes_stands_before_the_sizes_in_it() -> None:
    text = "# Corvid\n\nModels from 7 billion to 70 billion parameters.\n\n| Model | Params |\n|---|---|\n| Corvid-Pawn | 7B |\n| Corvid-Rook | 70B |\n"
    cost = read(text)["parameters"]
    assert (cost.headline, cost.stated) == ("release", "7 billion to 70 billion parameters")


def test_the_words_of_a_figure_stand_beside_what_their_rounding_leaves_open() -> None:
    tokens = read("# Corvid\n\nIt was pretrained on 2 trillion tokens.")["tokens"]
    (one,) = tokens.statements
    assert (tokens.stated, one.stated, one.low, one.high) == (
        "2 trillion tokens",
        "2 trillion tokens",
        1.5e12,
        2.5e12,
    )
    assert (tokens.value, one.phase, one.counted) == ("stated", "pretraining", True)


def test_market_based_emissions_are_told_and_not_joined_with_location_based_ones() -> None:
    carbon = read(HOURS + "| Total | 350 | 13 | 0 |\n")["carbon"]
    assert (carbon.stated, interval(carbon)) == ("13", (12.5, 13.5))
    assert {(one.kind, one.counted) for one in carbon.statements} == {
        ("location-based", True),
        ("market-based", False),
    }


def test_active_parameters_are_kept_beside_all_of_them() -> None:
    table = "# Corvid\n\n| Model | Params | Token count |\n|---|---|---|\n| Corvid-Rook (17Bx16E) | 17B (Activated) 109B (Total) | ~40T |\n\nCorvid-Rook is a 17 billion parameter model with 16 experts.\n"
    made = read(table)
    assert told(made["parameters"]) == [
        ("Corvid-Rook (17Bx16E)", "model", "109B (Total)"),
        ("Corvid-Rook", "model", "17 billion parameter"),
        ("Corvid-Rook (17Bx16E)", "model", "17B (Activated)"),
    ]
    assert [one.kind for one in made["parameters"].statements] == ["total", "active", "active"]
    assert interval(made["parameters"]) == (108.5e9, 109.5e9)
    assert interval(made["compute"]) == (pytest.approx(6 * 16.5e9 * 35e12), pytest.approx(6 * 17.5e9 * 45e12))
    assert made["compute"].value == "derived"


@pytest.mark.parametrize(
    ("text", "total", "active"),
    [
        ("Corvid has 744B parameters (40B active) as a model.", "744B parameters", "40B active"),
        ("- 550B total / 55B active parameters (MoE)", "550B total", "55B active parameters"),
        (
            "Corvid is a model with 30B parameters and an active budget of 3B parameters.",
            "30B parameters",
            "3B parameters",
        ),
        ("| Model | Model Size |\n|---|---|\n| Corvid | 744B-A40B |", "744B", "40B"),
        ("| | |\n|---|---|\n| **Total Parameters** | 1T |\n| **Activated Parameters** | 32B |", "1T", "32B"),
    ],
)
def test_active_parameters_are_told_by_many_words(text: str, total: str, active: str) -> None:
    cost = read(f"# Corvid\n\n{text}\n")["parameters"]
    assert [(one.stated, one.kind == "active") for one in cost.statements] == [(total, False), (active, True)]
    assert cost.stated == total


def test_only_active_parameters_are_better_than_none() -> None:
    assert (
        read("# Corvid\n\nCorvid is a model with 3B active parameters.")["parameters"].stated
        == "3B active parameters"
    )


def test_a_table_of_names_and_values_is_read() -> None:
    table = "# Corvid training\n\n| Hyperparameter | Value |\n|---|---|\n| Total Parameters | 6.7B |\n| Hidden size | 4096 |\n| Vision encoder parameters | 400M |\n| Architecture | 4 layers, 12 heads |\n| Data | pretrained on 1.3T tokens |\n| Checkpoint interval | every 50B tokens |\n"
    made = read(table)
    assert (made["parameters"].text, made["tokens"].text) == ("6.7B", "1.3T tokens")


def test_a_value_with_more_behind_it_and_columns_of_several_models_are_read() -> None:
    assert (
        read("| | |\n|---|---|\n| Parameters | 2,164,416; 8.7 MB in float32 |\n")["parameters"].stated
        == "2,164,416"
    )
    table = "# Corvid\n\n| Setting | Corvid-1B | Corvid-3B | LLaMA-65B |\n|---|---|---|---|\n| Parameters | 1B | 3B | 65B |\n"
    assert read(table)["parameters"].text == "Corvid-1B: 1B; Corvid-3B: 3B"


def test_rows_without_bars_at_the_edges_belong_to_their_table() -> None:
    table = "||Params|Tokens|\n|---|---|---|\nCorvid|7B|2.0T|\nCorvid|13B|2.0T|\n\nNo|row\n"
    made = read(table)
    assert [one.stated for one in made["parameters"].statements] == ["7B", "13B"]
    assert made["tokens"].stated == "2.0T"


def test_of_a_mix_of_data_only_the_sum_is_the_training() -> None:
    table = "# Data\n\n| Subset | Tokens (Billion) |\n|---|---|\n| Books | 28.86 |\n| Web | 665.01 |\n{}"
    assert interval(read(table.format("| Total | 693.87 |\n"))["tokens"]) == (
        pytest.approx(693.865e9),
        pytest.approx(693.875e9),
    )
    assert not read(table.format(""))["tokens"].disclosed
    assert not read("| Data set | Parameters |\n|---|---|\n| Total | 12B |\n")["parameters"].disclosed


def test_sizes_in_names_lists_and_columns_are_read_and_sizes_of_files_are_not() -> None:
    named = (
        "# Corvid\n\n| Model and Size | Accuracy |\n|---|---|\n| Corvid 1.3B | 50 |\n| GPT-3 1.3B | 51 |\n"
    )
    assert read(named)["parameters"].text == "Corvid 1.3B: 1.3B"
    assert (
        read("# Corvid\n\n| Model | Size |\n|---|---|\n| Corvid | 3B, 8B |\n")["parameters"].text
        == "Corvid: 3B; Corvid: 8B"
    )
    assert not read("# Corvid\n\n| Model | Size |\n|---|---|\n| Corvid | 12.5GB |\n")["parameters"].disclosed
    listed = read("# Corvid\n\nThe models have 3B, 8B, and 34B parameters.")["parameters"]
    assert [(one.subject, one.stated) for one in listed.statements] == [
        ("34B", "34B parameters"),
        ("3B", "3B"),
        ("8B", "8B"),
    ]
    column = "| Params | Layers |\n|---|---|\n| 14M | 6 |\n| 31M | 6 |\n\nOur 31M parameter model is small.\n"
    assert read(column)["parameters"].headline == "per_model"


def test_of_exact_and_rounded_sizes_in_one_cell_the_exact_one_is_read() -> None:
    table = "# Corvid\n\n| Model | Params |\n|---|---|\n| Corvid | {} |\n"
    assert interval(read(table.format("1B (1.23B)"))["parameters"]) == (1.225e9, 1.235e9)
    assert interval(read(table.format("11B (10.6)"))["parameters"]) == (10.5e9, 11.5e9)


def test_rows_of_other_versions_are_passed_over_where_the_release_names_its_own() -> None:
    table = "# Corvid models\n\n| Model | Params |\n|---|---|\n| Corvid 3 | 8B |\n| Corvid 3.1-Vision | 70B |\n| Corvid 2 | 13B |\n"
    assert read(table, "corvid-3")["parameters"].text == "Corvid 3: 8B"


@pytest.mark.parametrize(
    "sentence",
    [
        "Falcon took 900 GPU hours.",
        "Training Falcon took 900 GPU hours.",
        "The training of Falcon required 900 GPU hours.",
        "Falcon's training took 900 GPU hours.",
        "Our model is small, while Falcon took 900 GPU hours.",
        "The Falcon Scaling Suite took 900 GPU hours.",
        "Falcon is larger. It took 900 GPU hours.",
        "- toy_run.py - only trained for 900 GPU hours",
        "- GPT-3: trained for 900 GPU hours",
        "GPT-3 scales up to 900 GPU hours of training.",
        "We can train it in 900 GPU hours.",
        "A typical training takes 900 GPU hours.",
        "This guide says how to train a model in 900 GPU hours.",
        "# GPT-3\n\nThe model was trained for 900 GPU hours.",
        "## PARROT\n\nPARROT is a model. The model was trained for 900 GPU hours.",
    ],
)
def test_figures_of_others_with_one_capital_and_of_examples_are_passed_over(sentence: str) -> None:
    assert not read(f"# Corvid\n\nCorvid is a model.\n\n{sentence}\n")["accelerator_hours"].disclosed


@pytest.mark.parametrize(
    ("sentence", "subject"),
    [
        ("Convergence took 900 GPU hours, and we waited for convergence.", None),
        ("Acme trained Corvid for 900 GPU hours.", None),
        ("Acme trained the model for 900 GPU hours.", None),
        ("Everything took 900 GPU hours of training.", None),
        ("The 34B model took 900 GPU hours.", "34B model"),
        ("- `corvid-mini` — small, trained for 900 GPU hours", "corvid-mini"),
        ("### Corvid-3B\n\nTraining took 900 GPU hours.", "Corvid-3B"),
        ("### Corvid-3B Training Details\n\nTraining took 900 GPU hours.", "Corvid-3B"),
        ("Corvid-Rook extends the design of Corvid-Pawn in 900 GPU hours of training.", "Corvid-Rook"),
    ],
)
def test_figures_of_the_release_keep_the_words_of_their_subject(sentence: str, subject: str | None) -> None:
    (one,) = read(f"# X\n\nCorvid is a model.\n\n{sentence}\n")["accelerator_hours"].statements
    assert (one.subject, one.stated) == (subject, "900 GPU hours")


def test_of_a_figure_that_grew_the_last_one_is_the_releases_own() -> None:
    text = "# Corvid-5\n\nCompared to Corvid-4.5, Corvid-5 scales from 355B parameters (32B active) to 744B parameters (40B active), and increases pre-training data from 23T to 28.5T tokens."
    made = read(text, "corvid-5")
    assert made["parameters"].text == "Corvid-5: 744B parameters"
    assert [one.stated for one in made["parameters"].statements] == ["744B parameters", "40B active"]
    assert (made["tokens"].stated, interval(made["tokens"])) == (
        "28.5T tokens",
        (pytest.approx(28.45e12), pytest.approx(28.55e12)),
    )
    ranged = read("# Corvid\n\nModels ranging in scale from 7 billion to 70 billion parameters.")[
        "parameters"
    ]
    assert interval(ranged) == (7e9, 70e9)


def test_a_stage_named_at_the_head_of_its_item_holds_for_the_whole_item() -> None:
    text = "# Corvid\n\nCorvid models are trained on 3-4T tokens.\n\n* Phase 1: During it, it is much. The 34B model is trained on 1.4T tokens.\n* Phase 2: We train all our models for 500B tokens.\n"
    tokens = read(text)["tokens"]
    assert tokens.stated == "3-4T tokens"
    assert [(one.stated, one.counted) for one in tokens.statements] == [
        ("3-4T tokens", True),
        ("1.4T tokens", False),
        ("500B tokens", False),
    ]


def test_words_between_a_number_and_its_tokens_are_read() -> None:
    text = "# Corvid\n\nIt is built through continual pretraining on approximately 15 trillion mixed visual and text tokens."
    assert read(text)["tokens"].stated == "approximately 15 trillion mixed visual and text tokens"


def test_hardware_of_a_command_that_tunes_is_that_of_fine_tuning() -> None:
    text = "# Corvid\n\nBelow is a command that fine-tunes Corvid on a machine with 4 A100 80G GPUs."
    hardware = read(text)["hardware"]
    assert (hardware.stated, hardware.low, hardware.reason.en) == (
        "4 A100 80G GPUs",
        4.0,
        "Stated for fine-tuning.",
    )


def test_operations_are_not_worked_out_for_a_model_with_the_tokens_of_another() -> None:
    text = "# Corvid\n\nCorvid-Rook scales to 1T parameters as a model.\n\nCorvid-Pawn was trained on 5T tokens.\n\nThe data had 5T tokens of training text.\n"
    assert read(text)["compute"].value == "undisclosed"
    sized = "# Corvid\n\nCorvid-Rook was trained on 5T tokens.\n\n| Model | Params |\n|---|---|\n| Corvid-Rook 3B | 3B |\n"
    assert [one.stated for one in read(sized)["compute"].statements] == ["6 × 3B × 5T tokens"]


def test_very_many_statements_are_cut_and_the_head_holds_them_all() -> None:
    rows = "".join(f"| Corvid-{i} | {i + 5} |\n" for i in range(90))
    cost = read(f"# Corvid\n\n| Model | GPU hours |\n|---|---|\n{rows}")["accelerator_hours"]
    assert (len(cost.statements), interval(cost)) == (60, (4.5, 94.5))


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        ({"README.md": "نموذج درّبناه."}, "unread"),
        ({"README.md": "# Corvid", "README.ar.md": "نموذج درّبناه."}, "undisclosed"),
        ({"README_EN.md": "# Corvid", "README.md": "نموذج درّبناه."}, "undisclosed"),
        ({"README.md": "# Corvid", "docs/more.md": "نموذج درّبناه."}, "unread"),
        ({"README.md": "# Corvid", "changelog.md": "نموذج درّبناه."}, "undisclosed"),
    ],
)
def test_what_is_not_stated_where_the_prose_is_unread_is_unread(texts: dict[str, str], value: str) -> None:
    record = ReleaseRecord(ReleaseListing(files=(), texts=texts, source="corvid"))
    unread = [path for path, text in texts.items() if "نموذج" in text]
    cost = training_cost(record, unread)["tokens"]
    assert (cost.value, cost.disclosed) == (value, False)
    assert ("language" in cost.reason.en, "بلغة" in cost.reason.ar) == (value == "unread",) * 2


def test_a_stated_figure_stays_stated_beside_unread_prose() -> None:
    texts = {"README.md": "# Corvid\n\nIt was trained on 2T tokens.", "docs/more.md": "نموذج درّبناه."}
    made = training_cost(
        ReleaseRecord(ReleaseListing(files=(), texts=texts, source="corvid")), ["docs/more.md"]
    )
    assert (made["tokens"].value, made["energy"].value) == ("stated", "unread")


def test_rows_of_times_that_no_phase_of_training_took_and_cells_without_figures_are_passed_over() -> None:
    table = "# Corvid training\n\n| Model | Inference GPU hours | Params |\n|---|---|---|\n| Corvid | 20 | much |\n| short |\n"
    made = read(table)
    assert (made["accelerator_hours"].disclosed, made["parameters"].disclosed) == (False, False)
    headed = (
        "# Corvid\n\n### GPT-3\n\n| | |\n|---|---|\n| Parameters | 175B |\n| Text | 300B training tokens |\n"
    )
    assert (read(headed)["parameters"].disclosed, read(headed)["tokens"].disclosed) == (False, False)
