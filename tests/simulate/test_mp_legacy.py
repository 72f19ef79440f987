"""Corrections before 2020, against pymatgen, and what became of formation energies in a later release."""

from __future__ import annotations

import numpy as np
import polars
import pytest
from pymatgen.core import Composition
from pymatgen.entries.compatibility import MaterialsProjectCompatibility, PotcarCorrection
from pymatgen.entries.computed_entries import ComputedEntry
from tests.simulate.test_mp2020 import drawn, hubbards

from matscout.data.materials import Materials
from matscout.simulate.element_energies import mp_elements
from matscout.simulate.energy_schemes import MP2020, MP_LEGACY
from matscout.simulate.mp_legacy import legacy_correction
from matscout.simulate.references import References


@pytest.mark.filterwarnings("ignore")
def test_equal_to_pymatgen():
    """All parts of pymatgen's rule but the check of pseudopotentials, of compounds."""
    rule = MaterialsProjectCompatibility()
    parts = [one for one in rule.corrections if not isinstance(one, PotcarCorrection)]
    for seed in range(300):
        amounts = drawn(seed)
        u = hubbards(Composition(amounts))
        entry = ComputedEntry(
            Composition(amounts), 0.0, parameters={"run_type": "GGA+U" if u else "GGA", "hubbards": u, "software": "?"}
        )
        if len(amounts) > 1:
            expected = sum(float(one.get_correction(entry).nominal_value) for one in parts)
            assert legacy_correction(amounts) == pytest.approx(expected, abs=1e-9), amounts


def test_a_bromide_by_hand(monkeypatch, data_dir):
    """NaBr had no correction before 2020 and has -0.534 eV for each Br since."""
    monkeypatch.setenv("MATSCOUT_DATA", str(data_dir))
    references = References(Materials.from_formulas(["NaBr", "Br"]), np.array([-1.6, 0.0]), MP_LEGACY)
    converted = references.in_scheme(MP2020)
    assert converted.formation_energies == pytest.approx([-1.6 - 0.267, 0.0])
    assert converted.scheme == MP2020
    assert references.in_scheme(MP_LEGACY) is references


def test_nearer_to_a_later_release(data_dir):
    """Halides, chalcogenides and oxides with U of mp_structures, compared with the same ids of a later release."""
    new = polars.read_csv(data_dir / "mp_elasticity" / "structures.csv.gz", infer_schema_length=None)
    old = polars.read_csv(data_dir / "mp_structures" / "properties.csv.gz", infer_schema_length=None)
    new = new.select("material_id", polars.col("formation_energy_per_atom").alias("new"))
    both = old.join(new, on="material_id").drop_nulls()
    materials = Materials.from_formulas(both["reduced_formula"].to_list(), counts_atoms=True)
    before = both["formation_energy_per_atom"].to_numpy()
    folder = data_dir / "mp_element_references" / "references.csv"
    references = References(materials, before, MP_LEGACY, elements=mp_elements(folder.parents[1]))
    after, new_values = references.in_scheme(MP2020).formation_energies, both["new"].to_numpy()
    keys = [set(Composition(formula).get_el_amt_dict()) for formula in both["reduced_formula"]]
    for anion, limit in (("Br", 0.03), ("I", 0.03), ("S", 0.02), ("Se", 0.05), ("Te", 0.05)):
        rows = np.array([anion in symbols and not symbols & {"O", "F", "Cl"} for symbols in keys])
        assert abs(np.median((after - new_values)[rows])) < min(limit, abs(np.median((before - new_values)[rows])))
    assert np.mean(np.abs(after - new_values)) < 0.8 * np.mean(np.abs(before - new_values))
