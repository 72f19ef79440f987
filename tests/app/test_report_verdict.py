"""The verdict at the head of the report, against scores made by hand, and what follows from it on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.app.scoutings import bare, classes, grouped, plain, several
from tests.app.test_report import Page

from matscout.app.report import ranking
from matscout.app.report.page import page_parts, render
from matscout.app.report.verdict import REASONS, SETTLED, STEPS, judge, no_batch
from matscout.evaluation.base import Evaluation
from matscout.remarks import Remark, codes
from matscout.workflow.ranking import IDLE
from matscout.workflow.results import Scouting
from matscout.workflow.side_by_side import SideBySide

pytestmark = pytest.mark.usefixtures("few_trees")

RED = "Do not order chemicals by this list"


def words(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def idle(asked: Evaluation) -> Evaluation:
    """The same where the model says what the constant guess says."""
    guess = asked.scores["dummy"]
    folds = tuple(replace(fold, scores=guess) if fold.model == asked.model else fold for fold in asked.folds)
    found = {**asked.out_of_fold, asked.model: asked.out_of_fold["dummy"]}
    return replace(asked, out_of_fold=found, scores={**asked.scores, asked.model: guess}, folds=folds)


def hopeless(made: Scouting) -> Scouting:
    """The same where the first model says what the constant guess says, of new groups if there are any."""
    name, finding = next(iter(made.findings.items()))
    asked, beside = finding.scores.asked, finding.scores.beside
    scores = SideBySide(idle(asked)) if beside is None else SideBySide(asked, idle(beside))
    return replace(made, findings={**made.findings, name: replace(finding, scores=scores)})


def unlucky(made: Scouting) -> Scouting:
    """The same where the back-test finds no more than chance."""
    name, finding = next(iter(made.findings.items()))
    assert finding.back_test is not None
    played = replace(finding.back_test, hits=0.5, hits_by_random=0.5)
    return replace(made, findings={**made.findings, name: replace(finding, back_test=played)})


def test_one_sentence_sets_the_model_against_guess_simple_method_and_chance() -> None:
    finding = plain().findings["gap"]
    (sentence,) = judge([finding]).sentences
    scores = finding.scores.asked.scores
    own, guess, simple = (scores[name]["mae"] for name in (finding.scores.asked.model, "dummy", "gp"))
    text = words(sentence)
    assert text.startswith(f"On unseen rows, the model predicts gap with a mean absolute error of {own:.3g}")
    assert f"{100 * (1 - own / guess):.0f} % less than the {guess:.3g} eV of the constant guess" in text
    assert own == simple
    assert f"the same as the {simple:.3g} eV of the best simple method, Gaussian process" in text
    assert text.endswith("in the back-test it finds 1 of 2 wanted rows, a random order finds 0.5.")
    assert text.count(". ") == 0


def test_new_groups_decide_where_rows_come_in_groups() -> None:
    (sentence,) = judge(list(grouped().findings.values())).sentences
    assert sentence.startswith("On unseen groups of materials,")


def test_classes_are_set_against_each_other_in_points() -> None:
    finding = classes().findings["metal"]
    (sentence,) = judge([finding]).sentences
    asked = finding.scores.asked
    own, guess = (asked.scores[name]["balanced_accuracy"] for name in (asked.model, "dummy"))
    assert f"{round(100 * (own - guess))} points above the {100 * guess:.0f} % of the constant guess" in words(sentence)


def test_a_model_that_is_worse_says_how_many_times() -> None:
    finding = plain().findings["gap"]
    asked = finding.scores.asked
    scores = {**asked.scores, "gp": {**asked.scores["gp"], "mae": asked.scores[asked.model]["mae"] / 4}}
    worse = replace(finding, scores=replace(finding.scores, asked=replace(asked, scores=scores)))
    assert "4 times the" in words(judge([worse]).sentences[0])


def test_every_target_has_its_sentence() -> None:
    assert len(judge(list(several().findings.values())).sentences) == 3


def test_without_a_back_test_nothing_is_said_of_chance() -> None:
    verdict = judge(list(bare().findings.values()))
    assert "back-test" not in verdict.sentences[0]
    assert not verdict.is_refusal


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (hopeless, "The model of gap is no better than the constant guess: mean absolute error"),
        (
            unlucky,
            "The back-test of gap does no better than a random order: the model finds 0.5 of 2 wanted rows",
        ),
    ],
)
def test_a_red_box_takes_the_place_of_the_batch(spoil, reason) -> None:
    made = spoil(plain())
    text = words(render(made))
    assert RED in text
    assert reason in text
    assert all(step.replace("'", "&#39;") in text for step in STEPS)
    assert 'class="cards"' not in text
    assert "make next" not in text.partition("<body>")[2].partition("<script>")[0].replace("To make next", "")
    assert "Nothing: the model does not know enough to choose candidates. See the box above." in text
    answer = text.partition('id="answer"')[2].partition("</section>")[0]
    assert "The first candidates are" not in answer
    assert "If their stated chances hold" not in answer


def test_a_good_model_has_no_red_box_and_a_batch() -> None:
    text = words(render(plain()))
    assert RED not in text
    assert 'class="cards"' in text
    assert "To make next: a batch of 4 that differ from each other" in text


def test_one_goal_without_a_model_spoils_all() -> None:
    assert judge(list(hopeless(several()).findings.values())).is_refusal


def test_what_the_box_says_is_said_once() -> None:
    made = hopeless(unlucky(plain()))
    remark = Remark("no-batch", "Nothing is proposed to make next.")
    shortlist = made.ranking.shortlist.with_remarks((remark, "Something else."))
    made = replace(made, ranking=replace(made.ranking, shortlist=shortlist))
    said = ranking.warnings(made, page_parts(made)["aims"])
    assert "Something else." in said
    assert str(remark) not in map(str, said)
    assert not set(codes(page_parts(made)["headline"].notes)) & set(SETTLED)


def test_an_empty_batch_says_why() -> None:
    good = judge(list(plain().findings.values()))
    assert "--batch 0" in no_batch(good, 0)
    assert "no candidate is good enough" in no_batch(good, 8)


def test_the_ranking_and_the_report_refuse_for_the_same_doubts() -> None:
    assert set(REASONS) == set(IDLE)


def test_sections_come_as_a_reader_needs_them() -> None:
    names = [name for name in Page(render(plain())).attributes("id") if name in ORDER]
    assert names == list(ORDER)


ORDER = ("answer", "shortlist", "quality", "caution", "drivers", "check", "data", "search-space", "again")


def test_long_parts_are_folded() -> None:
    text = render(plain())
    search = text.partition('id="search-space"')[2].partition("</section>")[0]
    assert search.index("<details>") < search.index('class="map"')
    assert "<details open>" not in search


def test_methods_have_one_name() -> None:
    page = render(plain()).partition("<body>")[2].partition("<script>")[0]
    for name in ("constant guess", "extra trees on Magpie", "Gaussian process"):
        assert name in page
    for other in ("one guess for all", "dummy", "extratrees-magpie"):
        assert other not in page
