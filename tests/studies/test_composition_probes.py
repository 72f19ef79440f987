"""Probes on vectors of compositions: the tasks as the paper has them, the small network, folds, a plan run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars
import pytest
import torch
from tests.represent.corpora.test_crystal_structures import write
from tests.represent.crystals_at_hand import random_structures
from tests.studies.conftest import METALS

from matscout.app.cli import run
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.store import Store
from matscout.studies import described_tasks
from matscout.studies.composition_networks import Method, untrained
from matscout.studies.composition_tasks import CompositionTask, CompositionTasks
from matscout.studies.described_tasks import METHODS, TASKS, WITHOUT_SAMPLING
from matscout.studies.figures.composition_probes import _over_tasks
from matscout.studies.figures.figure_of_merit import merits_of
from matscout.studies.figures.merit_screening import _recall
from matscout.studies.learners import Transfer
from matscout.studies.parts import table_of
from matscout.studies.probe import Fold, _batches, _outputs, _stacked, new_head, probe
from matscout.studies.probing import BY_PAPER, RANDOM, ProbedTask, divided, fill, probe_on
from matscout.studies.running import StudyPlan, reproduce

pytestmark = pytest.mark.usefixtures("few_trees")


@pytest.mark.usefixtures("data_folder")
def test_tasks_are_filtered_and_scaled_as_in_the_paper() -> None:
    gap = CompositionTask.load("gap")
    assert dict(zip(gap.materials.formulas.tolist(), gap.values.tolist(), strict=True)) == {
        "NaCl": 8.5,
        "ZnO": 3.4,
        "GaAs": 1.4,
    }
    assert gap.papers is None
    kappa, seebeck = CompositionTask.load("kappa-600"), CompositionTask.load("seebeck-600")
    assert len(kappa.values) == len(seebeck.values) == 30
    np.testing.assert_allclose(kappa.values, np.log(np.linspace(0.5, 3.0, 60)[30:]))
    np.testing.assert_allclose(seebeck.values, np.linspace(0.0, 10.0, 30))
    np.testing.assert_allclose(seebeck.unscaled(seebeck.values), np.linspace(-200.0, 300.0, 60)[30:])
    np.testing.assert_allclose(kappa.unscaled(kappa.values), np.linspace(0.5, 3.0, 60)[30:])
    assert len({*kappa.papers.tolist()}) == 6
    with pytest.raises(UsageError, match="there is no task 'zt'; there are gap, enthalpy"):
        CompositionTask.load("zt")


def test_optional_tasks_are_left_out_with_the_reason_and_others_are_not(data_folder: Path) -> None:
    told = CompositionTasks.read(["gap", "trg"], None, None)
    assert [task.name for task in told.tasks] == ["gap"]
    assert "left out: reduced glass transition temperature" in told.summary[-1]
    assert "get it from https://figshare.com" in told.summary[-1]
    with pytest.raises(InputError, match=r"no task is available; left out: reduced glass"):
        CompositionTasks.read(["trg"], None, None)
    with pytest.raises(InputError, match="cannot be downloaded"):
        CompositionTasks.read(["shear"], None, None)
    (data_folder / "metallic_glasses").mkdir()
    table = polars.DataFrame({"formula": ["Zr50Cu50", "Pd40Ni40P20", "Zr1Cu1"], "Trg": [0.55, 0.67, 0.57]})
    table.write_csv(data_folder / "metallic_glasses" / "trg.csv")
    trg = CompositionTask.load("trg")
    np.testing.assert_allclose(np.sort(trg.values), [5.6, 6.7])


def test_large_tasks_are_drawn_once_and_tested_in_one_fold(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    frame = polars.DataFrame({"formula": [f"Na{n}Cl" for n in range(1, 41)], "target": np.arange(40.0)})
    frame.write_csv(data_folder / "matbench" / "mp_gap.csv.gz.csv")
    (data_folder / "matbench" / "mp_gap.csv.gz.csv").rename(data_folder / "matbench" / "mp_gap.csv.gz")
    monkeypatch.setitem(described_tasks.TASKS, "mp-gap", replace(TASKS["mp-gap"], rows=25))
    task, again = (CompositionTask.load("mp-gap") for _ in range(2))
    assert len(task.values) == 25
    np.testing.assert_array_equal(task.values, again.values)
    store = Store(data_folder / "store")
    cell = ProbedTask(store, task, RANDOM, 0, "x", probe_on(store, task, untrained(8, [0]), epochs=1))
    fill(cell)
    made = table_of(store, cell.key)
    assert made is not None
    assert {*made.filter(polars.col("predicted").is_not_nan())["fold"].to_list()} == {0}


def test_published_errors_are_those_of_the_paper() -> None:
    polysrl = [task.published[5] for task in TASKS.values()]
    # The row of PolySRL in table 1, and its rows in table 3, as printed.
    assert polysrl[:9] == [0.407, 0.592, 0.194, 0.912, 0.197, 0.388, 0.665, 0.189, 0.412]
    assert polysrl[9:] == [0.132, 0.394, 0.107, 0.837, 0.378, 0.328, 0.112]
    assert all(len(task.published) in {6, 7} for task in TASKS.values())
    transferred = [task.transferred for task in TASKS.values()]
    assert [told[5] for told in transferred[:9]] == [0.386, 0.576, 0.191, 0.822, 0.189, 0.386, 0.626, 0.195, 0.390]
    assert [told[0] for told in transferred[:9]] == [0.390, 0.599, 0.204, 0.849, 0.202, 0.425, 0.659, 0.209, 0.402]


def test_the_probe_learns_rows_by_heart_and_depends_on_its_seed_only() -> None:
    rng = np.random.default_rng(0)
    vectors, values, rows = rng.normal(size=(50, 8)), rng.normal(size=50), np.arange(50)
    folds = [Fold(rows, rows), Fold(rows[:20], rows[:7])]
    found = [probe(vectors, values, folds, seed=seed, epochs=300, batch=16) for seed in (0, 0, 1)]
    assert [len(one) for one in found[0]] == [50, 7]
    assert all(np.abs(one - values[: len(one)]).mean() < 0.1 for one in found[0])
    np.testing.assert_array_equal(np.concatenate(found[0]), np.concatenate(found[1]))
    assert not np.array_equal(found[0][0], found[2][0])


def test_networks_of_folds_that_learn_side_by_side_are_those_that_learn_alone() -> None:
    rng = np.random.default_rng(1)
    vectors, values = rng.normal(size=(30, 4)), rng.normal(size=30)
    torch.manual_seed(3)
    head = new_head(4)
    stacked = _stacked([new_head(4), head])
    rows = torch.from_numpy(rng.normal(size=(2, 5, 4))).float()
    np.testing.assert_allclose(_outputs(stacked, rows)[1], head(rows[1])[:, 0].detach(), atol=1e-6)
    # The oracle: PyTorch's modules and loops, one network; with a fold beside it, smaller, that it must not see.
    learned, tested = np.arange(24), np.arange(24, 30)
    beside = probe(vectors, values, [Fold(learned, tested), Fold(learned[:5], tested)], seed=3, epochs=1, batch=24)[0]
    torch.manual_seed(3)
    head = new_head(4)
    adam = torch.optim.Adam(head.parameters(), lr=1e-3, weight_decay=1e-6)
    truth = torch.from_numpy(values).float()
    (head(torch.from_numpy(vectors[learned]).float())[:, 0] - truth[learned]).abs().mean().backward()
    adam.step()
    alone = head(torch.from_numpy(vectors[tested]).float())[:, 0].detach().numpy()
    np.testing.assert_allclose(beside, alone, atol=1e-5)


def test_batches_hold_each_row_of_each_fold_once() -> None:
    sizes = torch.tensor([10, 7, 2])
    batches = _batches(sizes, 3)
    assert len(batches) == 3
    for place, size in enumerate(sizes.tolist()):
        seen = torch.cat([places[place][counted[place] > 0] for places, counted in batches])
        assert sorted(seen.tolist()) == list(range(size))


def test_folds_hold_whole_papers_or_a_fifth_of_the_rows() -> None:
    materials = Materials.from_formulas([f"Na{1 + row}Cl" for row in range(40)])
    papers = np.array([f"p{row // 4}" for row in range(40)])
    task = CompositionTask("kappa-300", materials, np.zeros(40), papers)
    assert np.bincount(divided(task, RANDOM, 0)).tolist() == [8] * 5
    folds = divided(task, BY_PAPER, 0)
    assert all(len({*folds[papers == paper].tolist()}) == 1 for paper in papers)
    assert not np.array_equal(folds, divided(task, BY_PAPER, 1))


def test_untrained_encoders_differ_by_seed_only() -> None:
    state = torch.get_rng_state()
    one, same, other = (untrained(8, [seed])[0] for seed in (0, 0, 1))
    assert torch.get_rng_state().equal(state)
    materials = Materials.from_formulas(["Fe2O3", "NaCl"])
    np.testing.assert_array_equal(one.represent(materials).vectors, same.represent(materials).vectors)
    assert not np.array_equal(one.represent(materials).vectors, other.represent(materials).vectors)


@pytest.mark.usefixtures("data_folder")
def test_methods_say_what_they_need(tmp_path: Path) -> None:
    for section, reason in (
        (
            {"experiment": "deep_infomax", "overrides": [], "seeds": 1},
            r"methods\.PolySRL\.experiment is 'deep_infomax'; expected polysrl, infomax_3d, graphcl",
        ),
        (
            {"experiment": "polysrl", "overrides": [], "seeds": 0},
            r"methods\.PolySRL\.seeds is 0; expected a whole number from 1",
        ),
        ({"weights": [1]}, r"methods\.PolySRL\.weights is \[1\]; expected a text, or a list of texts"),
        ([1], r"methods\.PolySRL is \[1\]; expected names with values"),
        ({"weights": []}, r"methods\.PolySRL\.weights is \[\]"),
        ({"experiment": "polysrl", "overrides": ["trainer.epoch=3"], "seeds": 1}, "polysrl: Could not override"),
    ):
        with pytest.raises(UsageError, match=reason):
            Method.of("PolySRL", section)
    tasks = CompositionTasks.read(["gap"], None, None)
    learns = Method.of("PolySRL", {"experiment": "polysrl", "overrides": [], "seeds": 1})
    with pytest.raises(UsageError, match=r"PolySRL learns from crystals: give data\.structures, or weights"):
        learns.require(tasks)
    graphs = Method.of("GraphCL", {"experiment": "graphcl", "overrides": [], "seeds": 1})
    only_structures = CompositionTasks.read(["gap"], write(tmp_path, random_structures(3)), None)
    with pytest.raises(UsageError, match=r"GraphCL learns from formulas with labels: give data\.labels, or weights"):
        graphs.require(only_structures)


@pytest.mark.parametrize("name", ["table1", "table3", "table4", "table5", "fig6", "fig7"])
@pytest.mark.parametrize("scale", ["smoke", "cpu", "full"])
def test_every_method_of_the_plans_can_be_made(scale: str, name: str) -> None:
    methods = StudyPlan.read(f"polysrl/{name}", [f"scale={scale}"]).settings["methods"]
    assert [Method.of(name, section).name for name, section in methods.items()]
    assert {*methods} <= {*METHODS, WITHOUT_SAMPLING, "polysrl-strict"}


def test_errors_over_all_tasks_are_geometric_means_relative_to_the_trees() -> None:
    told = (("gap", "extratrees-magpie", 0.5), ("gap", "untrained", 1.0), ("trg", "extratrees-magpie", 2.0))
    told = (*told, ("trg", "untrained", 1.0), ("gap", "auto-strict", 0.25))
    runs = polars.DataFrame(
        [(task, RANDOM, name, fold, mae + shift) for task, name, mae in told for fold, shift in ((0, -0.1), (1, 0.1))],
        schema=["task", "split", "contestant", "fold", "mae"],
        orient="row",
    )
    assert _over_tasks(runs)[2:] == [
        "| extratrees-magpie | 1.000 |",
        "| untrained | 1.000 |",  # 2 times and half the error of the trees
        "| auto-strict |  |",  # of one task only
    ]


@pytest.fixture
def crystals(tmp_path: Path) -> list[str]:
    structures = write(tmp_path, random_structures(40))
    table = {"material": [f"m{row}" for row in range(40)], "band gap (eV)": np.linspace(0.0, 4.0, 40)}
    polars.DataFrame(table).write_parquet(tmp_path / "labels.parquet")
    return [f"data.structures={structures}", f"data.labels={tmp_path / 'labels.parquet'}"]


def merit_tasks(n: int = 40) -> list[CompositionTask]:
    rng = np.random.default_rng(1)
    materials = Materials.from_formulas([f"Na{1 + row}Te" for row in range(n)])
    materials = replace(materials, context={"temperature": np.full(n, 300.0)})
    seebeck = CompositionTask("seebeck-300", materials, rng.uniform(0, 10, n), span=(-100.0, 300.0))
    return [seebeck, *(CompositionTask(f"{name}-300", materials, rng.normal(size=n)) for name in ("sigma", "kappa"))]


def predicted(tasks: list[CompositionTask], wrong: list[np.ndarray]) -> polars.DataFrame:
    folds = divided(tasks[0], RANDOM, 0)
    parts = [
        {"task": task.name, "row": range(40), "fold": folds, "truth": task.values, "predicted": task.values + error}
        for task, error in zip(tasks, wrong, strict=True)
    ]
    return polars.concat(polars.DataFrame(part) for part in parts)


def test_the_figure_of_merit_is_that_of_its_formula_and_errors_are_drawn_together() -> None:
    tasks = merit_tasks()
    sure = merits_of(tasks, predicted(tasks, [np.zeros(40)] * 3))
    for row in (0, 7):
        seebeck = (-100 + 400 * tasks[0].values[row] / 10) * 1e-6
        merit = seebeck**2 * np.exp(tasks[1].values[row]) * 300 / np.exp(tasks[2].values[row])
        told = sure.row(row, named=True)
        assert told["truth"] == pytest.approx(merit)
        assert told["lower"] == told["upper"] == pytest.approx(merit)
    # Both conductivities are wrong by the same, so their ratio never is.
    shared = np.random.default_rng(2).normal(size=40)
    together = merits_of(tasks, predicted(tasks, [np.zeros(40), shared, shared]))
    np.testing.assert_allclose(together["upper"] - together["lower"], 0.0, atol=1e-12)
    alone = merits_of(tasks, predicted(tasks, [np.zeros(40), shared, np.zeros(40)]))
    row, folds = 3, divided(tasks[0], RANDOM, 0)
    others = np.exp(shared[row] - shared[folds != folds[row]])
    expected = np.quantile(alone["truth"][row] * others, [0.05, 0.5, 0.95])
    np.testing.assert_allclose(alone.select("lower", "median", "upper").row(row), expected, rtol=0.2)
    some = np.where(np.arange(40) < 5, np.nan, 0.0)
    assert merits_of(tasks, predicted(tasks, [some, shared, shared]))["row"].to_list() == list(range(5, 40))


@pytest.mark.slow
@pytest.mark.usefixtures("data_folder")
def test_plans_of_the_figure_of_merit_share_probes_and_want_three_properties(tmp_path: Path) -> None:
    own = ["scale=smoke", "~scales.smoke.methods.PolySRL", "data.tasks=[sigma-600,kappa-600,seebeck-600]"]
    own += ["settings.rivals=[]", "settings.models=[extratrees-magpie]"]
    scattered = reproduce(StudyPlan.read("polysrl/fig6", own), tmp_path / "again")
    kept = written(tmp_path / "again")
    screened = reproduce(StudyPlan.read("polysrl/fig7", own), tmp_path / "again")
    assert written(tmp_path / "again") == kept
    runs = polars.read_parquet(scattered.runs)
    assert runs.filter(split=RANDOM, contestant="extratrees-magpie", seed=0)["row"].to_list() == list(range(30))
    assert "| 600 | random | untrained | 30 |" in scattered.text.read_text(encoding="utf-8")
    assert "| 600 | by paper | extratrees-magpie |" in screened.text.read_text(encoding="utf-8")
    assert screened.png.stat().st_size > 10_000
    with pytest.raises(UsageError, match="ZT needs the tasks seebeck, sigma and kappa of one temperature"):
        reproduce(StudyPlan.read("polysrl/fig6", [*own, "data.tasks=[sigma-600]"]), tmp_path / "again")


def transfer_task(n: int = 50) -> CompositionTask:
    rng = np.random.default_rng(0)
    formulas = [f"{metal}{rng.integers(1, 9)}{anion}{rng.integers(1, 9)}" for metal in METALS for anion in "OSNFC"]
    return CompositionTask("kappa-300", Materials.from_formulas(formulas[:n]), rng.normal(size=n))


def test_a_network_that_goes_on_learns_rows_by_heart_and_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.studies.learners.RATES", (1e-3,))
    (network,), task, rows = untrained(16, [0]), transfer_task(), np.arange(50)
    before = network.represent(task.materials).vectors
    assert np.abs(Transfer(network, epochs=300).predict(task, [Fold(rows, rows)], 0)[0] - task.values).mean() < 0.15
    short = Transfer(network, epochs=20)
    found = [short.predict(task, [Fold(rows, rows)], seed)[0] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])
    np.testing.assert_array_equal(network.represent(task.materials).vectors, before)


def test_the_rate_that_errs_least_on_held_out_rows_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    task, asked = transfer_task(), []

    def trained(_: Transfer, task: CompositionTask, fold: Fold, *told: object) -> np.ndarray:
        _, rate, epochs = told
        asked.append((len(fold.learned), len(fold.tested), rate, epochs))
        return task.values[fold.tested] + (0.1 if rate == 5e-4 else 1.0)

    monkeypatch.setattr(Transfer, "_trained", trained)
    Transfer(untrained(8, [0])[0], epochs=9).predict(task, [Fold(np.arange(40), np.arange(40, 50))], 0)
    assert asked == [(32, 8, 1e-4, 5), (32, 8, 5e-4, 5), (32, 8, 1e-3, 5), (40, 10, 5e-4, 9)]


def test_of_a_network_that_goes_on_no_variances_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a variance was computed")

    task, rows = transfer_task(), np.arange(50)
    network = untrained(8, [0])[0]
    network.encoder.log_variance = torch.nn.Linear(8, 8)
    monkeypatch.setattr(network.encoder.log_variance, "forward", refused)
    assert np.isfinite(Transfer(network, epochs=1).predict(task, [Fold(rows, rows)], 0)[0]).all()


def test_transfer_leaves_out_what_the_network_does_not_know() -> None:
    task = CompositionTask(
        "kappa-300", Materials.from_formulas([*(f"Na{n}Cl" for n in range(1, 9)), "Og2O"]), np.ones(9)
    )
    found = Transfer(untrained(8, [0])[0], epochs=1).predict(task, [Fold(np.arange(7), np.array([8, 7]))], 0)[0]
    assert np.isnan(found).tolist() == [True, False]
    assert np.isnan(
        Transfer(untrained(8, [0])[0], epochs=1).predict(task, [Fold(np.arange(7), np.array([8]))], 0)[0]
    ).all()


@pytest.mark.usefixtures("data_folder")
def test_a_plan_of_transfer_is_run(tmp_path: Path) -> None:
    own = ["scale=smoke", "~scales.smoke.methods.PolySRL", "data.tasks=[kappa-600]", "settings.rivals=[]"]
    made = reproduce(
        StudyPlan.read("polysrl/table4", [*own, "settings.models=[extratrees-magpie]"]), tmp_path / "again"
    )
    runs = polars.read_parquet(made.runs)
    assert runs.filter(contestant="untrained", split=RANDOM)["tested"].sum() == 30
    assert "| untrained | 30 |" in made.text.read_text(encoding="utf-8")
    assert "0.209" in made.text.read_text(encoding="utf-8")


def test_recall_counts_what_is_wanted_from_the_best_prediction_down() -> None:
    part = polars.DataFrame({"median": [0.1, 0.9, 0.5, 0.7], "truth": [0.5, 0.2, 0.4, 0.6]})
    np.testing.assert_allclose(_recall(part, 300), [0, 0, 1 / 3, 2 / 3, 1])


@pytest.mark.usefixtures("data_folder")
def test_a_plan_is_run_drawn_and_compared_and_goes_on_where_it_was(crystals: list[str], tmp_path: Path) -> None:
    small = "'encoders.composition.width=8','trainer.epochs=1'"
    overrides = [
        *crystals,
        "scale=smoke",
        "data.tasks=[kappa-300]",
        "settings.rivals=[magpie]",
        "settings.models=[extratrees-magpie]",
        f"+scales.smoke.methods.GraphCL={{experiment: graphcl, overrides: [{small}], seeds: 1}}",
        "+scales.smoke.methods.Infomax-3D={experiment: infomax_3d, overrides: "
        f"[{small},'encoders.structure.width=8'], seeds: 1}}",
    ]
    plan = StudyPlan.read("polysrl/table1", overrides)
    made = reproduce(plan, tmp_path / "again")
    runs = polars.read_parquet(made.runs)
    assert {*runs["contestant"].to_list()} == {
        *("untrained", "PolySRL", "GraphCL", "Infomax-3D", "magpie", "extratrees-magpie")
    }
    assert {*runs["split"].to_list()} == {RANDOM, BY_PAPER}
    assert runs.filter(split=RANDOM, contestant="PolySRL")["tested"].sum() == 30
    assert [finding.statement[:20] for finding in made.findings] == ["vectors that know of", "knowing of polymorph"]
    text = made.text.read_text(encoding="utf-8")
    assert "| thermal conductivity, 300 K (ln units) | random | PolySRL | 30 |" in text
    # Made-up tellurides are among no crystals.
    assert "| formulas seen before | kappa-300 |" in text
    assert "| GraphCL | 0 % |" in text
    assert made.png.stat().st_size > 10_000
    kept = written(tmp_path / "again")
    reproduce(plan, tmp_path / "again")
    assert written(tmp_path / "again") == kept
    reproduce(StudyPlan.read("polysrl/table1", [*overrides, "data.tasks=[kappa-300,kappa-600]"]), tmp_path / "again")
    more = written(tmp_path / "again")
    assert len(more) > len(kept)
    assert {path: more[path] for path in kept} == kept


def written(folder: Path) -> dict[Path, int]:
    """When cells and networks were written."""
    paths = [*folder.rglob("cells/*/*"), *folder.rglob("spec.json")]
    return {path: path.stat().st_mtime_ns for path in paths}


@pytest.mark.usefixtures("data_folder")
def test_wrong_plans_end_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for override, reason in (
        ("data.tasks=[zt]", "there is no task 'zt'"),
        ("data.tasks=[gap]", "PolySRL learns from crystals: give data.structures, or weights"),
        ("data.tasks=[]", "data.tasks is a list of different tasks"),
        ("data.tasks=[gap,gap]", "data.tasks is a list of different tasks"),
        ("data.tasks=5", "tasks of data is 5; expected a list of texts"),
        ("data.structures=5", "structures of data is 5; expected a text or null"),
        ("settings.rivals=[magpi]", "'magpi' is not one of the representations"),
        ("settings.models=[magpi]", "'magpi' is not one of the models"),
        ("+scales.smoke.methods.mine={weights: [typo]}", "typo"),
        ("scales.smoke.seeds=0", "seeds of composition-probes is 0; expected a whole number from 1"),
    ):
        arguments = ["reproduce", "polysrl/table1", "scale=smoke", override, "-o", str(tmp_path / "out")]
        assert run(arguments) == (1 if "weights" in override else 2)
        assert reason in " ".join(capsys.readouterr().err.split())
