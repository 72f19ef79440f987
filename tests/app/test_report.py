"""The page as a browser gets it: complete, self-contained, escaped, and with the numbers of the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pymatgen.core import Lattice, Structure
from tests.app.scoutings import (
    LABELLED,
    RANGE,
    VARIANTS,
    WANTED,
    bare,
    decades,
    grouped,
    hinted,
    labels,
    plain,
    scouting,
    structured,
)

from matscout.app.front import scout
from matscout.app.report.columns import PURPOSES
from matscout.app.report.evidence import context_facts
from matscout.app.report.page import PROBLEMS, page_parts, render, write_report
from matscout.app.report.ranking import warnings
from matscout.app.report.thumbnails import PICTURED
from matscout.app.viewing.atoms import shown_atoms
from matscout.app.viewing.picture import THUMBNAIL, draw, inline_png
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.data.structures import Structures
from matscout.discover.base import Goal
from matscout.discover.evidence.donor_hints import MEANINGS
from matscout.errors import RowProblem
from matscout.evaluation.base import Overlap
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.workflow.results import Scouting

pytestmark = pytest.mark.usefixtures("few_trees")

VOID = {"meta", "link", "br", "wbr", "input", "img", "hr", "path", "use", "circle", "rect", "polyline"}
SECTIONS = {"answer", "data", "quality", "drivers", "shortlist", "search-space", "caution", "again"}


class Page(HTMLParser):
    """Collects what the tests ask about and fails where elements do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self._table = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._table = dict(attrs).get("id") or ""
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self._table == "candidates":
            self.rows[-1].append(dict(attrs).get("data-value") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def attributes(self, name: str) -> list[str]:
        return [value or "" for _, attributes in self.elements for key, value in attributes.items() if key == name]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {variant.__name__: render(variant()) for variant in VARIANTS}


@pytest.mark.parametrize("variant", VARIANTS)
def test_page_is_well_formed_and_complete(texts: dict[str, str], variant: Callable[[], Scouting]) -> None:
    page = Page(texts[variant.__name__])
    names = page.attributes("id")
    assert len(names) == len(set(names))
    assert set(names) >= SECTIONS
    assert ("check" in names) == (variant is not bare)
    referred = page.attributes("aria-labelledby") + page.attributes("aria-describedby")
    assert {name for value in referred for name in value.split()} <= set(names)
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    assert links
    assert {link[1:] for link in links if link} <= set(names)


@pytest.mark.parametrize("variant", VARIANTS)
def test_page_asks_for_nothing_outside(texts: dict[str, str], variant: Callable[[], Scouting]) -> None:
    page = Page(texts[variant.__name__])
    assert page.attributes("src") == []
    assert all(value.startswith("#") for value in page.attributes("href"))
    assert not {"link", "iframe", "img", "object", "image"} & {tag for tag, _ in page.elements}
    assert "://" not in texts[variant.__name__]
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)


@pytest.mark.parametrize("variant", VARIANTS)
def test_tables_and_figures_can_be_read_aloud(texts: dict[str, str], variant: Callable[[], Scouting]) -> None:
    page = Page(texts[variant.__name__])
    assert all(a.get("scope") in ("col", "row") for tag, a in page.elements if tag == "th")
    figures = [a for tag, a in page.elements if tag == "svg"]
    assert len(figures) >= (2 if variant is bare else 4)
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in figures)
    assert texts[variant.__name__].count("<h1") == 1


def test_table_holds_the_numbers_of_the_shortlist(texts: dict[str, str]) -> None:
    table = plain().ranking.shortlist.table
    rows = [row for row in Page(texts["plain"]).rows if row and row[0]]
    assert len(rows) == len(table)
    for shown, row in zip(rows, table.iter_rows(named=True), strict=True):
        assert int(shown[0]) == row["rank"]
        assert shown[1] == row["formula"]
        assert float(shown[2]) == row["gap_predicted"]
        assert float(shown[4]) == row["gap_goal_probability"]
        assert float(shown[5]) == row["similarity"]
        assert PURPOSES[row["purpose"]] == shown[-2]


