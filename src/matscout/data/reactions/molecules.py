"""Molecules as people write them (SMILES), checked and brought to one form by RDKit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from matscout.errors import InputError, MissingExtraError
from matscout.extras import available

if TYPE_CHECKING:
    from rdkit.Chem import Mol

ABBREVIATIONS = {
    "BOC": "tert-butyloxycarbonyl",
    "BOP": "a coupling reagent",
    "BPO": "benzoyl peroxide",
    "CBS": "a catalyst of Corey, Bakshi and Shibata",
    "CSI": "chlorosulfonyl isocyanate",
    "NBS": "N-bromosuccinimide",
    "NCS": "N-chlorosuccinimide",
    "NIS": "N-iodosuccinimide",
    "PCC": "pyridinium chlorochromate",
    "PPNCl": "bis(triphenylphosphine)iminium chloride",
}
"""Names that a chemist writes for a reagent, and that are SMILES of molecules which nobody means."""
_EXTENSION = re.compile(r"\|[^|]*\|")
"""What ChemAxon writes behind a SMILES: coordinates, names of atoms."""
EXTRA = "reactions"
"""The extra that brings RDKit."""


@dataclass(frozen=True)
class Molecule:
    """One molecule, or what was written as one: a salt has several fragments.

    Parameters
    ----------
    smiles
        Canonical SMILES without atom maps.
    composition
        Element symbol -> atoms, hydrogen included.
    mapped
        Whether its atoms were numbered.
    """

    smiles: str
    composition: Mapping[str, float]
    mapped: bool


@lru_cache(maxsize=200_000)
def read_molecule(text: str) -> Molecule:
    """Read a SMILES; ``~`` between fragments, as in published reaction tables, is a dot that does not divide.

    Raises
    ------
    InputError
        If RDKit cannot read it, it is a known abbreviation, other words follow it, or an atom is left open (``*``),
        with the reason.
    MissingExtraError
        If RDKit is not installed.
    """
    first, *rest = text.split(maxsplit=1) or [""]
    if first in ABBREVIATIONS:
        raise InputError(f"is a name ({ABBREVIATIONS[first]}) instead of a SMILES")
    # RDKit would take it for the name of the molecule, so that "CCO O" were ethanol.
    if rest and not _EXTENSION.fullmatch(rest[0].strip()):
        raise InputError("is followed by other words; join molecules with a dot, without blanks")
    molecule = _sanitised(text)
    mapped = any(atom.GetAtomMapNum() for atom in molecule.GetAtoms())
    for atom in molecule.GetAtoms():
        atom.SetAtomMapNum(0)
    symbols = Counter(atom.GetSymbol() for atom in molecule.GetAtoms())
    if "*" in symbols:
        raise InputError("has an open atom (*)")
    symbols["H"] += sum(atom.GetTotalNumHs() for atom in molecule.GetAtoms())
    composition = {symbol: float(number) for symbol, number in symbols.items() if number}
    return Molecule(_canonical(molecule), composition, mapped)


def rdkit_molecule(smiles: str) -> Mol:
    """The molecule of a canonical SMILES (see :class:`Molecule`) as an object of RDKit."""
    require_rdkit()
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(smiles)


def require_rdkit() -> None:
    """Raise :class:`~matscout.errors.MissingExtraError` unless RDKit is there."""
    if not available("rdkit"):
        raise MissingExtraError("rdkit", EXTRA)


def _sanitised(text: str) -> Mol:
    require_rdkit()
    from rdkit import Chem, rdBase

    written = text.replace("~", ".")
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(written)
        if molecule is None:
            raise InputError(_why_not(written))
    if not molecule.GetNumAtoms():
        raise InputError("is not a valid SMILES")
    return molecule


def _why_not(text: str) -> str:
    """What is wrong with a SMILES that RDKit does not read."""
    from rdkit import Chem

    unchecked: Mol | None = Chem.MolFromSmiles(text, sanitize=False)
    if unchecked is None:
        return "is not a valid SMILES"
    try:
        Chem.SanitizeMol(unchecked)
    except (Chem.MolSanitizeException, ValueError) as error:
        return f"is not possible: {str(error).strip().rstrip('.')}"
    return "cannot be read by RDKit"


def _canonical(molecule: Mol) -> str:
    """The canonical SMILES, written, read and written again: RDKit's first one is not always a fixed point."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        return str(Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(molecule))))
