"""Make ``examples/couplings.csv``: amide couplings with yields that a rule of thumb and a random number generator made.

No reaction of this table was ever run. Its yields follow what a chemist would expect: anilines are slow, crowded acids
are slower, HATU helps both, a weak base does not suit EDC, warmth helps a little. Run as ``python
scripts/make_couplings.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

AMINES = {
    "NCc1ccccc1": 1.2,
    "NC1CCCCC1": 0.6,
    "C1CCNCC1": 0.9,
    "C1COCCN1": 0.7,
    "Nc1ccccc1": -0.4,
    "COc1ccc(N)cc1": 0.0,
    "Nc1ccc(C(F)(F)F)cc1": -1.6,
    "CC(C)(C)N": -0.8,
    "Nc1ccccn1": -1.4,
    "NCCc1ccccc1": 1.1,
}
"""Amine (SMILES) -> how readily it reacts, on a scale of log odds."""

ACIDS = {
    "OC(=O)c1ccccc1": 0.2,
    "OC(=O)Cc1ccccc1": 0.8,
    "CC(C)(C)C(=O)O": -1.0,
    "OC(=O)C1CC1": 0.6,
    "OC(=O)c1ccccc1Cl": -0.3,
    "OC(=O)c1ccncc1": -0.1,
    "Cc1cccc(C)c1C(=O)O": -1.5,
    "CC(=O)O": 1.0,
}
"""Acid (SMILES) -> the same."""

REAGENTS = {
    "CN(C)C(=[N+](C)C)On1nnc2cccnc21.F[P-](F)(F)(F)(F)F": 0.9,
    "CN(C)C(=[N+](C)C)On1nnc2ccccc21.F[P-](F)(F)(F)(F)F": 0.3,
    "CCN=C=NCCCN(C)C": -0.5,
    "C(=NC1CCCCC1)=NC1CCCCC1": -0.4,
}
"""HATU, HBTU, EDC and DCC -> the same; the first also halves what hinders."""

BASES = {"CCN(C(C)C)C(C)C": 0.3, "CN1CCOCC1": 0.0, "c1ccncc1": -0.5}
"""DIPEA, N-methylmorpholine and pyridine -> the same."""

HATU, EDC, PYRIDINE = next(iter(REAGENTS)), "CCN=C=NCCCN(C)C", "c1ccncc1"


def percent(molecules: tuple[str, str, str, str], temperature: float, noise: float) -> float:
    """The yield that the rules above give for an amine, an acid, a reagent and a base."""
    amine, acid, reagent, base = molecules
    hindrance = min(AMINES[amine], 0.0) + min(ACIDS[acid], 0.0)
    odds = AMINES[amine] + ACIDS[acid] + REAGENTS[reagent] + BASES[base] + 0.015 * (temperature - 25.0)
    odds -= 0.5 * hindrance if reagent == HATU else 0.0
    odds -= 0.8 if (reagent, base) == (EDC, PYRIDINE) else 0.0
    return float(np.clip(100.0 / (1.0 + np.exp(-odds)) + 4.0 * noise, 0.0, 99.0))


def main() -> None:
    """Draw 180 of the 1,920 combinations and write them."""
    rng = np.random.default_rng(8)
    every = [
        (amine, acid, reagent, base) for amine in AMINES for acid in ACIDS for reagent in REAGENTS for base in BASES
    ]
    rows = []
    for place in rng.choice(len(every), 180, replace=False):
        temperature = float(rng.choice([25.0, 60.0]))
        value = percent(every[place], temperature, rng.normal())
        rows.append((*every[place], temperature, round(value, 1), "simulated"))
    columns = ["amine", "acid", "coupling reagent", "base", "temperature (C)", "yield (%)", "source"]
    out = Path(__file__).parent.parent / "src" / "matscout" / "examples" / "couplings.csv"
    pl.DataFrame(rows, schema=columns, orient="row").write_csv(out)


if __name__ == "__main__":
    main()