def test_headline_says_what_the_numbers_are(texts: dict[str, str]) -> None:
    made, text = plain(), " ".join(texts["plain"].replace("\N{NO-BREAK SPACE}", " ").split())
    assert "35 of 36 rows of labels &amp; more.csv were used, 1 row left out" in text
    assert "Shortlist: gap of 2 to 3 eV" in text
    assert "without Cd, Pb, among 30 generated candidates" in text
    asked = made.findings["gap"].scores.asked
    assert f"mean absolute error of {asked.scores['extratrees-magpie']['mae']:.3g} eV" in text
    assert f"{round(35 * asked.scores['extratrees-magpie']['coverage'])} of 35 measured values" in text
    chances = made.ranking.shortlist.table.drop_nulls("batch")["gap_goal_probability"].to_numpy()
    if chances.sum() >= 1:
        assert f"about {chances.sum():.2g} of the 4" in text
    else:
        assert f"a chance of {100 * (1 - np.prod(1 - chances)):.0f} % that any of the 4" in text


def test_values_over_decades_are_told_apart_by_factors(texts: dict[str, str]) -> None:
    made, text = decades(), texts["decades"].replace("\N{NO-BREAK SPACE}", " ")
    assert "mathdefault" not in text
    assert ">10⁵<" in text
    tiles = text.partition('class="tiles"')[2].partition("</dl>")[0]
    error = made.findings["sigma"].scores.asked.scores["extratrees-magpie"]["mae"]
    assert f'<span class="value">{error:.3g} decades</span>' in tiles
    assert "a factor of" in tiles
    drivers = text.partition('id="drivers"')[2].partition("</section>")[0]
    assert "a factor of 3.2" in drivers
    assert "a factor of 1.8" in drivers
    assert "S/m" not in drivers
    logarithms = np.log10(made.dataset.target("sigma").values)
    with_lithium = np.array([formula.startswith("Li") for formula in LABELLED])
    difference = float(np.median(logarithms[with_lithium]) - np.median(logarithms[~with_lithium]))
    assert f"÷ {round(10**-difference, -2):,.0f} (5)" in drivers


