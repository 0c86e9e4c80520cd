"""What a release says of the cost of its training."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.openness import DisclosedCost
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.training_cost import training_cost
from qistas.evaluations.openness.training_cost_numbers import NUMBER, Interval, interval_of


def read(text: str, path: str = "README.md") -> dict[str, DisclosedCost]:
    return training_cost(ReleaseRecord(ReleaseListing(files=(), texts={path: text}, source="test")))


def interval(cost: DisclosedCost) -> tuple[float | None, float | None]:
    return cost.low, cost.high


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("1.7M", 1.65e6, 1.75e6),
        ("1,720,320", 1720319.5, 1720320.5),
        ("3.3×10^25", 3.25e25, 3.35e25),
        ("$3.3  times 10^{25}$", 3.25e25, 3.35e25),
        ("3.3 × 10²⁵", 3.25e25, 3.35e25),
        ("1.2e24", 1.15e24, 1.25e24),
        ("2 trillion", 1.5e12, 2.5e12),
        ("about 150000", 145000, 155000),
        ("~ 300B", 250e9, 350e9),
        ("between 4 and 5", 4, 5),
        ("350-400", 350, 400),
        ("3-4T", 3e12, 4e12),
        ("over 15 trillion", 15e12, None),
        ("at least 8", 8, None),
        ("up to 9 trillion", 0, 9e12),
        ("less than 500", 0, 500),
        ("three", 2.5, 3.5),
    ],
)
def test_a_number_leaves_the_interval_that_its_rounding_leaves(
    written: str, low: float, high: float | None
) -> None:
    match = re.search(NUMBER, written, re.IGNORECASE)
    found = interval_of(match) if match else None
    expected = Interval(pytest.approx(low), None if high is None else pytest.approx(high))  # type: ignore[arg-type]
    assert found == expected


@pytest.mark.parametrize("written", ["12 and 13", "400 - 300", "1e99", "1-2e99"])
def test_two_numbers_that_are_no_range_and_what_nothing_can_be_are_no_figure(written: str) -> None:
    match = re.search(NUMBER, written, re.IGNORECASE)
    assert match is not None
    assert interval_of(match) is None


def test_an_interval_that_is_open_stays_open() -> None:
    assert Interval(1, None).times(2) == Interval(2, None)
    assert Interval(1, None).product(Interval(2, 3)) == Interval(2, None)
    assert Interval(1, None).around(Interval(0.5, 3)) == Interval(0.5, None)


@pytest.mark.parametrize(
    ("text", "quantity", "low", "high"),
    [
        ("Pretraining used 3.8×10^25 FLOPs.", "compute", 3.75e25, 3.85e25),
        ("Training took 100 petaflop/s-days.", "compute", 99.5 * 8.64e19, 100.5 * 8.64e19),
        ("We trained for a cumulative **39.3**M GPU hours.", "accelerator_hours", 39.25e6, 39.35e6),
        ("Training used 10 GPU-days in all.", "accelerator_hours", 9.5 * 24, 10.5 * 24),
        ("Training used 512 TPU v4 chip-hours.", "accelerator_hours", 511.5, 512.5),
        ("- **Hours used:** 150000", "accelerator_hours", 149999.5, 150000.5),
        ("The model was trained for between 4 and 5 days.", "wall_time", 96, 120),
        ("It needed 33 days of continuous training.", "wall_time", 32.5 * 24, 33.5 * 24),
        ("Pre-training consumed 433 MWh.", "energy", 432500, 433500),
        ("Training emitted about 30 tons of CO2.", "carbon", 25, 35),
        ("Training emitted 11250 kg CO2 eq.", "carbon", 11.2495, 11.2505),
        ("Emissions of training: 539 tCO<sub>2</sub>eq", "carbon", 538.5, 539.5),
        ("Training cost us $5.6M.", "money", 5.55e6, 5.65e6),
        ("We spent 200 thousand US dollars on training.", "money", 199500, 200500),
        ("The model was pretrained on 2.6 trillion tokens.", "tokens", 2.55e12, 2.65e12),
        ("A language model with 1.3B parameters.", "parameters", 1.25e9, 1.35e9),
    ],
)
def test_a_figure_in_a_sentence_is_read_in_its_unit(
    text: str, quantity: str, low: float, high: float
) -> None:
    cost = read(text)[quantity]
    assert cost.disclosed
    assert not cost.derived
    assert interval(cost) == (pytest.approx(low), pytest.approx(high))
    assert [quote.quote for quote in cost.evidence] == [text]


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("Inference needs 8 GPU hours.", "accelerator_hours"),
        ("You can train it in 12 GPU hours.", "accelerator_hours"),
        ("The kernel reaches 300 TFLOPs/s in training.", "compute"),
        ("The model was trained with a context length of 200M tokens.", "tokens"),
        ("Each model saw a batch size of 200,000,000 tokens in training.", "tokens"),
        ("The data of the last 30 days were used in training.", "wall_time"),
        ("Training costs $2 per hour of a GPU.", "money"),
        ("The data set cost $500.", "money"),
        ("The grid emits 0.4 kg CO2eq/kWh.", "carbon"),
        ("We cite [Training a model for $500k in 3 days](https://example.org).", "money"),
        ("```\nPretraining used 3.8e25 FLOPs.\n```", "compute"),
        ("A release without a figure.", "energy"),
    ],
)
def test_what_is_no_cost_of_training_stays_undisclosed(text: str, quantity: str) -> None:
    cost = read(text)[quantity]
    assert (cost.disclosed, cost.low, cost.high, cost.evidence) == (False, None, None, ())
    assert cost.reason.en.startswith("The documents do not say it")
    assert cost.reason.ar.startswith("لا تذكره الوثائق")


def test_a_figure_for_fine_tuning_is_not_taken_for_one_of_pretraining() -> None:
    both = read("Pre-training took 900 GPU hours. Fine-tuning took 7 GPU hours.")["accelerator_hours"]
    assert interval(both) == (899.5, 900.5)
    alone = read("Fine-tuning took 7 GPU hours.")["accelerator_hours"]
    assert (interval(alone), alone.reason.en) == ((6.5, 7.5), "Stated for fine-tuning.")
    headed = read("# Fine-tuning\n\nThis took 7 GPU hours.")["accelerator_hours"]
    assert headed.reason.en == "Stated for fine-tuning."
    assert not read("# Inference\n\nThis took 7 GPU hours.")["accelerator_hours"].disclosed


MARKDOWN = """
**Carbon** Pretraining utilized a cumulative 3.3M GPU hours on hardware of type A100-80GB (TDP of 350-400W).

