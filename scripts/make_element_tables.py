"""Write the element tables in src/matscout/crystal/element_tables from installed packages.

Run: ``.venv/bin/python -W ignore scripts/make_element_tables.py`` (needs the extra ``dev``). Origins and licences are
described in the README.md of that folder. Blanks of the sources stay blank.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from importlib.metadata import files
from pathlib import Path
from statistics import mean

import smact
from matminer.featurizers.composition import ElementProperty
from matminer.utils.data import MagpieData
from pymatgen.core import Element
from smact.screening import MIXED_VALENCE_ELEMENTS

from matscout.data.elements import SYMBOLS

FOLDER = Path(__file__).parents[1] / "src" / "matscout" / "crystal" / "element_tables"


def _text(value: float | None) -> str:
    """Shortest text that reads back as the same float64; blank if unknown."""
    if value is None or math.isnan(value):
        return ""
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


def _write(name: str, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *lines])
    print(f"wrote {name}.csv")


def magpie() -> None:
    """The 22 properties of matminer's preset ``magpie``, not imputed."""
    featurizer = ElementProperty.from_preset("magpie", impute_nan=False)
    values = featurizer.data_source.all_elemental_props
    lines = [[symbol, *(_text(values[name][symbol]) for name in featurizer.features)] for symbol in SYMBOLS]
    _write("magpie", ["element", *featurizer.features], lines)


def sites() -> None:
    """The eight properties of an element that Site-Net tells sites by, in matminer's names and units."""
    names = (
        "Number",
        "AtomicWeight",
        "Row",
        "Column",
        "FirstIonizationEnergy",
        "Electronegativity",
        "AtomicRadius",
        "Density",
    )
    values = MagpieData(impute_nan=False).all_elemental_props
    _write("sites", ["element", *names], [[s, *(_text(values[name][s]) for name in names)] for s in SYMBOLS])


def elements() -> None:
    """Properties for the ionic, valence and dopant statistics."""
    magpie_values = MagpieData(impute_nan=False).all_elemental_props
    header = [
        "electronegativity",
        "ionization energy (eV)",
        "electron affinity (eV)",
        "covalent radius (Å)",
        "atomic mass (u)",
        "group",
        "lanthanide or actinide",
    ]
    lines = []
    for symbol in SYMBOLS:
        element = Element(symbol)
        f_block = element.is_lanthanoid or element.is_actinoid
        numbers = [
            element.X,
            next(iter(element.ionization_energies or ()), None),
            element.data.get("Electron affinity"),
            magpie_values["CovalentRadius"][symbol] / 100,
            float(element.atomic_mass),
            3 if f_block else element.group,
            int(f_block),
        ]
        lines.append([symbol, *map(_text, numbers)])
    _write("elements", ["element", *header], lines)


def species() -> None:
    """The common oxidation states of each element with their frequency and radius.

    At most five non-zero states, each at least 0.5 % of the ICSD entries of the element in a non-zero state.
    """
    lines = []
    for symbol, counts in _icsd_counts().items():
        total = sum(counts.values())
        common = sorted(counts, key=lambda state: (-counts[state], abs(state)))[:5]
        for state in common:
            if counts[state] >= 0.005 * total:
                radius, origin = _ionic_radius(symbol, state)
                lines.append([symbol, str(state), f"{counts[state] / total:.4f}", _text(round(radius, 3)), origin])
    _write("species", ["element", "state", "share", "radius (Å)", "origin"], lines)


def facts() -> None:
    """What smact knows of each element as a part of compounds."""
    known = smact.element_dictionary()
    header = ["name", "electronegativity", "mass (u)", "abundance (mg/kg)", "reserve concentration"]
    lines = []
    for symbol in SYMBOLS:
        element = known.get(symbol)
        numbers = (
            [None] * 4
            if element is None
            else [element.pauling_eneg, element.mass, element.crustal_abundance, element.HHI_r]
        )
        flags = [symbol in smact.metals, symbol in MIXED_VALENCE_ELEMENTS]
        name = (Element(symbol).long_name if element is None else element.name).lower()
        lines.append([symbol, name, *map(_text, numbers), *(str(int(flag)) for flag in flags)])
    _write("facts", ["element", *header, "metal", "mixed valence"], lines)


def states() -> None:
    """How often the ICSD reports each non-zero oxidation state, as counted by SMACT."""
    lines = [
        [symbol, str(state), str(count)]
        for symbol, counts in _icsd_counts().items()
        for state, count in sorted(counts.items())
    ]
    _write("states", ["element", "state", "reports"], lines)


def _icsd_counts() -> dict[str, dict[int, int]]:
    """Element -> non-zero oxidation state -> entries in the ICSD, as counted by SMACT."""
    path = Path(smact.__file__).parent / "data" / "oxidation_states_icsd24_counts.json"
    counts: dict[str, dict[int, int]] = {symbol: {} for symbol in SYMBOLS}
    for record in json.loads(path.read_text(encoding="utf-8")):
        state, count = record["oxidation_state"], record["results_count"]
        if state and count:
            counts[record["element"]][state] = count
    return counts


def _ionic_radius(symbol: str, state: int) -> tuple[float, str]:
    """Radius in Å: Shannon's mean over coordinations; else estimated from the nearest state or the covalent radius.

    Shannon's anions (N, O, S, Se, Te, F, Cl, Br, I) are larger than their covalent radii by 0.78 Å with a spread of
    0.03 Å, which gives the anions that he does not list (P3-, As3-, Sb3-, H-, ...). A cation that he lists in another
    state shrinks by 0.12 Å for each electron that it loses; without any, it is 0.6 Å smaller than the atom, and at
    least 0.1 Å (H+).
    """
    shannon = {
        int(charge): mean(spin["ionic_radius"] for spins in sites.values() for spin in spins.values())
        for charge, sites in (Element(symbol).data.get("Shannon radii") or {}).items()
        if charge
    }
    if state in shannon and shannon[state] > 0:
        return shannon[state], "Shannon"
    covalent = MagpieData(impute_nan=False).all_elemental_props["CovalentRadius"][symbol] / 100
    if state < 0:
        return covalent + 0.78, "covalent + 0.78"
    cations = [charge for charge in shannon if charge > 0 and shannon[charge] > 0]
    if cations:
        nearest = min(cations, key=lambda charge: abs(charge - state))
        return shannon[nearest] + 0.12 * (nearest - state), f"Shannon {nearest}+"
    return (covalent if math.isnan(covalent) else max(0.1, covalent - 0.6)), "covalent - 0.6"


def licences() -> None:
    """The licence of each package a table comes from, as its wheel carries it."""
    for package in ("matminer", "pymatgen", "smact"):
        [licence] = [path for path in files(package) or [] if "licenses" in path.parts]
        (FOLDER / f"LICENSE-{package}.txt").write_text(licence.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    licences()
    magpie()
    sites()
    elements()
    species()
    facts()
    states()
