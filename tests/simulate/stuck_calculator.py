"""A calculator that never comes back from some crystals."""

from __future__ import annotations

import time

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

ADDRESS = f"{__name__}:Stuck"


class Stuck(Calculator):
    """Never comes back from krypton; argon has no forces."""

    implemented_properties = ("energy", "forces", "stress")

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if 36 in atoms.numbers:
            time.sleep(600.0)
        self.results = {"energy": 1.0, "forces": np.zeros((len(atoms), 3)), "stress": np.zeros(6)}