||Time (GPU hours)|Power Consumption (W)|Carbon Emitted(tCO<sub>2</sub>eq)|
|---|---|---|---|
|Small|184320|400|31.22|
|Large|1720320|400|291.42|
|Total|3311616||539.00|
"""


def test_a_table_is_read_with_its_heads_and_several_models_are_not_summed() -> None:
    made = read(MARKDOWN)
    hours, carbon, hardware = made["accelerator_hours"], made["carbon"], made["hardware"]
    assert interval(hours) == (3311615.5, 3311616.5)
    assert (hours.headline, hours.stated) == ("total", "3311616")
    assert hours.text == "3.3M GPU hours; Small: 184320; Large: 1720320; Total: 3311616"
    assert hours.reason.en == "Stated for pre-training as the total."
    assert interval(carbon) == (pytest.approx(538.995), pytest.approx(539.005))
    assert carbon.evidence[0].quote == "|Small|184320|400|31.22|"
    assert carbon.evidence[0].line == 6
    assert (hardware.disclosed, hardware.low, hardware.text) == (True, None, "A100-80GB")


def test_energy_from_hours_and_stated_power_is_derived_and_not_disclosed() -> None:
    energy = read(MARKDOWN)["energy"]
    assert (energy.disclosed, energy.derived) == (False, True)
    assert energy.formula == "accelerator hours × stated power of an accelerator"
    assert interval(energy) == (
        pytest.approx(3311615.5 * 350 / 1000),
        pytest.approx(3311616.5 * 400 / 1000),
    )
    assert energy.stated == "3311616 × 350-400W"


def test_operations_from_parameters_and_tokens_are_derived() -> None:
    compute = read("A model with 2 billion parameters, pretrained on 300B tokens.")["compute"]
    assert (compute.disclosed, compute.derived, compute.formula) == (False, True, "6 × parameters × tokens")
    assert interval(compute) == (pytest.approx(6 * 1.5e9 * 299.5e9), pytest.approx(6 * 2.5e9 * 300.5e9))
    assert len(compute.evidence) == 1
    stated = read("A model with 2 billion parameters, pretrained on 300B tokens with 4e21 FLOPs.")["compute"]
    assert (stated.disclosed, stated.derived) == (True, False)


def test_figures_of_two_documents_are_not_multiplied() -> None:
    texts = {
        "README.md": "A model with 2 billion parameters.",
        "a/MODEL.md": "It was pretrained on 300B tokens.",
    }
    made = training_cost(ReleaseRecord(ReleaseListing(files=(), texts=texts, source="test")))
    assert (made["tokens"].disclosed, made["compute"].derived) == (True, False)


def test_carbon_from_energy_and_stated_intensity_is_derived() -> None:
    carbon = read("Training took 100 MWh. The grid emits 0.4 kg CO2eq/kWh.")["carbon"]
    assert (carbon.derived, carbon.formula) == (True, "energy × stated carbon intensity")
    assert interval(carbon) == (pytest.approx(99.5 * 0.35), pytest.approx(100.5 * 0.45))


def test_a_long_sentence_is_quoted_with_the_figure_in_it() -> None:
    (quote,) = read("We say much before it, " * 22 + "and training took 7 GPU hours.")[
        "accelerator_hours"
    ].evidence
    assert "7 GPU hours" in quote.quote


def test_of_very_many_tables_the_first_are_read() -> None:
    table = "| | Training Time (GPU hours) |\n|---|---|\n| A | {} |\n\n"
    hours = read("".join(table.format(i + 5) for i in range(220)))["accelerator_hours"]
    assert interval(hours) == (4.5, 204.5)


def test_an_html_table_with_cells_that_reach_down_is_read() -> None:
    table = """<table><tr><td></td><td><strong>Params</strong></td><td>Token count</td>
