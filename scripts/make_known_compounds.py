"""Write what is known of compounds before any table: names, and who made or calculated which formula.

Run: ``python scripts/make_donor_table.py -o donor``, then ``python scripts/make_known_compounds.py donor`` with the
packages chemicals (MIT) and pyrolite (MIT) installed; a minute. It writes into ``discover/known_tables``:

- ``names.csv``: formula, name, origin. Minerals (IMA list) and families such as Cu2-II-IV-S4 (Schaefer and Nitsche,
  1974, DOI 10.1016/0025-5408(74)90135-4) were compiled by hand (``scripts/known_compounds``); rock-forming minerals
  come from pyrolite, names of inorganic compounds from chemicals, which has them from PubChem.
- ``sources.npz``: for each mark of ``represent/weights/composition-donor-full/seen.npy``, in its order, a byte of flags
  that says which of the public tables hold the formula (:data:`matscout.discover.known_compounds.FLAGS`).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl

from matscout.crystal.charges import UNBALANCED, balance_charges, log_likelihoods
from matscout.crystal.chemistry import element_facts
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.formulas import parse_formulas
from matscout.discover.known_compounds import ELSEWHERE, FLAGS, NAMES, SEEN, SOURCES
from matscout.represent.seen import marks

BY_HAND = {"minerals.csv": "mineral", "families.csv": "compound (literature)"}
"""Tables in ``scripts/known_compounds`` -> origin."""
ELEMENTS = 5
"""Names of compounds of more elements are seldom those of solids."""
USUAL = float(np.log(1e-4))
"""Formulas whose oxidation states are rarer are fragments and mixtures; PubChem merges a salt and its water."""
WORDS = re.compile(r"[a-z]+(\([iv]+\))?( [a-z]+(\([iv]+\))?){0,3}")
"""Names as chemists write them; no registry numbers, no systematic names."""
OF_HYDROGEN = re.compile("hydr|ammoni|acid|amide|ane|ine|ate")
"""What names of compounds of hydrogen hold; PubChem adds hydrogen to atoms of some borides and sulfides."""


def by_hand() -> Iterator[tuple[str, str, str]]:
    """Formula, name and origin of what was compiled by hand: minerals, and families that materials chemists know."""
    for table, origin in BY_HAND.items():
        with (Path(__file__).parent / "known_compounds" / table).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["formula"], row["name"], origin


def rock_forming() -> Iterator[tuple[str, str, str]]:
    """End members of minerals out of pyrolite."""
    with (_package("pyrolite") / "data" / "mineral" / "mins.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield re.sub(r"\{[^}]*\}", "", row["formula"]), row["name"], "mineral (pyrolite)"


def inorganic() -> Iterator[tuple[str, str, str]]:
    """Inorganic compounds out of chemicals, that is PubChem, under the first name that is made of words."""
    folder = _package("chemicals") / "Identifiers"
    for name in ("Inorganic db.tsv", "chemical identifiers pubchem large.tsv"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            cells = line.split("\t")
            names = [one for one in cells[8:] if WORDS.fullmatch(one) and "hydrate" not in one and len(one) < 40]
            if names and _is_inorganic(cells[2]) and ("H" not in _symbols(cells[2]) or OF_HYDROGEN.search(names[0])):
                yield _cations_first(cells[2]), names[0], "compound (PubChem, by chemicals)"


def _cations_first(formula: str) -> str:
    """``"CdTe"`` where the system of Hill has it so already, ``"KI"`` for its ``"IK"``."""
    scale = element_facts().electronegativity
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    return "".join(symbol + n for symbol, n in sorted(parts, key=lambda one: scale[ATOMIC_NUMBERS[one[0]] - 1]))


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        sys.exit(f"install {name} first")
    return Path(spec.origin).parent


def _symbols(formula: str) -> set[str]:
    return set(re.findall(r"[A-Z][a-z]?", formula))


def _is_inorganic(formula: str) -> bool:
    symbols = _symbols(formula)
    is_plain = symbols <= set(ATOMIC_NUMBERS) and "+" not in formula and "-" not in formula
    return is_plain and 1 < len(symbols) <= ELEMENTS and not {"C", "H"} <= symbols


def names() -> pl.DataFrame:
    """One row for each name of a composition; minerals first, and no compound where there is a mineral."""
    rows = [*by_hand(), *rock_forming(), *inorganic()]
    read = parse_formulas([formula for formula, _, _ in rows])
    kept = [rows[row] for row in read.rows]
    balance = balance_charges(read.compositions)
    usual = (balance.verdicts != UNBALANCED) & (log_likelihoods(read.compositions, balance.charges) >= USUAL)
    named: dict[str, tuple[tuple[str, str, str], list[str]]] = {}
    for row, key, fits in zip(kept, read.compositions.keys().tolist(), usual.tolist(), strict=True):
        if row[2].startswith("mineral") or (fits and key not in named):
            named.setdefault(key, (row, []))[1].append(row[1])
    table = [(row[0], " or ".join(dict.fromkeys(all_names)), row[2]) for row, all_names in named.values()]
    return pl.DataFrame(table, schema=["formula", "name", "origin"], orient="row").sort("formula")


def flags(donor: pl.DataFrame) -> np.ndarray:
    """The byte of each mark that the composition donor has seen, in the order of its file."""
    read = parse_formulas(donor["formula"].to_list())
    held = np.zeros(donor.height, dtype=np.uint8)
    for bit, columns in FLAGS.values():
        some = np.any([_says(donor, column) for column in columns], axis=0)
        held |= np.where(some, np.uint8(bit), np.uint8(0))
    own, seen = marks(read.compositions), np.load(SEEN)
    places = np.minimum(np.searchsorted(seen, own), len(seen) - 1)
    match = seen[places] == own
    result = np.zeros(len(seen), dtype=np.uint8)
    np.bitwise_or.at(result, places[match], held[read.rows][match])
    sys.stderr.write(f"{match.sum()} of {len(own)} formulas have a mark; {(result == 0).sum()} marks have no flag\n")
    return np.where(result == 0, np.uint8(ELSEWHERE), result)


def _says(donor: pl.DataFrame, column: str) -> np.ndarray:
    """Where a column has a value; of yes and no where it says yes."""
    values = donor[column]
    says = values.is_not_null()
    return (says & (values == 1.0).fill_null(value=False) if column == "synthesised (1)" else says).to_numpy()


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("donor", type=Path, help="folder that make_donor_table.py wrote")
    folder = parser.parse_args().donor
    table = names()
    table.write_csv(NAMES)
    held = flags(pl.read_parquet(folder / "donor-full.parquet"))
    np.savez_compressed(SOURCES, flags=held)
    counts = {name: int((held & bit > 0).sum()) for name, (bit, _) in FLAGS.items()}
    sys.stderr.write(json.dumps({"names": table.height, **counts}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
