"""Tables of numbers per element: matscout's own, and those of the installed package ElementEmbeddings."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS, SYMBOLS
from matscout.errors import MatscoutError

_OWN = Path(__file__).parent / "element_tables"


@dataclass(frozen=True, eq=False)
class ElementTable:
    """p numbers for each element.

    Parameters
    ----------
    properties
        p names, with units where the source gives them.
    values
        float64 [118, p]; row z - 1 is the element with atomic number z. NaN where the source is blank.
    listed
        bool [118]; False for elements that the source does not list at all.
    """

    properties: tuple[str, ...]
    values: NDArray[np.float64]
    listed: NDArray[np.bool_]

    @property
    def blanks(self) -> NDArray[np.bool_]:
        """True for listed elements with at least one blank, [118]."""
        return np.asarray(self.listed & np.isnan(self.values).any(axis=1))

    @classmethod
    def from_vectors(cls, properties: Sequence[str], vectors: Mapping[str, Sequence[float]]) -> ElementTable:
        """From symbol -> p values; symbols that name no element now (D, Uue, Null) are left out."""
        values = np.full((N_ELEMENTS, len(properties)), np.nan)
        listed = np.zeros(N_ELEMENTS, dtype=np.bool_)
        for symbol, vector in vectors.items():
            number = ATOMIC_NUMBERS.get(symbol)
            if number is not None:
                values[number - 1] = vector
                listed[number - 1] = True
        values.flags.writeable = False
        return cls(tuple(properties), values, listed)

    def column(self, name: str) -> NDArray[np.float64]:
        """The property called ``name``, [118]."""
        return np.asarray(self.values[:, self.properties.index(name)])


def _number(text: str) -> float:
    return float(text) if text.strip() else float("nan")


def _read_csv(path: Path) -> ElementTable:
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    return ElementTable.from_vectors(header[1:], {line[0]: [_number(text) for text in line[1:]] for line in lines})


def _read_json(path: Path) -> ElementTable:
    vectors = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(next(iter(vectors.values())), int):
        return _one_hot_in_order(vectors)
    length = len(next(iter(vectors.values())))
    return ElementTable.from_vectors([str(position) for position in range(length)], vectors)


def _one_hot_in_order(scale: Mapping[str, int]) -> ElementTable:
    """A scale is a unit vector per element whose components follow the scale, as ElementEmbeddings has it.

    Elements that share a place with a lighter one have none of their own: the modified Pettifor scale gives 0 to all
    from rutherfordium on.
    """
    places: dict[int, str] = {}
    for symbol in SYMBOLS:
        if symbol in scale:
            places.setdefault(scale[symbol], symbol)
    symbols = [places[place] for place in sorted(places)]
    return ElementTable.from_vectors(symbols, dict(zip(symbols, np.eye(len(symbols)).tolist(), strict=True)))


@cache
def own_table(name: str) -> ElementTable:
    """A table that matscout ships (origin and licence: ``crystal/element_tables/README.md``)."""
    return _read_csv(_OWN / f"{name}.csv")


def own_rows(name: str) -> list[dict[str, str]]:
    """The rows of a table that matscout ships, as texts by the names of the columns."""
    with (_OWN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def identity_table() -> ElementTable:
    """One unit vector per element, in order of atomic number."""
    return ElementTable(SYMBOLS, np.eye(N_ELEMENTS), np.ones(N_ELEMENTS, dtype=np.bool_))


@cache
def elementembeddings_table(file_name: str) -> ElementTable:
    """A table of the installed package ElementEmbeddings, read without importing that package (it is slow).

    Raises
    ------
    MatscoutError
        If the installed version does not have the file.
    """
    path = elementembeddings_folder() / "element_representations" / file_name
    return _read_csv(path) if path.suffix == ".csv" else _read_json(path)


def elementembeddings_folder() -> Path:
    """The data folder of the installed ElementEmbeddings."""
    return data_folder_of("elementembeddings", "ElementEmbeddings")


def smact_folder() -> Path:
    """The data folder of the installed smact."""
    return data_folder_of("smact", "smact")


def data_folder_of(module: str, package: str) -> Path:
    """The folder ``data`` of an installed package, which is not imported: that takes long.

    Raises
    ------
    MatscoutError
        If the package is missing.
    """
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise MatscoutError(f"the package {package} is missing: pip install {package}")
    return Path(spec.submodule_search_locations[0]) / "data"
