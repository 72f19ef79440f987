"""Write src/matscout/simulate/mp2020.json, the table of the corrections of the Materials Project, from pymatgen.

Run: ``.venv/bin/python scripts/make_mp2020_table.py``. The corrections of 2020 and those before, and the oxidation
states with their counts are those of the installed pymatgen (MIT).
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from pymatgen.core import Composition, Element, Species
from pymatgen.entries.compatibility import MP2020_COMPAT_CONFIG, MP_COMPAT_CONFIG

from matscout.data.elements import SYMBOLS
from matscout.data.files import atomic_write

PATH = Path(__file__).parents[1] / "src" / "matscout" / "simulate" / "mp2020.json"


def states() -> dict[str, list[list[int]]]:
    """Element -> its oxidation states in pymatgen's order, each with how often the ICSD reports it."""
    Composition("Fe2O3").oxi_state_guesses()  # loads the counts
    counts = Composition.oxi_prob
    table = {}
    for symbol in SYMBOLS:
        element = Element(symbol)
        usual = element.icsd_oxidation_states or element.common_oxidation_states
        table[symbol] = [[int(state), int(counts.get(Species(symbol, state), 0))] for state in usual]
    return table


def electronegativities() -> dict[str, float]:
    """Element -> electronegativity by Pauling, of those that have one."""
    values = {symbol: Element(symbol).data.get("X") for symbol in SYMBOLS}
    return {symbol: float(value) for symbol, value in values.items() if value is not None}


def main() -> None:
    """Write the table."""
    corrections = MP2020_COMPAT_CONFIG["Corrections"]
    table = {
        "source": f"pymatgen {version('pymatgen')}, pymatgen-core {version('pymatgen-core')}: "
        "MP2020Compatibility.yaml, MPCompatibility.yaml, icsd_bv.yaml, periodic_table.json",
        "licence": "MIT",
        "citation": "Wang et al. (2021), doi:10.1038/s41598-021-94550-5; before 2020: Jain et al. (2011), "
        "doi:10.1103/PhysRevB.84.045115",
        "corrections_eV_per_atom": corrections["CompositionCorrections"],
        "corrections_of_U_eV_per_atom": corrections["GGAUMixingCorrections"],
        "legacy_corrections_eV_per_atom": {
            **MP_COMPAT_CONFIG["OxideCorrections"],
            "S": MP_COMPAT_CONFIG["SulfideCorrections"]["sulfide"],
        },
        "legacy_corrections_of_U_eV_per_atom": MP_COMPAT_CONFIG["Advanced"]["UCorrections"],
        "legacy_gases_eV_per_atom": {
            formula.removesuffix("2"): energy
            for formula, energy in MP_COMPAT_CONFIG["Advanced"]["CompoundEnergies"].items()
        },
        "oxidation_states": states(),
        "electronegativities": electronegativities(),
    }
    with atomic_write(PATH) as unfinished:
        unfinished.write_text(_written(table), encoding="utf-8")
    print(f"wrote {PATH.name}")


def _written(table: dict[str, object]) -> str:
    """JSON with a line for each entry of the first two levels."""
    lines = []
    for name, value in table.items():
        if isinstance(value, dict):
            entries = ",\n".join(f"    {json.dumps(key)}: {json.dumps(entry)}" for key, entry in value.items())
            lines.append(f"  {json.dumps(name)}: {{\n{entries}\n  }}")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
