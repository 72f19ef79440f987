"""Figures made again at their smallest scale, and the verdicts that stand beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars
import pytest

pytest.importorskip("torch")

from pymatgen.core import Lattice, Structure
from scipy import stats
from tests.represent.corpora.test_crystal_structures import LARGE, write
from tests.represent.crystals_at_hand import random_structures
from typer.testing import CliRunner

from matscout.app.cli import app, run
from matscout.errors import ArtefactError, InputError, MatscoutError, UsageError
from matscout.registry import plug_ins
from matscout.represent.corpora.crystal_structures import CrystalStructures
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.studies.base import CheckedStatement, ContestantComparison
from matscout.studies.crystals import LabelledCrystals
from matscout.studies.figures.frozen_vectors import FOREST, TRAINED, UNTRAINED, BoxOfDraws
from matscout.studies.figures.training_curves import TrainingCurves
from matscout.studies.figures.vector_maps import VectorMaps
from matscout.studies.networks import finished, untrained
from matscout.studies.running import Reproduced, StudyPlan, plan_names, reproduce
from matscout.workers import Lost, in_processes

pytestmark = pytest.mark.usefixtures("few_trees")

N, TESTED = 90, 20
ENERGY, GAP = "formation energy (eV/atom)", "band gap (eV)"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Overrides that name random crystals whose properties follow their elements; the last one is too large."""
    folder = tmp_path_factory.mktemp("data")
    structures = [*random_structures(N), LARGE]
    heavy = np.array([np.mean([site.specie.Z for site in structure]) for structure in structures])
    table = {
        "material": [f"m{place}" for place in range(N + 1)],
        ENERGY: heavy / 50.0 - 1.0,
        GAP: [None if place % 5 == 1 else value / 10.0 for place, value in enumerate(heavy.tolist())],
        "test": [place < TESTED for place in range(N + 1)],
    }
    polars.DataFrame(table).write_parquet(folder / "labels.parquet")
    return [f"data.structures={write(folder, structures)}", f"data.labels={folder / 'labels.parquet'}", "scale=smoke"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder, so that figures share what they train."""
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def heads(data: list[str], made: Path) -> Reproduced:
    """Figure 8, which trains the network that the others share."""
    return reproduce(StudyPlan.read("deep-infomax/fig8", [*data, "scales.smoke.labels=[20,30]"]), made)


@pytest.fixture(scope="module")
def weights(heads: Reproduced, made: Path) -> str:
    """Of Deep InfoMax, with all its false crystals."""
    (path,) = (path for path in weights_in(made) if "polymorph" in (path / "spec.json").read_text(encoding="utf-8"))
    return str(path)


def settings_of(data: list[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in data)


def crystals_of(data: list[str]) -> LabelledCrystals:
    told = settings_of(data)
    return LabelledCrystals.read(told["data.structures"], told["data.labels"], [ENERGY, GAP], "test", 10**6)


def weights_in(made: Path) -> list[Path]:
    return sorted(made.glob("work-*/deep_infomax-*/artefact"))


def test_frozen_vectors(heads: Reproduced) -> None:
    runs = polars.read_parquet(heads.runs)
    kinds = {(kind, head) for kind, head in runs.select("vectors", "head").unique().iter_rows()}
    assert {(TRAINED, "linear"), (UNTRAINED, "network"), (FOREST, "trees")} <= kinds
    assert len(runs) == 2 * 2 * len(kinds) * 3
    assert runs["mae"].is_finite().all()
    assert heads.png.stat().st_size > 10_000
    assert "<svg" in heads.svg.read_text(encoding="utf-8")
    text = heads.text.read_text(encoding="utf-8")
    assert "70 to learn from, 20 tested" in text
    assert '"labels": [20, 30]' in text
    assert len(heads.findings) == 3


def test_a_crystal_that_no_network_can_take_is_left_out_and_counted(
    data: list[str], weights: str, tmp_path: Path
) -> None:
    """Xenon has no row in the tables of site features; learned from, its crystal would make every loss NaN."""
    xenon = Structure(Lattice.cubic(6.2), ["Xe"] * 4, [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    table = polars.read_parquet(settings_of(data)["data.labels"])
    structures = [xenon if place == TESTED else one for place, one in enumerate(random_structures(N))]
    table.head(N).write_parquet(tmp_path / "labels.parquet")
    own = [f"data.structures={write(tmp_path, structures)}", f"data.labels={tmp_path / 'labels.parquet'}"]
    few = ["labels=[55]", "draws=2", "supervised=null"]
    own += ["scale=smoke", f"settings.weights=[{weights}]", *(f"scales.smoke.{one}" for one in few)]
    result = reproduce(StudyPlan.read("deep-infomax/fig7", own), tmp_path / "out")
    assert polars.read_parquet(result.runs)["mae"].is_finite().all()
    assert "neither learned from nor tested: 1." in result.text.read_text(encoding="utf-8")


def test_errors_of_a_linear_head_are_those_of_least_squares(data: list[str], heads: Reproduced, weights: str) -> None:
    crystals = crystals_of(data).only(np.arange(N + 1) < N)
    runs = polars.read_parquet(heads.runs)
    vectors = CrystalNetwork(weights).represent(crystals.materials).vectors.astype(np.float32).astype(np.float64)
    pool, tested = crystals.known(GAP, tested=False), crystals.known(GAP, tested=True)
    rows = np.random.default_rng([30, 2]).permutation(pool)[:30]
    inputs = np.column_stack([vectors, np.ones(len(vectors))])
    # Least squares of the centred columns, as scikit-learn does it.
    centre = vectors[rows].mean(axis=0)
    slopes = np.linalg.lstsq(vectors[rows] - centre, crystals.values[GAP][rows] - crystals.values[GAP][rows].mean())[0]
    predicted = (inputs[tested, :-1] - centre) @ slopes + crystals.values[GAP][rows].mean()
    expected = np.abs(predicted - crystals.values[GAP][tested]).mean()
    found = runs.filter(target=GAP, labels=30, vectors=TRAINED, head="linear", draw=2)["mae"].item()
    assert found == pytest.approx(expected, rel=1e-4)


def test_whole_networks_and_their_starts(data: list[str], made: Path) -> None:
    result = reproduce(StudyPlan.read("deep-infomax/fig7", data), made)
    runs = polars.read_parquet(result.runs)
    trained = len(weights_in(made))
    starts = set(runs.filter(target=GAP)["start"])
    assert starts == {"random start", "start from Deep InfoMax", f"start from {ENERGY}"}
    assert len(runs) == 2 * 3 * 2
    again = reproduce(StudyPlan.read("deep-infomax/fig11", data), made)
    whole = polars.read_parquet(again.runs).filter(start="random start").sort("target", "draw")
    # The same networks were trained already.
    assert len(weights_in(made)) == trained
    assert whole["mae"].to_list() == runs.filter(start="random start").sort("target", "draw")["mae"].to_list()
    assert "head on the vector, untrained" in set(polars.read_parquet(again.runs)["start"])


@pytest.mark.slow
def test_without_false_samples(data: list[str], made: Path) -> None:
    (finding,) = reproduce(StudyPlan.read("deep-infomax/fig12", data), made).findings
    assert finding.statement.endswith("(vi)")
    assert any("polymorph" not in (path / "spec.json").read_text(encoding="utf-8") for path in weights_in(made))


def test_curves_and_maps(data: list[str], made: Path, weights: str) -> None:
    named = [*data, f"settings.weights={weights}"]
    curves = polars.read_parquet(reproduce(StudyPlan.read("deep-infomax/fig6", named), made).runs)
    assert set(curves["level"]) == {"local", "global"}
    for figure in ("fig9", "fig10"):
        runs = polars.read_parquet(reproduce(StudyPlan.read(f"deep-infomax/{figure}", named), made).runs)
        assert runs.group_by("target", "vectors").len()["len"].sum() == 2 * (20 + 16)
    salts = polars.read_parquet(made / "fig9" / "runs.parquet")
    assert set(salts["colour"]) <= {0.0, 1.0}


def test_maps_of_other_weights_are_other_maps(data: list[str], made: Path) -> None:
    """Weights that come with matscout have no version of their own."""
    crystals = crystals_of(data).only(np.arange(N + 1) < N)
    told = []
    for name in ("deep-infomax", "crystal-denoising"):
        study = VectorMaps(crystals, made / "maps", weights=name, colour="label", perplexity=3)
        told.append(study.run().filter(vectors="trained")["x"].to_numpy())
    assert np.abs(told[0] - told[1]).max() > 0.1


def test_smooth_curves_may_wobble_a_little(data: list[str], made: Path) -> None:
    falling = np.linspace(1.0, 0.0, 50)
    verdicts = []
    for wobble in (0.015, 0.03):
        curve = falling.copy()
        curve[30] = curve[29] + wobble
        rows = [
            (epoch, level, loss, float(value))
            for level in ("local", "global")
            for loss in ("pairs", "noise")
            for epoch, value in enumerate(curve)
        ]
        runs = polars.DataFrame(rows, ("epoch", "level", "loss", "value"), orient="row")
        study = TrainingCurves(crystals_of(data), made, weights="deep-infomax")
        verdicts.append({found.statement: found.verdict for found in study.findings(runs)})
    smooth, surge = "training is smooth and monotonic", "the divergence surges upward early in training"
    assert [told[smooth] for told in verdicts] == ["reproduced", "not reproduced"]
    assert [told[surge] for told in verdicts] == ["not reproduced"] * 2


def test_finished_networks_take_the_place_of_pretraining(data: list[str], heads: Reproduced, weights: str) -> None:
    trained = len(weights_in(heads.runs.parents[1]))
    named = [*data, "scales.smoke.labels=[20,30]", f"settings.weights=[{weights}]"]
    again = reproduce(StudyPlan.read("deep-infomax/fig8", named), heads.runs.parents[1])
    assert polars.read_parquet(again.runs).equals(polars.read_parquet(heads.runs))
    assert len(weights_in(heads.runs.parents[1])) == trained
    seen = crystals_of(data)
    with pytest.raises(UsageError, match=r"was trained on the compositions of 70 of the \d+ crystals that are tested"):
        finished([weights], replace(seen, tested=np.ones(N + 1, dtype=bool)).only(~seen.tested), made_up=True)
    with pytest.raises(ArtefactError, match="magpie is not a network of crystals"):
        finished(["magpie"], seen, made_up=True)
    unseen = seen.only(~seen.tested)
    with pytest.raises(UsageError, match="crystal-denoising was trained by denoising, but this figure is about deep-"):
        finished(["crystal-denoising"], unseen, made_up=True)
    with pytest.raises(UsageError, match="trained with made-up false samples, but this figure needs networks without"):
        finished([weights], unseen, made_up=False)


def test_nothing_finished_is_made_twice(data: list[str], made: Path, heads: Reproduced) -> None:
    work = {path: path.stat().st_mtime_ns for path in made.glob("work-*/**/*") if path.is_file()}
    reproduce(StudyPlan.read("deep-infomax/fig8", [*data, "scales.smoke.labels=[20,30]"]), made)
    assert {path: path.stat().st_mtime_ns for path in made.glob("work-*/**/*") if path.is_file()} == work


def test_what_is_tested_is_never_learned_from(heads: Reproduced) -> None:
    (arrays,) = heads.runs.parents[1].glob("work-*/training.npz")
    corpus = CrystalStructures(str(arrays))
    assert len(corpus) == N - TESTED
    ids = set(np.load(arrays)["material_id"].tolist())
    assert ids == {f"m{place}" for place in range(TESTED, N)}
    labels = polars.read_parquet(arrays.with_name("training.parquet"))
    assert set(labels["material"]) == ids
    assert labels[GAP].null_count() == sum(place % 5 == 1 for place in range(TESTED, N))


def test_untrained_networks_differ_by_seed_only(weights: str) -> None:
    trained = CrystalNetwork(weights)
    one, other, again = untrained(trained, [0, 1, 0])
    states = [next(iter(found.pretrained().encoders.values())).state_dict() for found in (one, other, again)]
    same = {name for name in states[0] if (states[0][name] == states[1][name]).all()}
    assert "site.0.weight" not in same
    assert all((states[0][name] == states[2][name]).all() for name in states[0])


def test_comparisons_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.uniform(1, 2, 12), rng.uniform(1, 2, 12)
    told = ContestantComparison.between("x", first, second, 0.1)
    differences = first - second
    statistic = differences.mean() / np.sqrt((1 / 12 + 0.1 / 0.9) * differences.var(ddof=1))
    assert told.p_value == pytest.approx(2 * stats.t.sf(abs(statistic), 11))
    assert told.ratio == pytest.approx((first / second).mean())
    assert told.wilcoxon == pytest.approx(stats.wilcoxon(differences).pvalue)
    assert str(told).endswith(f"(p {told.p_value:.2g}, Wilcoxon {told.wilcoxon:.2g}, n 12)")
    assert str(ContestantComparison.between("x", first[:1], second[:1], 0.1)).endswith("(one draw, so no test)")


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        ([(0.9, 0.01), (0.8, 0.001)], "reproduced"),
        ([(0.9, 0.01), (0.99, 0.4)], "undecided"),
        ([(0.9, 0.01), (1.2, 0.01)], "not reproduced"),
        ([(1.01, 0.6)], "undecided"),
        ([(0.9, float("nan"))], "undecided"),
        ([], "undecided"),
    ],
)
def test_verdicts(pairs: list[tuple[float, float]], verdict: str) -> None:
    comparisons = [ContestantComparison("x", ratio, p, p, 12) for ratio, p in pairs]
    assert CheckedStatement.lower("lower", comparisons).verdict == verdict


def test_every_plan_can_be_read_at_every_scale(data: list[str]) -> None:
    figures = [name.partition("/fig")[2] for name in plan_names() if name.startswith("deep-infomax")]
    assert figures == ["10", "11", "12", "6", "7", "8", "9"]
    for name in plan_names():
        for scale in ("smoke", "cpu", "full"):
            # A plan that reads a table of its own names no structures.
            given = ["data.table=table.csv"] if name.startswith("ternary-oxides") else data[:2]
            plan = StudyPlan.read(name, [*given, f"scale={scale}"])
            assert plan.figure in {one.name for one in plug_ins("figures")}
            assert plan.scale == scale


def test_wrong_plans_are_refused(data: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no figure 'fig8'; there are deep-infomax/fig10"):
        StudyPlan.read("fig8", data)
    with pytest.raises(UsageError, match=r"the plan\.scale is 'gpu'; expected smoke, cpu or full"):
        StudyPlan.read("deep-infomax/fig8", [*data[:2], "scale=gpu"])
    with pytest.raises(UsageError, match=r"needs a value from you: give data\.structures="):
        StudyPlan.read("deep-infomax/fig8")
    with pytest.raises(UsageError, match="frozen-vectors has no 'colour'; choose from weights, "):
        StudyPlan.read("deep-infomax/fig8", [*data, "+settings.colour=red"])
    labels = tmp_path / "labels.parquet"
    polars.DataFrame({"material": ["m1"], ENERGY: [1.0], GAP: [1.0], "test": [True]}).write_parquet(labels)
    with pytest.raises(InputError, match=r"1 of its crystals are tested \(column 'test'\) and 0 are learned from"):
        reproduce(StudyPlan.read("deep-infomax/fig8", [data[0], f"data.labels={labels}", data[2]]), tmp_path / "out")


@pytest.mark.parametrize(
    ("figure", "change", "expected"),
    [
        ("fig8", 'data.targets=["band gap (eV)"]', "data.targets names two properties, formation energy and band gap"),
        ("fig8", "scales.smoke.labels=[20,80]", "80 labels of formation energy .* 70 crystals to learn from have one"),
        (
            "fig8",
            "scales.smoke.labels=[1]",
            r"labels of frozen-vectors is \[1\]; expected a list of whole numbers from 2",
        ),
        (
            "fig8",
            "scales.smoke.labels=twenty",
            "labels of frozen-vectors is 'twenty'; expected a list of whole numbers from 2",
        ),
        ("fig8", "scales.smoke.draws=1", "draws of frozen-vectors is 1; expected a whole number from 2"),
        ("fig8", "scales.smoke.draws=many", "draws of frozen-vectors is 'many'; expected a whole number from 2"),
        ("fig8", "scales.smoke.untrained=0", "untrained of frozen-vectors is 0; expected a whole number from 1"),
        ("fig8", "scales.smoke.pretraining.seeds=0", r"pretraining\.seeds is 0; expected a whole number from 1"),
        ("fig8", "scales.smoke.pretraining.seeds=x", r"pretraining\.seeds is 'x'; expected a whole number from 1"),
        ("fig8", "~scales.smoke.pretraining.seeds", "pretraining needs seeds"),
        ("fig8", "+data.colour=red", "data has no 'colour'; choose from structures, "),
        (
            "fig8",
            "settings.weights=deep-infomax",
            "weights of frozen-vectors is 'deep-infomax'; expected a list of texts",
        ),
        ("fig8", "settings.weights=null", "weights of frozen-vectors is None; expected a list of texts"),
        ("fig8", "scales.smoke.pretraining=3", "pretraining of frozen-vectors is 3; expected names with anything"),
        ("fig8", "scales.smoke=3", r"the plan\.scales\.smoke is 3; expected names with anything"),
        ("fig8", "data.most_sites=x", "most_sites of data is 'x'; expected a whole number"),
        ("fig11", "scales.smoke.frozen=1", "frozen vectors take at least 2 draws and 1 untrained network; got 1, "),
        ("fig11", "scales.smoke.untrained=0", "at least 2 draws and 1 untrained network; got "),
        ("fig7", "scales.smoke.supervised.seeds=x", r"supervised\.seeds is 'x'; expected a whole number from 1"),
        ("fig11", "scales.smoke.epochs=0", "epochs of starting-weights is 0; expected a whole number from 1"),
        ("fig10", "settings.colour=red", "colour of vector-maps is 'red'; expected metal and halogen or label"),
        ("fig10", "scales.smoke.perplexity=16", "perplexity is above 0 and below the 16 tested crystals; got 16"),
    ],
)
def test_wrong_settings_are_refused(data: list[str], tmp_path: Path, figure: str, change: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        reproduce(StudyPlan.read(f"deep-infomax/{figure}", [*data, change]), tmp_path)


@pytest.mark.slow
def test_a_box_that_is_lost_costs_only_itself(
    data: list[str], weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_first(
        fill: Callable[[BoxOfDraws], bool], cells: list[BoxOfDraws], *, seconds: float
    ) -> Iterator[object]:
        yield Lost(cells[0], "it took too long")
        yield from map(fill, cells[1:])

    plan = StudyPlan.read("deep-infomax/fig8", [*data, "settings.engineered=false", f"settings.weights=[{weights}]"])
    with monkeypatch.context() as changed:
        changed.setattr("matscout.studies.parts.in_processes", lose_the_first)
        with pytest.raises(MatscoutError, match=r"1 of 8 boxes failed; .* linear: it took too long"):
            reproduce(plan, tmp_path)
    assert len(list(tmp_path.glob("work-*/parts/cells/*/*"))) == 7
    with monkeypatch.context() as changed:
        changed.setattr("matscout.studies.parts.in_processes", in_processes)
        reproduce(plan, tmp_path)
    assert len(list(tmp_path.glob("work-*/parts/cells/*/*"))) == 8


def test_on_the_command_line(data: list[str], made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["reproduce", "deep-infomax/fig7", *data, "-o", str(made)]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    assert "a start from Deep InfoMax helps with 50 to 250 labels (iii)" in told.output
    assert run(["reproduce", "deep-infomax/fig13", *data, "-o", str(made)]) == 2
    assert "there is no figure" in capsys.readouterr().err
