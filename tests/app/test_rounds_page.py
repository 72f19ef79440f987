"""The section of the report on earlier rounds shows what the review counts."""

from __future__ import annotations

from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from tests.workflow.made_up_rounds import labels, round_with
from tests.workflow.test_round_review import FIRST, KNOWN, MEASURED

from matscout.app.rendering import render_template
from matscout.app.report.rounds import section
from matscout.workflow.round_moves import Change, Move
from matscout.workflow.round_review import review_rounds
from matscout.workflow.stop_advice import StopAdvice


class _Cells(HTMLParser):
    """Texts of the cells of each row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        self.inside = tag in ("td", "th") or (self.inside and tag in ("sub", "span"))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def scouting(**parts: Any) -> Any:
    review = review_rounds([round_with(labels(KNOWN), FIRST, ["GaN", "AlN", "ZnO"])], labels(MEASURED))
    change = Change("gap", "eV", 1.5, 2.5)
    why = "nearest label is GaN, measured since"
    moves = (Move("ZnO", "", 3, 1, (change,), why), Move("InN", "", 6, None, (), "left out"))
    defaults = {"review": review, "moves": moves, "advice": StopAdvice(20, 0.1, idle_rounds=2)}
    return SimpleNamespace(**{**defaults, **parts})


def rows(of: Any) -> list[list[str]]:
    parser = _Cells()
    parser.feed(render_template("rounds.html.jinja", {"rounds": section(of)}))
    return parser.rows


def test_every_outcome_has_its_row() -> None:
    header, gan, aln, zno, *_ = rows(scouting())
    assert header[:4] == ["round", "material", "state", "gap measured"]
    assert gan[:8] == ["1", "GaN", "measured", "3.4\xa0eV", "3\xa0eV", "2 to 4", "inside", "yes"]
    assert aln[6:8] == ["outside", "yes"]
    assert (zno[2], zno[3], zno[6]) == ("not measured yet", "", "")
    cells = [row[1] for row in rows(scouting()) if len(row) > 1]
    assert cells.index("CdTe") < cells.index("MgO")


def test_moves_and_advice_are_shown() -> None:
    html = render_template("rounds.html.jinja", {"rounds": section(scouting())})
    assert "1.5 → 2.5\xa0eV" in html
    assert "not ranked" in html
    assert "<strong>The next 20 are likely to bring 0.1" in html
    assert "2 of 3 proposals of round 1 are measured." in html


def test_a_first_round_has_no_section() -> None:
    assert section(scouting(review=None)) is None
