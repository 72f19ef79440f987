"""Where the energies of arrangements come from: a fitted model, a file, or an object."""

from __future__ import annotations

from pathlib import Path

from matscout.data.defects.hosts import HostCrystal
from matscout.errors import UsageError
from matscout.generate.arrangements.pair_energies import LearnedPairs, PairEnergies
from matscout.generate.arrangements.pair_tables import read_pair_energies
from matscout.predict.artefact_folder import models_in
from matscout.predict.model import Model

MODEL = "defect-pairs"
PER_DEFECT = ("/site", "/defect")
"""Ends of the unit of a target that is divided by the number of defects; the law learns totals."""


def pair_energies(given: str | Path | PairEnergies | Model, host: HostCrystal) -> PairEnergies:
    """The energies that are given.

    Raises
    ------
    UsageError
        If they are no energies of defects and pairs.
    InputError
        If a file cannot be read.
    """
    if isinstance(given, PairEnergies):
        return given
    if isinstance(given, Model):
        return _learned(given, host)
    path = Path(given)
    if not path.exists():
        raise UsageError(
            f"there is no {path}: name the folder of a model {MODEL}, or a JSON file with energies of pairs"
        )
    if path.is_file():
        return read_pair_energies(path)
    from matscout.predict.artefact import load

    return _learned(load(models_in(path)), host)


def _learned(model: Model, host: HostCrystal) -> PairEnergies:
    from matscout.predict.models.defect_pairs import DefectPairs

    predictor = model.predictor
    if not isinstance(predictor, DefectPairs):
        raise UsageError(
            f"{predictor.name} has no energies of pairs: fit the model {MODEL} (matscout fit ... --model {MODEL})"
        )
    return LearnedPairs(predictor.law, host.formula, _unit_of_totals(model.target.unit or "eV"))


def _unit_of_totals(unit: str) -> str:
    for end in PER_DEFECT:
        unit = unit.strip().removesuffix(end)
    return unit