def test_hostile_text_is_shown_not_run(texts: dict[str, str]) -> None:
    text = texts["hostile"]
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(" in text
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    for harmless in ("<b>at all", "<by>", "<made>", "<so far>", "<it>", "a<b", "T <K>"):
        assert harmless not in text


def test_groups_stand_side_by_side(texts: dict[str, str]) -> None:
    text = texts["grouped"]
    assert "Random folds (kfold" in text
    assert "Whole groups left out (group" in text
    assert "On unseen groups of materials, the model predicts gap" in text
    assert "Whole groups left out" not in texts["plain"]


def test_maximum_beyond_the_labels_is_talked_about(texts: dict[str, str]) -> None:
    assert "No candidate is predicted beyond the best label of gap, 4.4" in texts["grouped"]
    assert "predicted beyond the best label" not in texts["plain"]


def test_a_second_opinion_has_told_the_extremes_already() -> None:
    made = grouped()
    values = np.full(len(made.ranking.shortlist), 5.0)
    fact = Evidence("gap_extrapolated", "gap, extrapolated", values, "made up", EvidenceSource("gp"), "eV")
    opinion = replace(made.ranking.shortlist, remarks=()).with_evidence([fact], ["Whatever it says."])
    told = warnings(replace(made, ranking=replace(made.ranking, shortlist=opinion)), page_parts(made)["aims"])
    assert "Whatever it says." in told
    assert not [warning for warning in told if "beyond the best label" in warning]
    assert "selected for high predictions" in told[-1]
    assert "a little" not in told[-1]


def test_classes_are_scored_as_classes(texts: dict[str, str]) -> None:
    text = texts["classes"]
    for words in ("balanced accuracy", "ROC-AUC", "F1", "Confusion matrix", "ROC curve", "chance of yes"):
        assert words in text
    assert "Winkler" not in text


def test_several_goals_show_their_trade_off(texts: dict[str, str]) -> None:
    page = Page(texts["several"])
    assert {"trade-off-1", "trade-off-2"} <= {value.removesuffix("-title") for value in page.attributes("id")}
    assert "on the front" in texts["several"]
    assert "trade-off-1" not in texts["plain"]


def test_watched_materials_are_reported(texts: dict[str, str]) -> None:
    text = texts["plain"]
    assert "3 of 30 (top 10 %)" in text
    assert "removed: without As" in text
    assert "1 (0.1 to 1.9) eV" in text


def test_hints_stand_beside_the_candidates_with_their_errors(texts: dict[str, str]) -> None:
    text = texts["hinted"].replace("\N{NO-BREAK SPACE}", " ")
    rows = [row for row in Page(texts["hinted"]).rows if row and row[0]]
    facts = context_facts(hinted().ranking.shortlist)
    assert [evidence.heading for evidence in facts] == [*MEANINGS, "synthesised"]
    assert [row[-5:-2] for row in rows[:2]] == [["1.0", "0.0", "0.0"], ["Infinity"] * 3]
    for place, evidence in enumerate(facts, start=-5):
        known = np.flatnonzero(evidence.known)
        assert [float(rows[row][place]) for row in known] == evidence.values[known].tolist()
    assert ">hint: PBE band gap (eV)<" in text
    assert ">hint: energy above hull (eV/atom)<" in text
    assert ">hint: synthesised<" in text
    # The first was trained on, the fourth was not.
    assert ">† 1.0 ± 0.4<" in text
    assert ">† 0.000 ± 0.014<" in text
    assert ">† 0 %<" in text
    assert ">0.003 ± 0.014<" in text
    assert "donor &lt;i&gt;" in text


def test_hints_are_explained_once_and_only_where_there_are_any(texts: dict[str, str]) -> None:
    text = texts["hinted"].replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "a hint of stability, not a proof; held-out error 0.014 eV/atom.",
        "usually lower than measured; held-out error 0.38 eV.",
        "are correct for 83 % of the held-out formulas.",
        "† This formula was in the training data",
        "Synthesisability is not scored; the shortlist has hints.",
    ):
        assert text.count(words) == 1
    assert "Synthesisability is not predicted." in texts["plain"]
    assert "hint" not in texts["plain"].partition("</style>")[2].partition("<script>")[0]


def test_too_little_data_is_said(texts: dict[str, str]) -> None:
    assert "too few labels to show" in texts["bare"]
    assert "too few labelled rows for a back-test" in texts["bare"]


def test_command_repeats_the_run(texts: dict[str, str]) -> None:
    assert "<code>matscout scout &#39;labels &amp; more.csv&#39; --goal gap=2:3</code>" in texts["plain"]


def test_structures_and_long_lists_of_problems_are_explained() -> None:
    made = plain()
    many = tuple(RowProblem(row, "x", "odd", "mend it") for row in range(2, PROBLEMS + 12))
    text = render(replace(made, check=replace(made.check, n_structures=30, problems=many)))
    assert "the model auto learns from them" in text
    assert f"The first {PROBLEMS} of {PROBLEMS + 10}" in text


def rock_salts(formulas: Sequence[str], spoilt: Sequence[str] = ()) -> Materials:
    """Made-up cells of binary compounds; in the ``spoilt`` ones two atoms overlap, so that they have no vector."""
    materials = Materials.from_formulas(list(formulas))
    crystals = [
        Structure(Lattice.cubic(4.0 + 0.1 * place), list(material.composition), [[0, 0, 0], [shift, shift, shift]])
        for place, material in enumerate(materials)
        for shift in [0.001 if material.formula in spoilt else 0.5]
    ]
    return replace(materials, structures=Structures.from_pymatgen(crystals))