<td>Market-Based Emissions (tons CO2eq)</td><td>Location-Based Emissions (tons CO2eq)</td></tr>
<tr><td rowspan="2">Family</td><td>8B</td><td rowspan="2">15T+</td><td>0</td><td>420</td></tr>
<tr><td>70B</td><td>0</td><td>2,040</td></tr></table>"""
    made = read(table)
    assert made["parameters"].text == "Family: 8B; Family: 70B"
    assert interval(made["tokens"]) == (15e12, None)
    assert interval(made["carbon"]) == (419.5, 2040.5)


def test_a_cell_with_several_phases_is_taken_apart() -> None:
    table = "| | Training Time (GPU hours) |\n|---|---|\n| A | Pretraining: 147K H100 hours SFT: 896 H100 hours |\n"
    assert interval(read(table)["accelerator_hours"]) == (146500, 147500)


def test_sizes_of_others_in_a_table_of_results_are_passed_over() -> None:
    assert not read("| Model | Params | MMLU |\n|---|---|---|\n| Other | 7B | 50 |\n")["parameters"].disclosed


@pytest.mark.parametrize(
    ("text", "count", "said"),
    [
        ("- **Hardware:** 32 x 8 x A100 GPUs", 256, "32 x 8 x A100 GPUs"),
        ("- **Hardware Type:** A100 PCIe 40GB", None, "A100 PCIe 40GB"),
        ("It was trained on 1024 80GB A100s.", 1024, "1024 80GB A100s"),
        ("The model was trained with 512 TPU v4 chips.", 512, "512 TPU v4 chips"),
    ],
)
def test_hardware_is_read_with_its_number(text: str, count: float | None, said: str) -> None:
    hardware = read(text)["hardware"]
    assert (hardware.disclosed, hardware.low, hardware.high, hardware.text) == (True, count, count, said)


@pytest.mark.parametrize(
    "text",
    [
        "You need 8 A100 GPUs.",
        "Inference was tested on 8 A100 GPUs.",
        "It was trained in BF16 on GPUs.",
        "- Hardware: a good one",
        "| trained on 8 A100 GPUs |",
        "## Inference\n- Hardware: 8 A100 GPUs",
    ],
)
def test_what_was_not_trained_on_is_no_hardware_of_training(text: str) -> None:
    assert not read(text)["hardware"].disclosed


def test_texts_made_to_be_slow_are_read_in_time() -> None:
    began = time.monotonic()
    for text in ("<table>" * 30_000, "1,000 " * 60_000, "tokens 1 x " * 30_000, "|1 gpu hours" * 20_000):
        read(text)
    read("| a | " + "1 - " * 50_000 + "|\n" * 3)
    assert time.monotonic() - began < 10


def test_more_documents_than_are_read_do_no_harm() -> None:
    texts = {f"{i}.md": "Training took 5 GPU hours. " + " " * 300_000 for i in range(8)}
    made = training_cost(ReleaseRecord(ReleaseListing(files=(), texts=texts, source="test")))
    assert len(made["accelerator_hours"].evidence) == 6


@pytest.mark.parametrize(
    ("release", "quantity", "holds", "words"),
    [
        ("llama-2", "accelerator_hours", 1_720_320, "70B: 1720320"),
        ("llama-3.1", "accelerator_hours", 30.84e6, "405B: 30.84M"),
        ("llama-3.1", "carbon", 8930, "8,930"),
        ("llama-4", "carbon", 1999, "1,999"),
        ("llama-3", "tokens", 15.2e12, "over 15 trillion"),
        ("stable-diffusion-v1", "accelerator_hours", 150_000, "150000"),
        ("stable-diffusion-v1", "carbon", 11.25, "11250 kg"),
        ("stable-diffusion-v1", "hardware", 256, "32 x 8 x A100"),
        ("opt", "compute", 4.3e23, "4.30E+23"),
        ("opt", "wall_time", 33 * 24, "33 days"),
        ("dbrx", "tokens", 12e12, "12T tokens"),
        ("pythia", "tokens", 3e11, "300B tokens"),
        ("code-llama", "carbon", 228.55, "228.55"),
    ],
)
def test_published_cards_are_read_as_they_say(
    test_data: Path, release: str, quantity: str, holds: float, words: str
) -> None:
    folder = test_data / "openness" / "releases" / release
    if not folder.is_dir():
        pytest.skip(f"no release at {folder}")
    texts = {
        str(path.relative_to(folder)): path.read_text(errors="replace") for path in folder.glob("**/*.md")
    }
    cost = training_cost(ReleaseRecord(ReleaseListing(files=(), texts=texts, source=release)))[quantity]
    assert cost.disclosed
    assert any(one.low is not None and one.low <= holds <= (one.high or holds) for one in cost.statements)
    assert words in (cost.text or "")
    for quote in cost.evidence:
        assert quote.quote in texts[quote.file]


CARD = "---\nbase_model: acme/Base-7B\n---\n# Corvid 3B\n\nCorvid is a model. {}\n"


@pytest.mark.parametrize(
    ("sentence", "quantity"),
    [
        ("GPT-3 by comparison took 3,640 petaflop/s-days.", "compute"),
        ("GPT-3 took 3,640 petaflop/s-days.", "compute"),
        ("LLaMA-65B required 1,022,362 GPU hours.", "accelerator_hours"),
        ("Training LLaMA-65B took 1,022,362 GPU hours.", "accelerator_hours"),
        ("LLaMA-65B, which is larger, took 1,022,362 GPU hours.", "accelerator_hours"),
        ("We compare with LLaMA-65B, which took 1,022,362 GPU hours to converge.", "accelerator_hours"),
        ("LLaMA-65B is larger. It took 1,022,362 GPU hours of training.", "accelerator_hours"),
        ("In all, 1,022,362 GPU hours were needed for LLaMA-65B.", "accelerator_hours"),
        ("BLOOM emitted 25 tonnes of CO2 during training.", "carbon"),
        ("Training energy of GPT-3 was 1,287 MWh, and it is large; ours is not reported.", "energy"),
        ("Training used 1,287 MWh according to Patterson et al. in their paper.", "energy"),
        ("Our tokenizer was trained on 10B tokens.", "tokens"),
        ("We trained a new tokenizer on 10B tokens.", "tokens"),
        ("The reward model was trained on 900M tokens.", "tokens"),
        ("The original model was trained on 15T tokens.", "tokens"),
        ("The base model was trained on 15T tokens.", "tokens"),
        ("Base-7B was trained on 15T tokens.", "tokens"),
    ],
)
def test_figures_of_other_models_and_of_other_parts_are_not_the_releases_own(
    sentence: str, quantity: str
) -> None:
    assert read(CARD.format(sentence))[quantity].text is None


@pytest.mark.parametrize(
    ("text", "quantity", "said"),
    [
        (CARD.format("Corvid-3B-Chat took 20 GPU hours."), "accelerator_hours", "20 GPU hours"),
        (CARD.format("Unlike LLaMA-65B, we used 20 GPU hours."), "accelerator_hours", "20 GPU hours"),
        (CARD.format("Using Megatron-LM, training took 20 GPU hours."), "accelerator_hours", "20 GPU hours"),
        (CARD.format("Corvid-3B is small. It took 20 GPU hours."), "accelerator_hours", "20 GPU hours"),
        (CARD.format("It is small.\n\nIt took 20 GPU hours."), "accelerator_hours", "20 GPU hours"),
        (CARD.format("Following Hoffmann et al, we train on 300B tokens."), "tokens", "300B tokens"),
        ("# Corvid\nThe base model was trained on 15T tokens.", "tokens", "15T tokens"),
        ("# X\nDeepFoo training took 20 GPU hours.", "accelerator_hours", "20 GPU hours"),
        ("<h1>DeepFoo</h1>\n\nDeepFoo was trained on 300B tokens.", "tokens", "300B tokens"),
    ],
)
def test_figures_of_the_release_are_its_own_by_whatever_name(text: str, quantity: str, said: str) -> None:
    assert read(text)[quantity].stated == said


@pytest.mark.parametrize(
    "sentence",
    [
        "Training took 2,000 A100 GPU hours.",
        "Trained with 16,000 H100 GPU-hours.",
        "It was trained for 16,000 H100 80GB GPU-days.",
    ],
)
def test_hours_of_accelerators_are_no_number_of_accelerators(sentence: str) -> None:
    made = read(f"# Corvid\n\n{sentence}\n")
    assert (made["hardware"].disclosed, made["accelerator_hours"].disclosed) == (False, True)


def test_hours_beside_a_number_of_accelerators_are_told_apart() -> None:
    hardware = read("Training took 2,000 A100 GPU hours on 64 A100 GPUs.")["hardware"]
    assert (interval(hardware), hardware.text) == ((64, 64), "64 A100 GPUs")


def test_short_units_and_lists_of_costs_are_read() -> None:
    made = read("Trained on 8 A100 for 12 hours; 10 kWh; 3.1 kg CO2eq.")
    assert interval(made["energy"]) == (9.5, 10.5)
    assert interval(made["carbon"]) == (pytest.approx(0.00305), pytest.approx(0.00315))
    assert interval(read("Training used 8xA100-80GB for 24 h.")["wall_time"]) == (23.5, 24.5)
    both = read("Training took 2.788M H800 GPU hours and $5.576M.")
    assert both["money"].text == "$5.576M"
    assert both["accelerator_hours"].text == "2.788M H800 GPU hours"


def test_a_stage_of_training_is_left_out_where_the_whole_is_told() -> None:
    whole = read("It was trained on 10T tokens. In stage 2 it was trained on 500B tokens.")["tokens"]
    assert whole.text == "10T tokens"
    alone = read("In stage 2 it was trained on 500B tokens.")["tokens"]
    assert alone.text == "500B tokens"
    total = read("In all stages, 1 to 3, it was trained on 10T tokens; in phase 2 on 500B tokens.")["tokens"]
    assert total.text == "10T tokens"
    table = "| Phase | Tokens |\n|---|---|\n| Warmup | 8.4B |\n| Total | 25T |\n"
    assert read(table)["tokens"].text == "Total: 25T"


MODELS = """# Corvid

