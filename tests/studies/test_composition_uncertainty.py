"""Uncertainties of compositions: what is counted, the tests of the statements, conformal widths, a plan run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest
from tests.represent.corpora.test_crystal_structures import write
from tests.represent.crystals_at_hand import random_structures

from matscout.app.cli import run
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.settings.checking import check_arguments
from matscout.studies import ambiguity_statements as statements
from matscout.studies import ambiguity_tables as tables
from matscout.studies.base import CheckedStatement
from matscout.studies.composition_tasks import CompositionTask, CompositionTasks
from matscout.studies.figures.composition_uncertainty import CompositionUncertainty, labelled
from matscout.studies.running import StudyPlan, reproduce

pytestmark = pytest.mark.usefixtures("few_trees")

FORMULAS = ["NaCl", "NaCl", "Fe2O3", "Bi0.5Sb1.5Te3", "KBr", "Og2O"]
ENERGY = "formation energy (eV/atom)"


@pytest.fixture
def study(polysrl_artefact: Path, tmp_path: Path) -> CompositionUncertainty:
    """All formulas of the crystals twice, so each has two structures; NaCl, KBr and such have none."""
    structures = random_structures(30)
    path = write(tmp_path, [*structures, *structures])
    labels = {"material": [f"m{row}" for row in range(60)], ENERGY: [*np.zeros(30), *np.linspace(0.0, 2.9, 30)]}
    polars.DataFrame(labels).write_parquet(tmp_path / "labels.parquet")
    data = CompositionTasks(
        (CompositionTask("gap", Materials.from_formulas(FORMULAS), np.arange(6.0)),),
        Path(path),
        tmp_path / "labels.parquet",
    )
    return CompositionUncertainty(
        data,
        tmp_path,
        weights=[str(polysrl_artefact)],
        energy=ENERGY,
        panels=["structures", "errors"],
        seeds=1,
        epochs=1,
    )


def test_structures_doping_energies_and_errors_are_told_of_every_formula(study: CompositionUncertainty) -> None:
    runs = study.run()
    crystals, gap = runs.filter(source="crystals"), runs.filter(source="gap")
    assert crystals["structures"].min() == 2
    assert crystals["seen"].all()
    assert crystals["relative"].median() == pytest.approx(1.0)
    # Two energies 0 and x have the standard deviation x / 2.
    assert crystals["spread"].max() == pytest.approx(1.45)
    assert dict(zip(gap["formula"], gap["doped"], strict=True)) == {
        "NaCl": False, "Fe2O3": False, "Bi0.5Sb1.5Te3": True, "KBr": False
    }  # fmt: skip
    assert gap["error"].is_not_null().all()
    assert study.figure(runs).axes[0].get_xlabel() == "known structures"
    assert "| formulas of tasks, held out | 0 | 4 |" in study.tables(runs)


def made_up(structures: list[int], relative: list[float], **columns: object) -> polars.DataFrame:
    usual = {
        "elements": 2,
        "network": "n",
        "source": "crystals",
        "seen": False,
        "doped": False,
        "spread": None,
        "error": None,
    }
    columns = {"formula": [f"Na{row}" for row in range(len(structures))], **columns}
    lit = [polars.lit(value).alias(name) for name, value in usual.items() if name not in columns]
    return polars.DataFrame({"structures": structures, "relative": relative, **columns}).with_columns(lit)


def test_statements_are_judged_by_what_goes_as_stated() -> None:
    rng = np.random.default_rng(0)
    counts = np.repeat([1, 2, 3], 40)
    rising = made_up(counts.tolist(), (counts + rng.random(120)).tolist(), spread=rng.random(120).tolist())
    falling = rising.with_columns(relative=-polars.col("relative"))
    for test in (statements.several_structures, statements.more_structures):
        told = test(rising)
        assert told.words.startswith("held out, ")
        assert told.as_stated
        assert told.p_value < 1e-6
        assert not test(falling).as_stated
        assert test(rising.with_columns(seen=True)) is None
    assert statements.energies(rising).p_value > 0.01
    told = {"source": "kappa-300", "formula": [f"Na{row}" for row in range(40)], "doped": [True] * 20 + [False] * 20}
    tasks = made_up([0] * 20 + [1] * 20, [2.0] * 20 + [1.0] * 20, **told)
    assert statements.no_structure(tasks).as_stated
    assert statements.doped(tasks).as_stated
    assert statements.doped(tasks.with_columns(doped=False)) is None
    assert statements.doped(tasks.with_columns(source=polars.lit("gap"))) is None
    assert "(n 20 and 20," in statements.doped(polars.concat([tasks, tasks])).words
    assert statements.errors(tasks) is None


def test_errors_are_ranked_within_their_task() -> None:
    # The second task has larger errors and smaller variances; within each task the errors rise with the variances.
    relative, error = [*np.arange(10.0) + 100, *np.arange(10.0)], [*np.arange(10.0), *np.arange(10.0) + 100]
    runs = made_up([1] * 20, relative, source=["gap"] * 10 + ["sigma-300"] * 10, error=error)
    told = statements.errors(runs)
    assert told.as_stated
    assert "rank correlation 1.000" in told.words
    # The same formulas in two tasks are no more evidence.
    twice = runs.with_columns(formula=polars.Series([f"Na{row % 10}" for row in range(20)]))
    assert "n 10)" in statements.errors(twice).words


def test_what_only_goes_with_the_number_of_elements_is_no_evidence() -> None:
    # Formulas of more elements have more structures and larger variances; among those of equally many there is nothing.
    rng = np.random.default_rng(0)
    elements = np.repeat([2, 3, 4], 200)
    counts = 1 + (rng.random(600) < 0.2 * (elements - 1)).astype(int)
    runs = made_up(counts.tolist(), (elements + rng.random(600)).tolist(), elements=elements.tolist())
    for test in (statements.several_structures, statements.more_structures):
        told = test(runs)
        assert told.p_value > 0.01
        assert [part.words.split(":")[0] for part in told.parts] == [f"of {count} elements" for count in (2, 3, 4)]


def test_a_part_that_contradicts_the_whole_leaves_it_undecided() -> None:
    counts = np.tile([1, 2], 150)
    sign = np.repeat([1, 1, -1], 100)
    runs = made_up(counts.tolist(), (sign * counts).tolist(), elements=np.repeat([2, 3, 4], 100).tolist())
    told = statements.more_structures(runs)
    assert told.as_stated
    assert told.p_value < 1e-6
    assert told.contradicted
    finding = CheckedStatement.judged("as it is", [told])
    assert finding.verdict == "undecided"
    assert "... of 4 elements: rank correlation -1.000" in str(finding)


def test_errors_are_told_in_fifths_by_uncertainty() -> None:
    runs = made_up([1] * 100, np.arange(100.0).tolist(), source="gap", error=np.repeat(np.arange(5.0), 20).tolist())
    told = tables.errors_by_uncertainty(runs).splitlines()[-1]
    assert "| 0.000 ± 0.000 | 1.000 ± 0.000 | 2.000" in told
    assert tables.errors_by_uncertainty(runs.head(20)) == ""


@pytest.mark.parametrize(("n", "expected"), [(99, 90), (100, 91), (1000, 901), (5, 5)])
def test_the_factor_is_the_score_that_holds_its_level(n: int, expected: int) -> None:
    assert tables.calibrated(np.arange(n, 0, -1.0)) == expected


def test_proportional_intervals_are_narrower_where_errors_follow_the_variance() -> None:
    rng = np.random.default_rng(0)
    relative = np.exp(rng.normal(size=2000))
    error = np.abs(rng.normal(size=2000)) * np.sqrt(relative)
    runs = made_up([0] * 2000, relative.tolist(), source="gap", error=error.tolist())
    cells = [cell.strip() for cell in tables.conformal_widths(runs).splitlines()[4].split("|")]
    equal, covered, own, also_covered = map(float, cells[4:8])
    assert own < 0.97 * equal
    assert abs(covered - 90) < 1.5
    assert abs(also_covered - 90) < 1.5
    # 1.645 standard deviations hold 90 % of a normal distribution.
    assert own == pytest.approx(1.645 * np.sqrt(relative).mean(), rel=0.03)
    assert tables.conformal_widths(runs.head(10)) == ""


def test_runs_are_told_apart_by_their_names_if_these_differ(tmp_path: Path) -> None:
    one, other, same = (tmp_path / place / "artefact" for place in ("a/one", "a/other", "b/one"))
    for folder in (one, other, same):
        folder.mkdir(parents=True)
    assert labelled(["polysrl", str(one), str(other)]) == {"polysrl": "polysrl", "one": str(one), "other": str(other)}
    assert [*labelled([str(one), str(same)])] == [str(one), str(same)]


@pytest.mark.parametrize("name", ["fig3", "fig4", "fig9"])
def test_every_plan_is_read(name: str) -> None:
    for scale in ("smoke", "cpu", "full"):
        assert StudyPlan.read(f"polysrl/{name}", [f"scale={scale}"]).figure == "composition-uncertainty"


def test_wrong_plans_are_refused(polysrl_artefact: Path, tmp_path: Path) -> None:
    data = CompositionTasks((), Path("crystals.npz"), None)
    given = {"weights": [str(polysrl_artefact)], "energy": "", "panels": ["structures"], "seeds": 0, "epochs": 1}
    for wrong, reason in (
        ({"panels": ["pie"]}, "panels are some of structures, doped, errors, cases; got"),
        ({"weights": ["magpie"]}, "magpie is not a network of compositions"),
        ({"energy": ENERGY}, "give both"),
    ):
        with pytest.raises(UsageError, match=reason):
            CompositionUncertainty(data, tmp_path, **{**given, **wrong})
    with pytest.raises(UsageError, match=r"weights of it is \[\]; expected a list of texts"):
        check_arguments(CompositionUncertainty, {**given, "energy": ENERGY, "weights": []}, "it", skip=2)


@pytest.mark.usefixtures("data_folder")
def test_a_plan_makes_figure_and_page(polysrl_artefact: Path, study: CompositionUncertainty, tmp_path: Path) -> None:
    given = [f"data.structures={study.data.structures}", f"data.labels={study.data.labels}"]
    own = ["data.tasks=[sigma-600]", f"settings.weights=[{polysrl_artefact}]", "scale=smoke"]
    assert run(["reproduce", "polysrl/fig4", *given, *own, "-o", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "fig4" / "comparison.md").read_text()
    assert "| structures | most certain | least certain |" in text
    assert (tmp_path / "out" / "fig4" / "figure.png").stat().st_size > 10_000
    assert "none of them is among the crystals" in text
    of_errors = reproduce(StudyPlan.read("polysrl/fig9", [*given, *own]), tmp_path / "out")
    assert [one.statement.split(": ")[1][:8] for one in of_errors.findings] == ["the less"]
