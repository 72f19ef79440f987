"""Public sets with made-up numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars
import pytest

from matscout.workers import in_this_process

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Cd", "Al", "Ga")


@pytest.fixture(autouse=True, scope="module")
def parts_are_made_here() -> Iterator[None]:
    """Without other processes, which take longer to start than these small parts to make; one test asks for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matscout.studies.parts.in_processes", in_this_process)
        yield


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Public sets with made-up numbers."""
    folder = tmp_path / "data (1)"
    for name in ("thermoelectrics", "matbench"):
        (folder / name).mkdir(parents=True)
    formulas = [f"{metal}{x:g}Te" for metal in METALS for x in (0.5, 1.0, 2.0)]
    table = polars.DataFrame(
        {
            "formula": formulas * 2,
            "temperature_K": [300.0] * 30 + [600.0] * 30,
            "seebeck_uV_per_K": np.linspace(-200.0, 300.0, 60),
            "electrical_conductivity_S_per_m": np.geomspace(1e2, 1e6, 60),
            "thermal_conductivity_W_per_mK": np.linspace(0.5, 3.0, 60),
            "power_factor_W_per_mK2": np.ones(60),
            "ZT": np.ones(60),
            "reference_doi": [f"10.1000/{row // 5}" for row in range(60)],
        }
    )
    gaps = polars.DataFrame({"formula": ["NaCl", "NaCl", "Fe", "ZnO", "GaAs"], "target": [8.0, 9.0, 0.0, 3.4, 1.4]})
    for place, frame in (("thermoelectrics/estm", table), ("matbench/expt_gap", gaps)):
        frame.write_csv(folder / f"{place}.csv")
        (folder / f"{place}.csv").rename(folder / f"{place}.csv.gz")
    monkeypatch.setenv("MATSCOUT_DATA", str(folder))
    return folder