| Model | Params | Tokens |
|---|---|---|
| Corvid 1B | 1B | 9T |
| Corvid 3B | 3B | {} |
"""


def test_operations_are_derived_within_one_row_and_never_across_two_models() -> None:
    rows = read(MODELS.format("2T"))["compute"]
    assert interval(rows) == (pytest.approx(6 * 2.5e9 * 1.5e12), pytest.approx(6 * 1.5e9 * 9.5e12))
    assert rows.derived
    text = "Corvid-Text was pretrained on 9T tokens.\n\n| Model | Params |\n|---|---|\n| Corvid-Text | 1B |\n| Corvid-Vision | 90B |\n"
    assert interval(read("# Corvid\n\n" + text)["compute"]) == (
        pytest.approx(6 * 0.5e9 * 8.5e12),
        pytest.approx(6 * 1.5e9 * 9.5e12),
    )
    apart = "There is a model with 1B parameters.\n\nAnother model has 90B parameters.\n\nOne was trained on 9T tokens.\n\nOne was trained on 2T tokens."
    assert read("# Corvid\n\n" + apart)["compute"].low is None


def test_operations_are_derived_from_the_parameters_that_are_active() -> None:
    text = "A model with 132B total parameters of which {} are active on any input, trained on 12T tokens."
    for active in ("36B parameters", "36B active parameters"):
        compute = read(text.format(active))["compute"]
        assert interval(compute) == (pytest.approx(6 * 35.5e9 * 11.5e12), pytest.approx(6 * 36.5e9 * 12.5e12))


def test_rows_of_other_models_in_a_comparison_are_passed_over() -> None:
    table = "# Corvid\n\n| Model | GPU hours |\n|---|---|\n| Corvid-3B | 20 |\n| LLaMA-65B | 1,022,362 |\n| Total | 21 |\n"
    assert read(table)["accelerator_hours"].text == "Corvid-3B: 20; Total: 21"


def test_a_heading_and_a_row_are_no_part_of_the_sentence_behind_them() -> None:
    made = read("## Training\nIt was trained on 300B tokens.\n\n| a | b |\nIt was trained on 400B tokens.")
    assert [quote.quote for quote in made["tokens"].evidence] == [
        "It was trained on 300B tokens.",
        "It was trained on 400B tokens.",
    ]


def test_a_clause_without_commas_is_about_the_name_in_front_of_it() -> None:
    text = CARD.format("LLaMA-65B which is large took 1,022,362 GPU hours.")
    assert read(text)["accelerator_hours"].text is None
