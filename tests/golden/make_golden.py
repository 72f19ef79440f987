"""Write the golden artefacts of the current artefact version: ``python tests/golden/make_golden.py``.

Run it once after a change of the format has got a new ``ARTEFACT_VERSION`` and an entry in ``UPGRADES``, or for a new
model; folders that exist stay as they are.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import matscout
from matscout.data.dataset import Dataset, Provenance, Target
from matscout.data.materials import Materials
from matscout.predict.artefact import ARTEFACT_VERSION, save_models
from matscout.predict.base import Predictions

FORMULAS = ("NaCl", "KCl", "NaBr", "MgO", "CaO", "ZnO", "ZnS", "GaAs", "GaP", "AlN", "TiO2", "SnO2")
HARDNESS = (2.5, 2.0, 2.2, 6.0, 3.5, 4.5, 3.8, 4.5, 5.0, 9.0, 6.2, 6.5)
"""Mohs hardness, from general knowledge."""


def dataset() -> Dataset:
    """Twelve well-known solids with a number and a class each."""
    values = np.array(HARDNESS)
    targets = {
        "hardness": Target("hardness", values, "Mohs"),
        "scratches glass": Target(
            "scratches glass", (values > 5.5).astype(float), None, "classification", ("no", "yes")
        ),
    }
    return Dataset(Materials.from_formulas(FORMULAS), targets, provenance=Provenance("general knowledge"))


def main() -> None:
    """One folder per plug-in, holding both models and what they predicted when they were saved."""
    data = dataset()
    for name in ("auto-without-donor", "dummy", "extratrees-magpie", "gp"):
        folder = Path(__file__).parent / f"artefact-{ARTEFACT_VERSION}" / name
        if folder.exists():
            continue
        models = {target: matscout.fit(data, target, model=name, fast=True) for target in data.targets}
        save_models(models, folder)
        expected = {}
        for target, model in models.items():
            predictions = model.predict(data.materials, level=0.8)
            number = isinstance(predictions, Predictions)
            expected[target] = (predictions.upper if number else predictions.probabilities).tolist()
        (folder / "expected.json").write_text(
            json.dumps({"formulas": FORMULAS, **expected}, indent=1), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
