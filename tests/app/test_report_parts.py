"""Parts of the report against truth made elsewhere: pymatgen's periodic table, exact power laws, WCAG."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from matplotlib.figure import Figure
from pymatgen.core import Element
from tests.foretold import foretold

from matscout.app import wording
from matscout.app.report import candidates, charts, page, pictures, ranking
from matscout.app.report.candidates import periodic_table
from matscout.app.report.drivers import WORDS, property_words
from matscout.app.report.figures import draw
from matscout.app.report.landscape import coordinates
from matscout.app.report.learning import learning_sentence
from matscout.app.report.scores import coverage_sentence, quality_sentences, score_table
from matscout.data.dataset import Target
from matscout.data.materials import Materials
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.evaluation.base import Evaluation, FoldScore, OutOfFold, Overlap
from matscout.evaluation.learning import learning_curve
from matscout.evaluation.plots import Palette
from matscout.predict.domain import Domain
from matscout.predict.transforms import LINEAR, LOGARITHMIC, TargetTransform
from matscout.represent.descriptors.magpie import Magpie
from matscout.workflow.side_by_side import SideBySide

TEMPLATES = Path(page.__file__).parent / "templates"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.2345, "1.23"),
        (-0.5, "−0.5"),
        (12345.0, "12,300"),
        (999.6, "1,000"),
        (1234567.0, "1,230,000"),
        (2.5e-9, "2.50 × 10⁻⁹"),
        (-3e12, "−3.00 × 10¹²"),
        (math.nan, "not known"),
    ],
)
def test_numbers_as_a_person_writes_them(value: float, text: str) -> None:
    assert wording.number(value) == text


@given(st.floats(min_value=-1e15, max_value=1e15))
def test_numbers_keep_three_digits(value: float) -> None:
    text = wording.number(value).replace("−", "-").replace(",", "")
    mantissa, _, power = text.partition(" × 10")
    superscripts = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    shown = float(mantissa) * 10 ** int(power.translate(superscripts) or 0)
    assert shown == pytest.approx(value, rel=5.1e-3, abs=1e-300)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.234, 0.38, "1.2 ± 0.4"),
        (0.0309, 0.0141, "0.031 ± 0.014"),
        (0.0, 0.2, "0.0 ± 0.2"),
        (0.5, 0.199, "0.50 ± 0.20"),
        (-1234.5, 30.0, "−1,234 ± 30"),
        (1.0, 0.0, "1.00 ± 0.00"),
    ],
)
def test_values_end_where_their_error_begins(value: float, error: float, text: str) -> None:
    assert wording.plus_minus(value, error) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.004, "under 1 %"), (0.5, "50 %"), (0.996, "over 99 %"), (1.0, "100 %")]
)
def test_shares_are_not_rounded_to_certainty(share: float, text: str) -> None:
    assert wording.percent(share).replace(wording.SPACE, " ") == text


@pytest.mark.parametrize(
    ("formula", "markup"),
    [
        ("Cu2ZnSnS4", "Cu<sub>2</sub><wbr>ZnSnS<sub>4</sub><wbr>"),
        ("(Na0.5K0.5)NbO3", "(Na<sub>0.5</sub><wbr>K<sub>0.5</sub><wbr>)NbO<sub>3</sub><wbr>"),
        ("La1-xSrxMnO3 (x=0.3)", "La<sub>1</sub><wbr>-xSrxMnO<sub>3</sub><wbr> (x=0.3)"),
    ],
)
def test_amounts_become_subscripts(formula: str, markup: str) -> None:
    assert wording.formula_markup(formula) == markup


@given(st.text(max_size=30))
def test_formulas_are_escaped_and_lose_nothing(text: str) -> None:
    markup = str(wording.formula_markup(text))
    assert re.sub(r'</?(sub|wbr|span)>|<span class="smiles">', "", markup) == str(escape(text)).replace("<wbr>", "")


@pytest.mark.parametrize(
    ("aim", "text"),
    [
        (Aim(Goal("gap", 1.1, 1.6), 1.1, 1.6, 0.1, "eV"), "gap of 1.1 to 1.6 eV"),
        (Aim(Goal("gap", 1.34, 1.34), 1.188, 1.492, 0.1, "eV"), "gap of about 1.34 eV (1.188 to 1.492 eV)"),
        (Aim(Goal("ZT", 1.0, 1.0), 0.9, 1.1, 0.1, None), "ZT of about 1 (0.9 to 1.1)"),
        (Aim(Goal("ZT", math.inf, math.inf), 2.0, math.inf, 2.0, None), "highest ZT"),
        (Aim(Goal("kappa", -math.inf, -math.inf), -math.inf, 2.0, 2.0, None), "lowest kappa"),
        (Aim(Goal("metal", 1.0, 1.0), 1.0, 1.0, 0.0, None, ("no", "yes")), "metal = yes"),
    ],
)
def test_goals_in_words(aim: Aim, text: str) -> None:
    assert wording.goal_words(aim) == text


def test_decimals_follow_the_error_bars() -> None:
    assert wording.decimals_for(np.array([0.8, 1.0, 1.2])) == 2
    assert wording.decimals_for(np.array([80.0, 100.0])) == 0
    assert wording.decimals_for(np.zeros(3)) == 2
    assert wording.fixed(1.5, 2) == "1.50"
    assert wording.fixed(-12345.6, 0) == "−12,346"


def test_periodic_table_is_that_of_pymatgen() -> None:
    places = {place.symbol: (place.row, place.column) for place in periodic_table(())}
    assert len(places) == 118
    assert len(set(places.values())) == 118
    for symbol, (row, column) in places.items():
        element = Element(symbol)
        inner = element.Z in range(58, 72) or element.Z in range(90, 104)
        expected = (
            (element.row + 2, element.Z - (54 if element.Z < 90 else 86)) if inner else (element.row, element.group)
        )
        assert (row, column) == expected, symbol


def test_magpie_properties_have_words() -> None:
    assert {name.lower() for name in Magpie().components} == set(WORDS)
    assert property_words("MeltingT") == "melting point of the elements"
    assert property_words("temperature") == "temperature"


def test_axis_ticks_lie_where_their_numbers_say() -> None:
    values = np.array([0.3, 7.9, 4.0])
    scale = charts.horizontal(values)
    axis = scale.axis("x")
    assert len(axis.ticks) > 3
    low, high = scale.at(values[:1])[0], scale.at(values[1:2])[0]
    for tick in axis.ticks:
        share = (float(tick.label.replace("−", "-")) - 0.3) / 7.6
        assert tick.at == pytest.approx(low + share * (high - low), abs=0.11)
    assert charts.LEFT < low < high < charts.WIDTH - charts.RIGHT
    assert charts.vertical(values).at(values[1:2])[0] < charts.vertical(values).at(values[:1])[0]
    assert np.isfinite(charts.horizontal(np.zeros(3)).at(np.zeros(3))).all()


@given(st.floats(min_value=-8, max_value=12), st.floats(min_value=0.01, max_value=1.0))
def test_tick_labels_fit_their_margin(power: float, share: float) -> None:
    high = 10.0**power
    axis = charts.vertical(np.array([high * (1 - share), high])).axis("conductivity (S/m)")
    factor = re.search("(?<=, in 10)[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", axis.label)
    exponent = int(factor.group().translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))) if factor else 0
    scale = charts.vertical(np.array([high * (1 - share), high]))
    for tick in axis.ticks:
        assert len(tick.label) <= 7
        value = float(tick.label.replace("−", "-").replace(",", "")) * 10.0**exponent
        if share > 0.1:
            assert scale.at(np.array([value]))[0] == pytest.approx(tick.at, abs=2.0)


def test_values_over_decades_have_a_logarithmic_axis() -> None:
    values = np.array([1e-2, 1.0, 1e6])
    scale = charts.vertical(values, "log")
    low, middle, high = scale.at(values)
    assert (low - middle) / (low - high) == pytest.approx(0.25, abs=0.002)
    assert [tick.label for tick in scale.axis("y").ticks] == ["10⁻²", "10⁰", "10²", "10⁴", "10⁶"]
    assert scale.axis("y").ticks[1].at == middle
    narrow = charts.vertical(np.array([4.7e5, 8e5]), "log").axis("sigma (S/m)")
    assert narrow.label == "sigma (S/m), in 10³"
    assert [tick.label for tick in narrow.ticks] == ["500", "600", "700", "800"]


def test_a_long_name_keeps_its_unit_on_an_axis() -> None:
    label = "best thermal conductivity of the lattice as measured (W/m/K) so far"
    short = charts.vertical(np.array([1.0, 2.0])).axis(label).label
    assert len(short) <= charts.LONGEST_LABEL
    assert short.startswith("best thermal")
    assert short.endswith("(W/m/K) so far")


@pytest.mark.parametrize(("values", "left_out"), [([1e6], 1), ([], 0), ([1e6] * 9, 0)])
def test_figures_leave_out_what_would_squeeze_all_others(values: list[float], left_out: int) -> None:
    measured = np.array([*np.linspace(0.1, 5.0, 60), *values])
    target, predictions = Target("kappa", measured, "W/m/K"), foretold(np.ones(len(measured)), 0.0, 2.0)
    found = OutOfFold(np.arange(len(measured)), np.full(len(measured), "fold 1"), predictions)
    made = Evaluation(target, "kfold", 0.9, "auto", {"auto": {}}, {"auto": found}, (), 1.0, {})
    shown, said = pictures._drawn(made)
    assert len(shown.rows) == len(measured) - left_out
    assert said == (" 1 row far from the others not shown." if left_out else "")


FORMULAS = ["GaN", "GaAs", "NaCl", "Fe2O3", "Cu2ZnSnS4", "(Na0.5K0.5)NbO3", "LaB6"]


def test_map_coordinates_reproduce_the_similarity() -> None:
    materials = Materials.from_formulas(FORMULAS)
    vectors = coordinates(materials.compositions)
    found = Domain(materials.compositions, 0.0, {}).nearest(materials, k=len(materials))
    for row in range(len(materials)):
        np.testing.assert_allclose(vectors[row] @ vectors[found.rows[row]].T, found.similarities[row], atol=1e-6)


def _figure(palette: Palette) -> Figure:
    figure = Figure(facecolor=palette.paper)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=palette.accent, label="$")
    axes.set_xlabel("$x <script> 0.12345", color=palette.ink)
    axes.set_title("バンドギャップ $", color=palette.muted)
    return figure


def test_figures_take_their_colours_from_the_page() -> None:
    svg = str(draw(_figure, "one", "A <title>", 'said "so"'))
    assert {"var(--paper)", "var(--accent)", "var(--ink)", "var(--muted)"} <= set(re.findall(r"var\(--\w+\)", svg))
    assert "#070809" not in svg
    assert "<script>" not in svg
    assert "$x &lt;script&gt; 0.12345" in svg
    assert "A &lt;title&gt;" in svg
    assert "<style" not in svg
    assert "http" not in svg
    assert not re.search(r"\d\.\d{3}", re.sub(r">[^<]*<", "><", svg))


def test_figures_share_no_identifiers() -> None:
    found = [re.findall(r'\sid="([^"]*)"', str(draw(_figure, name, "", ""))) for name in ("one", "two")]
    assert not set(found[0]) & set(found[1])
    svg = str(draw(_figure, "one", "", ""))
    used = set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg))
    assert {first or second for first, second in used} <= set(found[0])


def _evaluation(n: int, inside: int, folds: tuple[FoldScore, ...] = ()) -> Evaluation:
    """n rows at zero, of which ``inside`` lie in an interval from -1 to 1."""
    values = np.where(np.arange(n) < inside, 0.0, 5.0)
    predictions = foretold(np.zeros(n), -1.0, 1.0, target="gap")
    scores = {"mae": 0.5, "coverage": inside / n, "worst_group_coverage": 0.5, "mae_mean": 0.61, "mae_median": 0.5}
    scores |= {"rmse_mean": 0.8, "rmse_median": 0.9}
    found = OutOfFold(np.arange(n), np.full(n, "fold 1"), predictions)
    return Evaluation(
        Target("gap", values, "eV"),
        "kfold, 2 folds, seed 0",
        0.9,
        "auto",
        {"auto": scores, "dummy": {"mae": 1.5, "coverage": 0.9}},
        {"auto": found},
        folds,
        1.0,
    )


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [(90, "as many as expected"), (80, "fewer than expected"), (99, "more than necessary")],
)
def test_coverage_is_judged_by_what_chance_allows(inside: int, verdict: str) -> None:
    # 1.96 sqrt(0.9 * 0.1 / 100) = 5.9 points.
    sentence = coverage_sentence(_evaluation(100, inside)).replace(wording.SPACE, " ")
    assert verdict in sentence
    assert "84 % to 96 %" in sentence


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (12, "contain the materials of 12 of 100 rows: for other materials, errors"),
        (0, "contain none of the labelled"),
    ],
)
def test_the_report_says_what_pretraining_has_seen(rows: int, words: str) -> None:
    alone = _evaluation(100, 90)
    overlap = {"composition-donor": Overlap(rows, 100)}
    alone = replace(alone, scores={"auto": alone.scores["auto"]}, overlap=overlap)
    *_, last = quality_sentences(SideBySide(alone), "mae")
    assert f"The pretraining data of composition-donor {words}" in last.replace(wording.SPACE, " ")


def test_score_table_marks_the_best_and_the_spread() -> None:
    folds = tuple(FoldScore("auto", f"fold {i}", 8, 2, {"mae": 0.4 + 0.2 * i}, 1.0) for i in range(2))
    table = score_table(_evaluation(100, 90, folds))
    (tested, mae), (_, dummy) = ((row.tested, row.cells[0]) for row in table.rows)
    assert tested
    assert (mae.value, mae.spread, mae.best) == ("0.5", "± 0.14", True)
    assert (dummy.value, dummy.spread, dummy.best) == ("1.5", "", False)
    assert "MAE 0.61 and RMSE 0.8 with the mean, MAE 0.5 and RMSE 0.9 with the median" in table.note
    assert table.headings[0] == "MAE (eV)"


@pytest.mark.parametrize(("inside", "is_doubted"), [(90, True), (80, False)])
def test_a_good_coverage_is_qualified_by_the_worst_group(inside: int, is_doubted: bool) -> None:
    """The worst of ten groups of ten rows holds half of them, where chance allows 6 or more."""
    sentence = coverage_sentence(_evaluation(100, inside))
    assert ("Not everywhere, though: in the worst of ten" in sentence) == is_doubted
    assert "promise" not in sentence
    calm = _evaluation(100, inside)
    calm = replace(calm, scores={**calm.scores, "auto": {**calm.scores["auto"], "worst_group_coverage": 0.9}})
    assert "Not everywhere" not in coverage_sentence(calm)


def test_no_p_value_of_five_folds_stands_in_the_report() -> None:
    made = _evaluation(100, 90)
    found = dict.fromkeys(("auto", "gp"), made.out_of_fold["auto"])
    folds = tuple(FoldScore(name, "fold 1", 8, 2, {"mae": size}, 1.0) for name, size in (("auto", 0.5), ("gp", 0.6)))
    scores = {**made.scores, "gp": {"mae": 0.6, "coverage": 0.9}}
    text = " ".join(quality_sentences(SideBySide(replace(made, scores=scores, out_of_fold=found, folds=folds)), "mae"))
    assert "17 % better than the best simple method, Gaussian process" in text.replace(wording.SPACE, " ")
    assert not re.search(r"\bp = ", text)


def _curve(sizes: tuple[int, ...], exponents: tuple[float, ...]) -> Evaluation:
    """A learning curve whose error is exactly 2 n^-b, with one exponent per draw."""
    folds = tuple(
        FoldScore("auto", f"{size} labels, draw {draw + 1}", size, 20, {"mae": 2.0 * size**-exponent}, 1.0)
        for draw, exponent in enumerate(exponents)
        for size in sizes
    )
    return replace(_evaluation(100, 90), folds=folds)


def test_more_labels_help_as_the_power_law_says() -> None:
    evaluation = _curve((25, 50, 100), (0.5, 0.5))
    text = learning_sentence(evaluation, learning_curve(evaluation, "mae"), 100).replace(wording.SPACE, " ")
    # 1 - (200 / 100)^-0.5 = 29.3 %.
    assert "Going from 100 to 200 is likely to lower the mean absolute error by about 29 %. This is" in text
    assert "from 25 to 100 labels, it went from 0.4 eV to 0.2 eV" in text


def test_single_draws_give_the_uncertainty() -> None:
    evaluation = _curve((25, 50, 100), (0.5, 0.0))
    text = learning_sentence(evaluation, learning_curve(evaluation, "mae"), 100).replace(wording.SPACE, " ")
    assert re.search(r"by about 15 % \(by 0 to 29 %", text)
    flat = _curve((25, 50, 100), (0.0, 0.0))
    assert "hardly change" in learning_sentence(flat, learning_curve(flat, "mae"), 100)


def test_the_learning_sentence_says_what_was_held_out() -> None:
    evaluation = _curve((25, 50, 100), (0.5, 0.5))
    curve = learning_curve(evaluation, "mae")
    assert learning_sentence(evaluation, curve, 100).endswith("one unseen fifth of the rows.")
    grouped = learning_sentence(evaluation, curve, 100, grouped=True)
    assert grouped.endswith("one unseen fifth of the rows, made of whole groups.")


def test_the_learning_sentence_tells_its_error_from_the_one_quoted_above() -> None:
    evaluation = _curve((25, 50, 100), (0.5, 0.5))
    text = learning_sentence(evaluation, learning_curve(evaluation, "mae"), 100, headline="0.29 eV")
    tested = len(evaluation.out_of_fold[evaluation.model].rows)
    assert text.endswith(
        f" These are {tested} rows; the 0.29 eV above is over the folds of all rows, so the two differ."
    )


@pytest.mark.parametrize(
    ("scale", "lower", "upper", "shown"),
    [
        (LINEAR, [1.0, 2.0], [3.0, 4.0], ["1.0", "4.0"]),
        (LINEAR, [1e5, 2e6], [3e5, 9e7], ["1.00 × 10⁵", "9.00 × 10⁷"]),
        (LINEAR, [0.0, 2e-7], [4e-7, 6e-7], ["0", "6.00 × 10⁻⁷"]),
        (LOGARITHMIC, [1e-3, 2.0], [3.0, 4e6], ["0.001", "4,000,000"]),
        (LOGARITHMIC, [1e-9, 2.0], [3.0, 400.0], ["1.00 × 10⁻⁹", "4.00 × 10²"]),
    ],
)
def test_a_column_has_one_notation(
    scale: TargetTransform, lower: list[float], upper: list[float], shown: list[str]
) -> None:
    aim = Aim(Goal("y", 1.0, 2.0), 1.0, 2.0, 0.0, "eV", scale=scale)
    column = candidates._column(pl.DataFrame({"y_lower": lower, "y_upper": upper}), aim)
    assert [column.written(lower[0]), column.written(upper[1])] == shown


def _aim(target: str, low: float, high: float, classes: tuple[str, ...] = ()) -> Aim:
    return Aim(Goal(target, low, high), low, high, 0.0, None, classes)


def test_the_order_is_told_for_the_goals_at_hand() -> None:
    highest, ranged, member = (
        _aim("ZT", math.inf, math.inf),
        _aim("gap", 1.0, 2.0),
        _aim("metal", 1.0, 1.0, ("no", "yes")),
    )
    assert ranking.order_words("auto", [highest]).startswith(
        "the value that a candidate reaches or exceeds with a chance of one in"
    )
    assert ranking.order_words("auto", [ranged]) == ranking.CLOSER == ranking.order_words("ei", [ranged])
    assert ranking.order_words("ei", [highest]).startswith("expected improvement")
    assert ranking.order_words("value", [highest, ranged]) == "the predicted value alone, for all goals combined"
    both = ranking.order_words("auto", [highest, ranged, member])
    assert both.startswith("all goals combined: ZT by the value that")
    assert f"; gap by {ranking.CLOSER}; metal by the chance of the wanted class" in both


def test_two_sizes_say_nothing() -> None:
    evaluation = _curve((25, 50), (0.5,))
    assert "too few to show" in learning_sentence(evaluation, learning_curve(evaluation, "mae"), 60)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to read JavaScript")
def test_script_is_valid_javascript() -> None:
    done = subprocess.run(
        ["node", "--check", str(TEMPLATES / "script.js")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_style_has_no_requests_and_both_themes() -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    used = set(re.findall(r"var\((--\w+)\)", style))
    light, dark = (set(re.findall(r"(--\w+):", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL))
    assert used <= light
    assert light == dark


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_contrasts_enough_in_both_themes() -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL):
        colours = dict(re.findall(r"--(\w+): (#\w{6})", block))
        for text in ("ink", "soft", "accent", "second", "third", "danger"):
            for ground in ("page", "wash", *(["alarm"] if text in ("ink", "danger") else [])):
                bright, dim = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
                assert (bright + 0.05) / (dim + 0.05) >= 4.5, (text, ground)
