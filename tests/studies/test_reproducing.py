"""Figures made again at their smallest scale, and the verdicts that stand beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest

pytest.importorskip("torch")

from scipy import stats
from tests.represent.corpora.test_crystal_structures import LARGE, write
from tests.represent.crystals_at_hand import random_structures
from typer.testing import CliRunner

from matscout.app.cli import app, run
from matscout.errors import InputError, UsageError
from matscout.registry import plug_ins
from matscout.represent.corpora.crystal_structures import CrystalStructures
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.studies.base import Comparison, Finding
from matscout.studies.crystals import LabelledCrystals
from matscout.studies.figures.frozen_vectors import FOREST, TRAINED, UNTRAINED
from matscout.studies.networks import untrained
from matscout.studies.running import Plan, plan_names, reproduce

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


def settings_of(data: list[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in data)


def crystals_of(data: list[str]) -> LabelledCrystals:
    told = settings_of(data)
    return LabelledCrystals.read(told["data.structures"], told["data.labels"], [ENERGY, GAP], "test")


def weights_in(made: Path) -> list[Path]:
    return sorted(made.glob("work-*/deep_infomax-*/artefact"))


def test_frozen_vectors(data: list[str], made: Path) -> None:
    plan = Plan.read("deep-infomax/fig8", [*data, "scales.smoke.labels=[20,30]"])
    result = reproduce(plan, made)
    runs = polars.read_parquet(result.runs)
    heads = {(kind, head) for kind, head in runs.select("vectors", "head").unique().iter_rows()}
    assert {(TRAINED, "linear"), (UNTRAINED, "network"), (FOREST, "trees")} <= heads
    assert len(runs) == 2 * 2 * len(heads) * 3
    assert runs["mae"].is_finite().all()
    assert result.png.stat().st_size > 10_000
    assert "<svg" in result.svg.read_text(encoding="utf-8")
    text = result.text.read_text(encoding="utf-8")
    assert "70 to learn from, 20 tested" in text
    assert len(result.findings) == 3


def test_errors_of_a_linear_head_are_those_of_least_squares(data: list[str], made: Path) -> None:
    crystals = crystals_of(data).only(np.arange(N + 1) < N)
    runs = polars.read_parquet(made / "fig8" / "runs.parquet")
    (path,) = weights_in(made)
    vectors = CrystalNetwork(str(path)).represent(crystals.materials).vectors.astype(np.float32).astype(np.float64)
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
    result = reproduce(Plan.read("deep-infomax/fig7", data), made)
    runs = polars.read_parquet(result.runs)
    starts = set(runs.filter(target=GAP)["start"])
    assert starts == {"random start", "start from Deep InfoMax", f"start from {ENERGY}"}
    assert len(runs) == 2 * 3 * 2
    assert len(weights_in(made)) == 1  # that of the figure before
    again = reproduce(Plan.read("deep-infomax/fig11", data), made)
    whole = polars.read_parquet(again.runs).filter(start="random start").sort("target", "draw")
    # The same networks were trained already.
    assert whole["mae"].to_list() == runs.filter(start="random start").sort("target", "draw")["mae"].to_list()
    assert "head on the vector, untrained" in set(polars.read_parquet(again.runs)["start"])


@pytest.mark.slow
def test_without_false_samples(data: list[str], made: Path) -> None:
    (finding,) = reproduce(Plan.read("deep-infomax/fig12", data), made).findings
    assert finding.statement.endswith("(vi)")
    assert len(weights_in(made)) == 2


def test_curves_and_maps(data: list[str], made: Path) -> None:
    weights = next(path for path in weights_in(made) if "polymorph" in (path / "spec.json").read_text(encoding="utf-8"))
    named = [*data, f"settings.weights={weights_in(made)[0]}", f"settings.weights={weights}"]
    curves = polars.read_parquet(reproduce(Plan.read("deep-infomax/fig6", named), made).runs)
    assert set(curves["level"]) == {"local", "global"}
    for figure in ("fig9", "fig10"):
        runs = polars.read_parquet(reproduce(Plan.read(f"deep-infomax/{figure}", named), made).runs)
        assert runs.group_by("target", "vectors").len()["len"].sum() == 2 * (20 + 16)
    salts = polars.read_parquet(made / "fig9" / "runs.parquet")
    assert set(salts["colour"]) <= {0.0, 1.0}


def test_nothing_finished_is_made_twice(data: list[str], made: Path) -> None:
    work = {path: path.stat().st_mtime_ns for path in made.glob("work-*/**/*") if path.is_file()}
    reproduce(Plan.read("deep-infomax/fig8", [*data, "scales.smoke.labels=[20,30]"]), made)
    assert {path: path.stat().st_mtime_ns for path in made.glob("work-*/**/*") if path.is_file()} == work


def test_what_is_tested_is_never_learned_from(data: list[str], made: Path) -> None:
    (arrays,) = made.glob("work-*/training.npz")
    corpus = CrystalStructures(str(arrays))
    assert len(corpus) == N - TESTED
    ids = set(np.load(arrays)["material_id"].tolist())
    assert ids == {f"m{place}" for place in range(TESTED, N)}
    labels = polars.read_parquet(arrays.with_name("training.parquet"))
    assert set(labels["material"]) == ids
    assert labels[GAP].null_count() == sum(place % 5 == 1 for place in range(TESTED, N))


def test_untrained_networks_differ_by_seed_only(made: Path) -> None:
    trained = CrystalNetwork(str(weights_in(made)[0]))
    one, other, again = untrained(trained, [0, 1, 0])
    states = [next(iter(found.pretrained().encoders.values())).state_dict() for found in (one, other, again)]
    same = {name for name in states[0] if (states[0][name] == states[1][name]).all()}
    assert "site.0.weight" not in same
    assert all((states[0][name] == states[2][name]).all() for name in states[0])


def test_comparisons_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.uniform(1, 2, 12), rng.uniform(1, 2, 12)
    told = Comparison.between("x", first, second, 0.1)
    differences = first - second
    statistic = differences.mean() / np.sqrt((1 / 12 + 0.1 / 0.9) * differences.var(ddof=1))
    assert told.p_value == pytest.approx(2 * stats.t.sf(abs(statistic), 11))
    assert told.ratio == pytest.approx((first / second).mean())
    assert told.wilcoxon == pytest.approx(stats.wilcoxon(differences).pvalue)


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
    comparisons = [Comparison("x", ratio, p, p, 12) for ratio, p in pairs]
    assert Finding.lower("lower", comparisons).verdict == verdict


def test_every_plan_can_be_read_at_every_scale(data: list[str]) -> None:
    assert [name.rpartition("fig")[2] for name in plan_names()] == ["10", "11", "12", "6", "7", "8", "9"]
    for name in plan_names():
        for scale in ("smoke", "cpu", "full"):
            plan = Plan.read(name, [*data[:2], f"scale={scale}"])
            assert plan.figure in {one.name for one in plug_ins("figures")}
            assert plan.scale == scale


def test_wrong_plans_are_refused(data: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no figure 'fig8'; there are deep-infomax/fig10"):
        Plan.read("fig8", data)
    with pytest.raises(UsageError, match="scale is one of smoke, cpu, full; got 'gpu'"):
        Plan.read("deep-infomax/fig8", [*data[:2], "scale=gpu"])
    with pytest.raises(UsageError, match=r"needs a value that only you know: give data\.structures="):
        Plan.read("deep-infomax/fig8")
    with pytest.raises(UsageError, match="frozen-vectors has the settings"):
        Plan.read("deep-infomax/fig8", [*data, "+settings.colour=red"])
    labels = tmp_path / "labels.parquet"
    polars.DataFrame({"material": ["m1"], ENERGY: [1.0], GAP: [1.0], "test": [True]}).write_parquet(labels)
    with pytest.raises(InputError, match=r"1 of its crystals are tested \(column 'test'\) and 0 are learned from"):
        reproduce(Plan.read("deep-infomax/fig8", [data[0], f"data.labels={labels}", data[2]]), tmp_path / "out")


def test_on_the_command_line(data: list[str], made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["reproduce", "deep-infomax/fig7", *data, "-o", str(made)]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    assert "a start from Deep InfoMax helps with 50 to 250 labels (iii)" in told.output
    assert run(["reproduce", "deep-infomax/fig13", *data, "-o", str(made)]) == 2
    assert "there is no figure" in capsys.readouterr().err
