"""What every stage must do, whoever wrote it: judge each candidate by itself, whatever the order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from matscout import registry
from matscout.data.dataset import Dataset, Target
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.kinds import COMPOSITION
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.discover.base import Brief, Goal
from matscout.discover.funnel import FunnelStep
from matscout.discover.stage import Filter, Stage
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.testing.contract import Contract

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Cd", "Pb", "Sn", "Ge", "Ga")
BUDGET = 5

PLACES = np.array([[0, 0, 0], [0.5, 0.5, 0.5]])
"""Of two atoms in the structure of CsCl."""


def candidates() -> Candidates:
    """48 compounds of two elements, of each of which is known whether it lies inside the domain of a model."""
    materials = Materials.from_formulas([f"{metal}{anion}" for metal in METALS for anion in ("O", "S", "Se", "Te")])
    n = len(materials)
    origins = np.array([f"row {row}" for row in range(n)])
    inside = Evidence("in_domain", "inside", np.arange(n) % 3 > 0, "made up", EvidenceSource("test"))
    return Candidates(materials, origins, ("made up",)).with_facts([inside])


def crystal_candidates() -> Candidates:
    """24 compounds of two elements in the structure of CsCl with cells of several sizes: oxides, and of noble gases."""
    pairs = [("Ar", "Kr"), ("Ar", "Xe"), ("Kr", "Xe"), ("Ca", "O"), ("Sr", "O"), ("Ba", "O")] * 4
    sizes = 3.6 + 0.07 * np.arange(len(pairs))
    numbers = np.array([[ATOMIC_NUMBERS[symbol] for symbol in pair] for pair in pairs], dtype=np.uint8).ravel()
    n = len(pairs)
    structures = Structures(
        sizes[:, None, None] * np.eye(3), 2 * np.arange(n + 1), numbers, np.tile(PLACES, (n, 1)), np.ones(2 * n)
    )
    materials = replace(Materials.from_formulas(["".join(pair) for pair in pairs]), structures=structures)
    return Candidates(materials, np.array([f"row {row}" for row in range(n)]), ("made up",))


def brief() -> Brief:
    """24 other compounds with a gap, which shall be large."""
    formulas = [f"{metal}{count}{anion}" for metal in METALS for count, anion in ((2, "Te"), (3, "Se"))]
    values = np.array([float(row % 7) for row in range(len(formulas))])
    labels = Dataset(Materials.from_formulas(formulas), {"gap": Target("gap", values, "eV")})
    return Brief(labels, (Goal("gap", np.inf, np.inf),))


class StageContract(Contract):
    """Set ``settings`` for stages whose constructors need some."""

    family = "stages"
    settings: ClassVar[dict[str, dict[str, Any]]] = {}
    """Name of a stage -> arguments of its constructor."""

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """Stages that look at compounds."""
        return not issubclass(plug_in, Filter) or COMPOSITION in plug_in.kinds

    def stage(self, name: str) -> Stage:
        """The stage of a name, as a step of a funnel."""
        ranks = registry.load_class("stages", name).ranks
        return FunnelStep(name, self.settings.get(name, {}), BUDGET if ranks else None).stage()

    def test_it_judges_every_candidate_whatever_their_order(self, name: str) -> None:
        stage = self.stage(name)
        given = crystal_candidates() if stage.needs_structures else candidates()
        stage.check(given, brief())
        verdict, n = stage.judge(given, brief()), len(given)
        assert verdict.objections.shape == verdict.words.shape == (n,)
        assert (verdict.scores is not None) == stage.ranks
        order = np.random.default_rng(0).permutation(n)
        again = stage.judge(given[order], brief())
        assert again.objections.tolist() == verdict.objections[order].tolist()
        if verdict.scores is not None and again.scores is not None:
            best = np.argsort(-verdict.scores, kind="stable")[:BUDGET]
            assert set(order[np.argsort(-again.scores, kind="stable")[:BUDGET]].tolist()) == set(best.tolist())

    def test_what_it_rests_on_is_the_same_each_time(self, name: str) -> None:
        assert self.stage(name).origin(brief()) == self.stage(name).origin(brief())
