"""The style sheet: directions by logic and not by side, contrast in both themes, one column on a phone."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

CSS = files("qistas.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
TEMPLATES = "".join(
    entry.read_text(encoding="utf-8")
    for entry in files("qistas.report").joinpath("templates").iterdir()
    if entry.name.endswith(".j2")
)
SIDES = "left|right|top|bottom"
PHYSICAL = re.compile(
    rf"(?:^|[;{{\s])(?:(?:margin|padding|border|scroll-margin|scroll-padding|inset)-(?:{SIDES})[\w-]*|{SIDES}"
    r"|width|height|min-width|max-width|min-height|max-height)\s*:"
    rf"|(?:text-align|float|clear|caption-side|resize)\s*:\s*(?:left|right)",
    re.MULTILINE,
)
TEXT_COLOURS = ("ink", "quiet", "accent", "met", "not_met", "not_enough_evidence", "not_applicable", "failed")


def rules() -> str:
    """The style sheet without media queries' conditions, which speak of the window and not of a text's side."""
    return re.sub(r"@media[^{]*", "@media ", CSS)


def test_no_property_names_a_side():
    assert PHYSICAL.findall(rules()) == []


@pytest.mark.parametrize(
    "rule",
    ["a { margin-left: 1em }", "a { left: 0 }", "a{text-align:left}", "a { padding-right : 1px; }", "a { width: 3em }",
     "a { border-left-width: 1px }", "a { float: right }"],
)  # fmt: skip
def test_the_check_above_finds_a_side(rule):
    assert PHYSICAL.search(rule)


def test_templates_style_nothing_by_themselves():
    assert "style=" not in TEMPLATES
    assert TEMPLATES.count("<style>") == 1


def palettes() -> dict[str, dict[str, str]]:
    found = {}
    for name, start in (
        ("light", ":root {"),
        ("dark", "prefers-color-scheme: dark"),
        ("print", "@media print"),
    ):
        block = CSS[CSS.index(start) :]
        block = block[: block.index("}")]
        found[name] = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["paper", "sheet", "code"])
@pytest.mark.parametrize("colour", TEXT_COLOURS)
def test_text_stands_out_from_every_ground_it_stands_on(theme, ground, colour):
    palette = palettes()[theme]
    assert contrast(palette[colour], palette[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_what_is_drawn_stands_out(theme):
    palette = palettes()[theme]
    assert contrast(palette["interval"], palette["wanted"]) >= 4.5
    assert contrast(palette["bound"], palette["paper"]) >= 3
    assert contrast(palette["ink"], palette["mark"]) >= 4.5


def test_paper_shows_what_is_folded_and_cuts_no_row():
    paper = CSS[CSS.index("@media print") :]
    assert "details::details-content" in paper
    assert re.search(r"tr, .*break-inside: avoid", paper)
    assert "@page" in CSS
