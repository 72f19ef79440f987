"""Rounds written down by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tests.foretold import foretold

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Goal
from matscout.discover.goals import aim_of
from matscout.discover.rounds import Round

HIGHEST = Goal("gap", np.inf, np.inf)


def labels(values: dict[str, float], temperature: Sequence[float] | None = None) -> Dataset:
    """Formula -> gap."""
    materials = Materials.from_formulas(list(values))
    context = {} if temperature is None else {"temperature": np.array(temperature, dtype=np.float64)}
    materials = Materials(materials.ids, materials.formulas, materials.compositions, context=context)
    units = {} if temperature is None else {"temperature": "K"}
    return Dataset(materials, {"gap": Target("gap", np.array(list(values.values())), "eV")}, context_units=units)


def round_with(
    known: Dataset,
    predicted: dict[str, tuple[float, float]],
    batch: Sequence[str],
    number: int = 1,
    temperature: float | None = None,
) -> Round:
    """Formula -> the ends of its 90 % interval, best first; some of them proposed."""
    names = list(predicted)
    ends = np.array(list(predicted.values()))
    materials = Materials.from_formulas(names)
    context = {} if temperature is None else {"temperature": np.full(len(names), temperature)}
    materials = Materials(materials.ids, materials.formulas, materials.compositions, context=context)
    block = foretold(ends.mean(axis=1), ends[:, 0], ends[:, 1], target="gap", unit="eV", level=0.9)
    places = [batch.index(name) + 1 if name in batch else 0 for name in names]
    return Round(
        number,
        (HIGHEST,),
        (aim_of(HIGHEST, known),),
        0.9,
        known.materials,
        materials,
        {"gap": block},
        np.arange(1, len(names) + 1),
        np.array(places),
        np.full(len(names), "GaAs"),
    )
