"""Runs of scout with made-up models, predictions and candidates, for tests of what is made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pymatgen.core import Lattice, Structure
from tests.foretold import foretold

from matscout.data.dataset import Dataset, Provenance, Target
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.discover.back_test import BackTest
from matscout.discover.base import Goal
from matscout.discover.conditions import expand_context
from matscout.discover.evidence.donor_hints import ABOUT, DONOR, MEANINGS
from matscout.discover.ranking import rank
from matscout.errors import RowProblem
from matscout.evaluation.base import CalibrationCurve, Evaluation, FoldScore, OutOfFold
from matscout.evaluation.plan import EvaluationPlan
from matscout.evaluation.scores import score
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.predict.base import AnyPredictions, ClassPredictions, Explanation
from matscout.predict.fitting import make_model
from matscout.workflow.check import check
from matscout.workflow.findings import Finding
from matscout.workflow.results import Scouting
from matscout.workflow.search import Ranking, Search, Watched
from matscout.workflow.side_by_side import SideBySide

HOSTILE = "gap <script>alert('x')</script> $\\frac"
LABELLED = [a + b for a in ("Li", "Na", "K", "Rb", "Cs", "Mg", "Ca") for b in ("F", "Cl", "Br", "O", "S")]
WANTED = [a + b for a in ("Sr", "Ba", "Zn", "Ga", "In", "Al") for b in ("F", "Cl", "O", "S", "Se")]
COMMAND = "matscout scout 'labels & more.csv' --goal gap=2:3"
RANGE = (2.0, 3.0)
SITES = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]


def foretell(target: Target, n: int) -> AnyPredictions:
    """Made-up predictions that differ from row to row."""
    steps = np.linspace(0.0, 1.0, n)
    inside = np.arange(n) % 4 > 0
    if target.task == "classification":
        probabilities = np.stack([0.2 + 0.6 * steps, 0.8 - 0.6 * steps], axis=1)
        return ClassPredictions(target.name, 0.9, target.classes, probabilities, probabilities > 0.1, inside)
    predicted = 1.0 + 3.0 * steps
    width = 0.5 + 0.4 * steps[::-1]
    ends = predicted - width, predicted + width
    return foretold(predicted, *ends, target=target.name, unit=target.unit, inside=inside)


def guessed(target: Target) -> AnyPredictions:
    """The same for every row: the median, or the shares of the classes."""
    n = len(target.values)
    if target.task == "classification":
        shares = np.bincount(target.values.astype(int), minlength=2) / n
        sets = np.ones((n, 2), dtype=bool)
        return ClassPredictions(target.name, 0.9, target.classes, np.tile(shares, (n, 1)), sets, np.ones(n, bool))
    middle = np.full(n, np.median(target.values))
    low, high = target.values.min(), target.values.max()
    return foretold(middle, np.full(n, low), np.full(n, high), target=target.name, unit=target.unit)


class Oracle:
    """Says what :func:`foretell` says, under the name of a model that exists."""

    name = "trees"
    assumption = "nothing <b>at all</b>"
    metric = "mae"
    notes = ()
    summary = None

    def __init__(self, target: Target) -> None:
        self.target = target
        self.predictor = make_model(self.name)

    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        return foretell(self.target, len(materials))

    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        effects = (("MeltingT", 0.5), ("a<b", -0.25))
        return [Explanation((), effects, self.target.error_unit)] * len(materials)


def labels(names: Mapping[str, str], *, grouped: bool = False, context: bool = False) -> Dataset:
    """35 labels with made-up values; ``names`` maps targets to "regression" or "classification"."""
    materials = Materials.from_formulas(LABELLED)
    n = len(materials)
    if context:
        materials = replace(materials, context={"T <K>": np.linspace(300.0, 600.0, n)})
    targets = {
        name: Target(name, (np.arange(n) < n / 2).astype(float), None, "classification", ("no", "yes"))
        if task == "classification"
        else Target(name, 1.0 + np.arange(n) / 10, "eV")
        for name, task in names.items()
    }
    groups = np.array([f"paper {row % 5}" for row in range(n)]) if grouped else None
    problems = (RowProblem(7, "<img src=x onerror=alert(1)>", "cannot be read", "mend it"),)
    return Dataset(materials, targets, groups, None, None, problems, Provenance("labels & more.csv", "ab12", n + 1))


def evaluation(target: Target, protocol: str) -> Evaluation:
    n = len(target.values)
    rows = np.arange(n)
    models = ("extratrees-magpie", "gp", "dummy")
    said = {name: guessed(target) if name == "dummy" else foretell(target, n) for name in models}
    found = {name: OutOfFold(rows, np.full(n, "20 labels, draw 1"), one) for name, one in said.items()}
    scores = {name: score(target, one.rows, one.predictions) for name, one in found.items()}
    folds = tuple(
        FoldScore(name, f"{size} labels, draw {draw}", size, n, scores[name], 1.0)
        for name in models
        for size in (5, 10, 20)
        for draw in (1, 2)
    )
    curve = CalibrationCurve(np.array([0.5, 0.9]), np.array([0.4, 0.95]))
    calibration = dict.fromkeys(models, curve) if target.task == "regression" else {}
    return Evaluation(target, f"{protocol}, 5 folds, seed 0", 0.9, models[0], scores, found, folds, 1.0, calibration)


def finding(goal: Goal, dataset: Dataset) -> Finding:
    target = dataset.target(goal.target)
    asked = evaluation(target, "kfold")
    beside = evaluation(target, "group") if dataset.groups is not None else None
    curve = np.array([1.0, 2.0])
    played = BackTest(
        goal.target, 35, 2, 10, 8, 4, 1, 7, 2.5, 1.0, 0.5, np.array([8, 12]), curve, curve / 2, "best <so far>",
        "linear", "It found <it> in 7 of 10.",
    )  # fmt: skip
    return Finding(goal, Oracle(target), SideBySide(asked, beside), asked, played)


def scouting(
    dataset: Dataset, goals: tuple[Goal, ...], candidates: Candidates | None = None, **settings: Any
) -> Scouting:
    found = {goal.target: finding(goal, dataset) for goal in goals}
    if candidates is None:
        origins = np.array([f"made <by> {formula}" for formula in WANTED])
        candidates = Candidates(Materials.from_formulas(WANTED), origins, ("30 were <made>",))
    conditions = expand_context(candidates, {}, dataset)
    predictions = {name: one.model.predict(conditions.materials) for name, one in found.items()}
    shortlist = rank(candidates, predictions, goals, dataset, conditions=conditions, batch=4, require=("new",))
    watched = (Watched(str(candidates.materials.formulas[0]), 3, 30), Watched("GaAs", None, 30, "without As"))
    ranking = Ranking(candidates, conditions, predictions, shortlist, watched)
    return Scouting(dataset, check(dataset), goals, found, ranking, EvaluationPlan(), Search(**settings), 12.0, COMMAND)


def plain() -> Scouting:
    return scouting(labels({"gap": "regression"}), (Goal("gap", *RANGE),), exclude=("Cd", "Pb"))


def grouped() -> Scouting:
    return scouting(labels({"gap": "regression"}, grouped=True, context=True), (Goal("gap", math.inf, math.inf),))


def structured() -> Scouting:
    """40 crystals like CsCl of which each tenth has three vacant cations in ten."""
    cations, anions = ("Sr", "Ba", "Zn", "Cd", "Mn"), ("F", "Cl", "Br", "I", "O", "S", "Se", "Te")
    pairs = [(a, b) for a in cations for b in anions]
    crystals = [
        Structure(Lattice.cubic(3.6), [{a: 0.7 if row % 10 == 0 else 1.0}, b], SITES)
        for row, (a, b) in enumerate(pairs)
    ]
    structures = Structures.from_pymatgen(crystals)
    formulas = np.array([crystal.reduced_formula for crystal in crystals])
    materials = Materials(formulas, formulas, compositions_of(structures), structures)
    candidates = Candidates(materials, np.full(len(materials), "made up"))
    return scouting(labels({"gap": "regression"}), (Goal("gap", 3.5, 4.0),), candidates)


def classes() -> Scouting:
    return scouting(labels({"metal": "classification"}), (Goal("metal", 1.0, 1.0),))


def several() -> Scouting:
    dataset = labels({"gap": "regression", "ZT": "regression", "metal": "classification"}, grouped=True)
    return scouting(dataset, (Goal("gap", *RANGE), Goal("ZT", -math.inf, -math.inf), Goal("metal", 0.0, 0.0)))


def hostile() -> Scouting:
    return scouting(labels({HOSTILE: "regression"}, context=True), (Goal(HOSTILE, 2.5, 2.5),))


def bare() -> Scouting:
    """Too few labels for a learning curve and a back-test, nothing watched, no batch."""
    made = plain()
    name, only = next(iter(made.findings.items()))
    return replace(
        made,
        findings={name: replace(only, learning_curve=None, back_test=None)},
        ranking=replace(made.ranking, watched=()),
    )


def hinted() -> Scouting:
    """The shortlist of :func:`plain` with made-up hints for all but the second candidate."""
    made = plain()
    shortlist = made.ranking.shortlist
    rows = np.arange(len(shortlist))
    unknown = np.where(rows == 1, np.nan, 0.0)
    source = EvidenceSource(DONOR, "1", "0" * 64, ABOUT.format(name="donor <i>"), "donor")
    numbers = {"PBE band gap": ("eV", 1.0 + rows / 100, 0.38), "energy above hull": ("eV/atom", rows / 1000, 0.0142)}
    facts = [
        Evidence(
            f"donor_{name}", name, values + unknown, MEANINGS[name], source, unit, np.full(len(rows), error),
            f"held-out error {error:.2g} {unit}", rows % 2 == 0,
        )
        for name, (unit, values, error) in numbers.items()
    ]  # fmt: skip
    right = "predictions of yes or no are correct for 83 % of the held-out formulas"
    made_up = Evidence(
        "donor_made", "synthesised", np.linspace(0.0, 1.0, len(rows)) + unknown, "a chance", source,
        "probability", None, right, rows % 2 == 0,
    )  # fmt: skip
    shortlist = shortlist.with_evidence([*facts, made_up])
    return replace(made, ranking=replace(made.ranking, shortlist=shortlist))


def decades() -> Scouting:
    """Labels over seven decades, in a unit with a "$"."""
    dataset = labels({"sigma": "regression"})
    values = np.logspace(-1, 6, len(dataset))
    return scouting(replace(dataset, targets={"sigma": Target("sigma", values, "S/m$")}), (Goal("sigma", 2.0, 3.0),))


VARIANTS = (plain, grouped, classes, several, hostile, bare, hinted, decades)
