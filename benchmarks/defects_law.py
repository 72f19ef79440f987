"""The interaction of a vacancy of Mo with one of S by distance, as a picture."""

from __future__ import annotations

from pathlib import Path

from defects_rows import pilot

from matscout.evaluation.pair_law_plot import pair_law_plot
from matscout.predict.fitting import fit
from matscout.predict.models.defect_pairs import DefectPairs
from matscout.predict.pair_curves import PairCurve, pair_curves, single_defects
from matscout.predict.pair_law import PairLaw


def fitted_law() -> PairLaw:
    """Fitted to the formation energies of all 200 cells."""
    model = fit(pilot().dataset("formation_energy"), model="defect-pairs")
    assert isinstance(model.predictor, DefectPairs)
    return model.predictor.law


def vacancies(law: PairLaw) -> PairCurve:
    """Of v(Mo) and v(S)."""
    return next(curve for curve in pair_curves(law) if {curve.first, curve.second} == {"v(Mo)", "v(S)"})


def draw_law(path: Path) -> None:
    """Draw it, and print the shells."""
    law = fitted_law()
    curve = vacancies(law)
    for one in single_defects(law):
        print(f"{one.name}: {one.energy:.3f} ± {one.deviation:.3f} eV ({one.rows} rows)")
    for shell in curve.shells[:8]:
        print(f"{shell.distance:.3f} Å: {shell.energy:.3f} ± {shell.deviation:.3f} eV ({shell.pairs} pairs)")
    pair_law_plot([curve], "eV").savefig(path, dpi=160)
