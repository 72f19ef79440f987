"""Total energies of the elements, which formation energies are relative to."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS, SYMBOLS
from matscout.data.read_only import lock
from matscout.errors import InputError

LOCAL = "mp_element_references/references.csv"
"""Where the elements of the Materials Project lie below ``MATSCOUT_DATA``."""

PAGE = "https://github.com/janosh/matbench-discovery (data/mp/2023-02-07-mp-elemental-reference-entries.json.gz)"
COLUMNS = ("element", "energy_per_atom_eV")


@dataclass(frozen=True, eq=False)
class ElementEnergies:
    """The energy per atom of each element.

    Parameters
    ----------
    energies
        float64 [118], eV/atom; NaN where it is not known.
    source
        Where they come from, in words.
    """

    energies: NDArray[np.float64]
    source: str

    def __post_init__(self) -> None:
        lock(self)

    @classmethod
    def of_phases(cls, compositions: Compositions, energies: NDArray[np.float64], source: str) -> Self:
        """The lowest energy of each element among n phases.

        Parameters
        ----------
        compositions
            n compositions.
        energies
            float64 [n], total energies, eV/atom.
        source
            Where they come from.
        """
        lowest = np.full(N_ELEMENTS, np.inf)
        pure = np.flatnonzero(compositions.lengths == 1)
        columns = compositions.elements[compositions.offsets[pure]].astype(np.int64) - 1
        np.fmin.at(lowest, columns, energies[pure])
        return cls(np.where(np.isfinite(lowest), lowest, np.nan), source)

    def mixed(self, compositions: Compositions) -> NDArray[np.float64]:
        """The energy of each composition as a mixture of its elements, eV/atom, [n]; NaN where one is not known."""
        terms = compositions.fractions * self.energies[compositions.elements.astype(np.int64) - 1]
        return np.asarray(np.bincount(compositions.rows, terms, minlength=len(compositions)), dtype=np.float64)

    def unknown_in(self, compositions: Compositions, row: int) -> list[str]:
        """The elements of a composition whose energy is not known."""
        numbers = compositions.elements[compositions.offsets[row] : compositions.offsets[row + 1]]
        return [SYMBOLS[number - 1] for number in numbers if np.isnan(self.energies[number - 1])]


def mp_elements(folder: Path | None = None) -> ElementEnergies:
    """The elements of the Materials Project (PBE and PBE+U; MP2020 corrects none of them).

    Parameters
    ----------
    folder
        Where data lie; the environment variable ``MATSCOUT_DATA`` if not given.

    Raises
    ------
    InputError
        If the table is not there, or lacks a column.
    """
    path = mp_elements_file(folder)
    if path is None:
        raise InputError(
            "total energies need those of the elements, which are not here: give references with their total energies "
            f"and with the elements among them, or put a table with the columns {' and '.join(COLUMNS)}, made of "
            f"{PAGE}, at {LOCAL} below the folder MATSCOUT_DATA"
        )
    return ElementEnergies(_read(path), f"elements of the Materials Project ({path.name})")


def mp_elements_file(folder: Path | None = None) -> Path | None:
    """The table of :func:`mp_elements`; None if it is not there."""
    named = os.environ.get("MATSCOUT_DATA", "") if folder is None else str(folder)
    path = Path(named, *LOCAL.split("/"))
    return path if named and path.is_file() else None


def _read(path: Path) -> NDArray[np.float64]:
    energies = np.full(N_ELEMENTS, np.nan)
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            try:
                energies[ATOMIC_NUMBERS[line[COLUMNS[0]]] - 1] = float(line[COLUMNS[1]])
            except (KeyError, ValueError) as error:
                raise InputError(
                    f"{path} is no table of elements: it needs the columns {' and '.join(COLUMNS)} ({error!r})"
                ) from error
    return energies