def test_map_goes_by_structures_where_both_have_them() -> None:
    assert "Neighbours have similar compositions" in render(plain())
    dataset = replace(labels({"gap": "regression"}), materials=rock_salts(LABELLED, ["NaCl"]))
    candidates = Candidates(rock_salts(WANTED, ["ZnO"]), np.full(len(WANTED), "given"))
    text = render(scouting(dataset, (Goal("gap", *RANGE),), candidates))
    assert "Neighbours have similar structures" in text
    dots = map_dots(text)
    assert set(LABELLED) - set(dots) == {"NaCl"}
    assert "ZnO" not in dots
    for name, kinds in dots.items():
        assert ("label" in kinds) == (name in LABELLED)
        assert sum(kind.startswith("k0-") for kind in kinds) == 1


def test_twenty_thousand_candidates_stay_small(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, 60, size=(20_000, 2))
    rows = [{SYMBOLS[a]: 1 + place % 7, SYMBOLS[b + 20]: 1 + place // 3000} for place, (a, b) in enumerate(pairs)]
    compositions = Compositions.from_dicts(rows)
    formulas = np.array(["".join(f"{symbol}{amount}" for symbol, amount in row.items()) for row in rows])
    materials = Materials(formulas, formulas, compositions)
    candidates = Candidates(materials, np.full(len(rows), "enumerated"))
    made = scouting(labels({"gap": "regression"}), (Goal("gap", *RANGE),), candidates)
    path = write_report(made, tmp_path / "report.html")
    assert path.stat().st_size < 1_500_000
    text = path.read_text(encoding="utf-8")
    assert "shortlist.csv" in text
    assert "contains the first 1,000" in text
    assert text.count("<circle") < 2000


@pytest.mark.slow
def test_report_of_a_real_run(tmp_path: Path) -> None:
    anions = {"O": 7.0, "S": 4.0, "Se": 3.0, "F": 10.0, "Cl": 8.0}
    rows = [
        {"formula": f"{cation}{anion}", "gap (eV)": value - 0.1 * place, "paper": f"paper {place}"}
        for place, cation in enumerate(("Li", "Na", "K", "Rb", "Mg", "Ca", "Sr", "Ba", "Zn", "Al", "Ga", "In"))
        for anion, value in anions.items()
    ]
    dataset = read(pl.DataFrame(rows), target="gap", groups="paper")
    found = scout(dataset, "3:4", out=tmp_path / "out", fast=True, n_candidates=300, watch=("BaTe",), batch=4)
    assert found.folder is not None
    text = (found.folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert set(page.attributes("id")) >= {*SECTIONS, "check"}
    assert "Parts of the model" in text
    assert found.ranking.shortlist.table["formula"][0] in page.attributes("data-value")
    assert "matscout.scout(dataset, goals=&#39;3:4&#39;, " in text


def test_candidates_with_structures_have_small_pictures_of_their_own() -> None:
    made = structured()
    text, table = render(made), made.ranking.shortlist.table
    shortlist = text.partition('<table id="candidates">')[2].partition("</table>")[0]
    pictures = [attributes for tag, attributes in Page(shortlist).elements if tag == "img"]
    first = table.filter((table["rank"] <= PICTURED) | table["batch"].is_not_null())
    assert len(table) > len(first) >= PICTURED
    assert [one["alt"] for one in pictures] == [f"Unit cell of {formula}" for formula in first["formula"]]
    # Each is the picture of its own candidate, drawn here once more.
    ids, structures = made.ranking.candidates.materials.ids, made.ranking.candidates.materials.structures
    assert structures is not None
    for place in (0, len(first) - 1):
        row = int(np.flatnonzero(ids == first["id"][place])[0])
        assert pictures[place]["src"] == inline_png(draw(shown_atoms(structures[[row]]), THUMBNAIL))
    assert len({one["src"] for one in pictures}) > PICTURED / 2
    assert max(len(one["src"] or "") for one in pictures) < 15_000
    assert "://" not in text


def test_cards_of_what_to_make_next_have_the_picture_of_the_table() -> None:
    made = structured()
    cards = render(made).partition('<ol class="cards">')[2].partition("</ol>")[0]
    rows = made.ranking.shortlist.table.filter(made.ranking.shortlist.table["batch"].is_not_null()).sort("batch")
    pictures = [attributes for tag, attributes in Page(cards).elements if tag == "img"]
    assert [one["alt"] for one in pictures] == [f"Unit cell of {formula}" for formula in rows["formula"]]
    ids, structures = made.ranking.candidates.materials.ids, made.ranking.candidates.materials.structures
    assert structures is not None
    row = int(np.flatnonzero(ids == rows["id"][0])[0])
    assert pictures[0]["src"] == inline_png(draw(shown_atoms(structures[[row]]), THUMBNAIL))


def test_formulas_have_no_pictures_and_no_word_of_them(texts: dict[str, str]) -> None:
    assert "Unit cell of" not in texts["plain"]
    assert "<img" not in texts["plain"]


def map_dots(text: str) -> dict[str, list[str]]:
    """Name -> classes of each dot of the map."""
    found = text.partition('<figure class="map">')[2].partition("</svg>")[0]
    return {name: kinds.split() for kinds, name in re.findall(r'<circle class="([^"]*)"[^>]*><title>([^<:]*):', found)}


def test_map_is_coloured_by_measured_and_predicted_values(texts: dict[str, str]) -> None:
    made, dots = plain(), map_dots(texts["plain"])
    table = made.ranking.shortlist.table
    values = {str(formula): 1.0 + row / 10 for row, formula in enumerate(LABELLED)}
    values |= dict(zip(table["formula"], table["gap_predicted"], strict=True))
    assert set(dots) == set(values)
    low, high = np.quantile(list(values.values()), [0.01, 0.99])
    for name, value in values.items():
        step = int(np.clip(8 * (value - low) / (high - low), 0, 7))
        assert f"k0-{step}" in dots[name], name


def test_map_is_coloured_by_the_most_electronegative_element(texts: dict[str, str]) -> None:
    text = texts["plain"]
    key = re.findall(r'<span class="swatch" style="background:[^"]*"></span>(\w+)</span>', text.partition("key-k1-")[2])
    for name, kinds in map_dots(text).items():
        place = next(int(kind[3:]) for kind in kinds if kind.startswith("k1-"))
        assert name.endswith(key[place]), name


@pytest.mark.parametrize(("variant", "n"), [("plain", 2), ("classes", 2), ("several", 4)])
def test_every_way_to_colour_the_map_has_a_button_a_key_and_colours(
    texts: dict[str, str], variant: str, n: int
) -> None:
    text = texts[variant]
    offered = re.findall(r'name="colours" value="([^"]*)"', text)
    assert offered == ["rank", *(f"k{place}-" for place in range(n))]
    used = {kind for kinds in map_dots(text).values() for kind in kinds if kind.startswith("k")}
    assert all(f".{kind}{{fill:" in text for kind in used)
    assert all(f'class="keys key-{key}"' in text for key in offered)


@pytest.mark.parametrize("rows", [0, 6, 18])
def test_the_answer_says_if_pretraining_knew_most_of_the_rows(rows: int) -> None:
    made = plain()
    finding = made.findings["gap"]
    asked = replace(finding.scores.asked, overlap={"composition-donor": Overlap(rows, 20)})
    told = replace(made, findings={"gap": replace(finding, scores=replace(finding.scores, asked=asked))})
    answer = render(told).partition('id="answer"')[2].partition("</section>")[0]
    assert ("for other materials, errors may be larger" in answer) == (rows > 10)
    assert (f"note: composition-donor, seen in pretraining: {rows} of 20 rows" in told.summary()) == (rows > 0)
