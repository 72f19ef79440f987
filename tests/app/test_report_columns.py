"""Columns, badges and outliers of the report: only what differs, what warns, and what is missed by most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.app.scoutings import LABELLED, classes, decades, plain
from tests.app.test_report import Page
from tests.foretold import foretold

from matscout.app.report.columns import DOMAIN, further_columns
from matscout.app.report.drivers import FEWEST_SYSTEMS, find_drivers
from matscout.app.report.evidence import LONGEST, NONE, Badge, EvidenceCell, headings, on_candidate
from matscout.app.report.outliers import NAMED, worst_outliers
from matscout.app.report.page import FIRST, page_parts, render
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.evaluation.base import OutOfFold
from matscout.generate.facts import Emphasis, Evidence, EvidenceSource

pytestmark = pytest.mark.usefixtures("few_trees")


@pytest.fixture(scope="module")
def rows():
    """Ten rows whose columns a test sets."""
    return page_parts(plain())["entries"][:10]


def _further(rows, hints=(), **changes):
    """The columns where each change has a value per row."""
    own = [{name: values[place] for name, values in changes.items()} for place in range(len(rows))]
    changed = [replace(row, **change) for row, change in zip(rows, own, strict=True)]
    return further_columns(changed, hints, goals=1)


def test_a_constant_column_becomes_a_sentence(rows) -> None:
    found = _further(rows, novelty=["new ratio"] * 10, purpose=["learning"] * 10)
    assert found.columns == ()
    assert found.sentences == ("What is new: new ratio, for all.", "Purpose: to learn, for all.")


def test_a_usual_text_is_left_blank_and_said_once(rows) -> None:
    found = _further(rows, novelty=["new ratio", *["new combination"] * 9], purpose=["value"] * 5 + ["learning"] * 5)
    new, purpose = found.columns
    assert [cell.text for cell in new.cells] == ["new ratio", *[""] * 9]
    assert [cell.value for cell in new.cells] == ["new ratio", *["new combination"] * 9]
    assert [cell.text for cell in purpose.cells] == ["for value"] * 5 + ["to learn"] * 5
    assert found.sentences == ("What is new: new combination, unless the column shows otherwise.",)


def test_what_is_known_of_none_is_said_and_numbers_stay(rows) -> None:
    empty, numbers = [NONE] * 10, [EvidenceCell("0" if place else "1", place) for place in range(10)]
    evidence = [replace(row.evidence, cells=(empty[place], numbers[place])) for place, row in enumerate(rows)]
    found = _further(rows, ("gap (eV)", "energy"), evidence=evidence, novelty=["x"] * 10, purpose=["value"] * 10)
    assert [column.heading for column in found.columns] == ["energy"]
    assert [cell.text for cell in found.columns[0].cells] == ["1", *["0"] * 9]
    assert "Gap (eV): not known for any." in found.sentences


def test_outside_the_domain_is_a_badge_where_others_are_inside(rows) -> None:
    assert _further(rows, in_domain=[True] * 5 + [False] * 5).some_inside
    outside = _further(rows, in_domain=[False] * 10)
    assert not outside.some_inside
    assert DOMAIN in outside.sentences


def _evidence(name: str, texts: list[str], emphasis: Emphasis = "none") -> Evidence:
    return Evidence(name, name, np.array(texts), "made up", EvidenceSource("made"), emphasis=emphasis)


def test_warnings_and_notes_are_badges_and_long_texts_stand_under_why() -> None:
    made = plain()
    n = len(made.ranking.shortlist)
    rest = [""] * (n - 1)
    facts = [
        _evidence("hazard", ["explosive (azides); toxic (lead)", *rest], "warning"),
        _evidence("known", ["made", *rest], "note"),
        _evidence("known as", ["halite", *rest], "note"),
        _evidence("danger", ["burns (metals that catch fire in moist air)", *rest], "warning"),
        _evidence("statements", ["H" * (LONGEST + 1), *rest]),
        _evidence("short", ["yes", *rest]),
    ]
    shortlist = made.ranking.shortlist.with_evidence(facts)
    first, second = on_candidate(shortlist, 0), on_candidate(shortlist, 1)
    warnings = [Badge(text, "warning") for text in ("explosive (azides)", "toxic (lead)", "burns")]
    assert first.badges == (*warnings, Badge("known: made, halite", "note"))
    assert first.details == (
        ("danger", "burns (metals that catch fire in moist air)"),
        ("statements", "H" * (LONGEST + 1)),
    )
    assert (second.badges, second.details) == ((), ())
    assert headings(shortlist) == ("short",)
    text = render(replace(made, ranking=replace(made.ranking, shortlist=shortlist)))
    table = text.partition('<table id="candidates">')[2].partition("</table>")[0]
    assert table.count('<span class="badge warning">explosive (azides)</span>') == 1
    assert table.count('<span class="badge note">known: made, halite</span>') == 1
    assert "statements</button>" not in table
    assert f"Statements: {'H' * (LONGEST + 1)}." in table


def test_a_print_holds_the_best_of_the_first_systems() -> None:
    table = render(plain()).partition('<table id="candidates">')[2].partition("</table>")[0]
    rows = [attributes for tag, attributes in Page(table).elements if tag == "tr"][1:]
    printed = [row for row in rows if row.get("class") != "noprint"]
    assert len(printed) == min(FIRST, sum("data-leads" in row for row in rows))
    assert all("data-leads" in row for row in printed)


def test_the_worst_outliers_are_named_once_each_the_worst_first() -> None:
    finding = plain().findings["gap"]
    asked, dataset = finding.scores.asked, plain().dataset
    values = asked.target.values
    errors = np.zeros(len(values))
    errors[[4, 9, 2, 20, 7, 11]] = [3.0, -2.5, 2.0, 1.5, -1.0, 0.5]
    predicted = values + errors
    twice = np.tile(np.arange(len(values)), 2)
    predictions = foretold(predicted[twice], predicted[twice] - 1, predicted[twice] + 1, target="gap", unit="eV")
    found = OutOfFold(twice, np.full(len(twice), "fold"), predictions)
    named = worst_outliers(replace(asked, out_of_fold={asked.model: found}), dataset)
    assert [outlier.row for outlier in named] == [4, 9, 2, 20, 7]
    assert [outlier.formula for outlier in named] == [LABELLED[row] for row in (4, 9, 2, 20, 7)]
    assert named[0].miss.replace("\N{NO-BREAK SPACE}", " ") == "3 eV"
    assert len(named) == NAMED


def test_outliers_over_decades_are_off_by_factors_and_classes_have_none() -> None:
    made = decades()
    first, *_ = worst_outliers(made.findings["sigma"].scores.asked, made.dataset)
    assert first.miss.startswith("a factor of")
    assert worst_outliers(classes().findings["metal"].scores.asked, classes().dataset) == ()


def test_the_worst_outliers_stand_in_a_table_and_in_the_figure() -> None:
    text = render(plain())
    quality = text.partition('id="quality"')[2].partition("</section>")[0]
    table = quality.partition('<table class="outliers">')[2].partition("</table>")[0]
    assert table.count("<tr>") == 1 + NAMED
    figure = quality.partition("target-1-parity-title")[2].partition("</svg>")[0]
    for outlier in page_parts(plain())["qualities"][0].outliers:
        assert f">{outlier.formula}<" in figure


def test_a_doped_series_says_nothing_of_its_dopant() -> None:
    """Six samples with Er are one system; those with Ca are six."""
    hosts = ["Bi2Te3", "Sb2Te3", "PbTe", "SnTe", "GeTe", "PbSe", "SnSe", "GeSe", "Bi2Se3", "Sb2Se3"]
    doped = [f"Bi{2 - share:g}Er{share:g}Te3" for share in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55)]
    others = ["CaTe", "CaSe", "CaS", "CaO", "CaF2", "CaCl2"]
    materials = Materials.from_formulas([*hosts, *doped, *others])
    values = np.array([*np.linspace(0.0, 1.0, 10), *[9.0] * 6, *[5.0] * 6])
    finding = plain().findings["gap"]
    target = Target("gap", values, "eV")
    dataset = Dataset(materials, {"gap": target}, None, None, None, (), plain().dataset.provenance)
    named = [bar.name for bar in find_drivers(finding, dataset, 0).elements]
    assert "Er" not in named
    assert "Ca" in named
    assert FEWEST_SYSTEMS == 3
