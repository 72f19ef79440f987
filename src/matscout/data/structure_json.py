"""One structure from JSON: the forms of pymatgen and of ASE. Nothing in a document chooses code to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.json_texts import parse_json
from matscout.data.structure_objects import OF_SITES, OF_STRUCTURE
from matscout.data.structure_readings import (
    PERIODIC,
    StructureError,
    StructureExtras,
    StructureReading,
    refuse_many,
    structure_of_atoms,
    unit_cell,
)

_SAME_CHARGE = 1e-6
_NAMES = ("@module", "lattice", "__ase_objtype__", "numbers", "positions")
_WRITE = "write it with structure.as_dict() of pymatgen, or as JSON of ASE"


def holds_structures(start: str) -> bool:
    """Whether JSON that begins with ``start`` is meant to hold structures in a form of pymatgen or ASE."""
    held = {name for name in _NAMES if f'"{name}"' in start}
    return bool(held & {"@module", "lattice", "__ase_objtype__"}) or {"numbers", "positions"} <= held


def read_structure_json(text: str) -> StructureReading:
    """The structure in a text of JSON.

    Raises
    ------
    StructureError
        If it is none; ValueError of the parser passes.
    """
    document = parse_json(text)
    if isinstance(document, Mapping) and is_ase_collection(document):
        rows = ase_rows(document)
        several = (f"the first of its {len(rows)} structures is used",) * (len(rows) > 1)
        return StructureReading(structure_from_dict(rows[0][1]).structure, several)
    return structure_from_dict(document)


def is_ase_collection(document: Mapping[str, Any]) -> bool:
    """Whether it is a database of ASE in JSON: rows by number, and the list of the numbers."""
    return isinstance(document.get("ids"), list) and "nextid" in document


def ase_rows(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Number and row of each structure of such a database.

    Raises
    ------
    StructureError
        If there is none.
    """
    rows = [(str(key), document[str(key)]) for key in document["ids"] if str(key) in document]
    if not rows:
        raise StructureError("it holds no structures", "write it with ase.db")
    return rows


def structure_from_dict(document: object) -> StructureReading:
    """A structure from its JSON form: lattice, species, coordinates, charge, and properties that are numbers or texts.

    Raises
    ------
    StructureError
        If it is not the JSON form of a structure of pymatgen, or of a row of ASE.
    """
    if not isinstance(document, Mapping):
        raise StructureError("not a pymatgen structure in JSON", _WRITE)
    try:
        return _from_ase(document) if "numbers" in document else _from_pymatgen(document)
    except StructureError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StructureError("not a pymatgen structure in JSON", _WRITE) from error


def _from_pymatgen(document: Mapping[str, Any]) -> StructureReading:
    from pymatgen.core import Structure

    lattice = unit_cell(document["lattice"]["matrix"], _pbc(document["lattice"]))
    sites = document["sites"]
    refuse_many(len(sites))
    shares = [_shares(site["species"]) for site in sites]
    coordinates = np.array([site["abc"] for site in sites], dtype=np.float64).reshape(-1, 3)
    properties = [site["properties"] if isinstance(site.get("properties"), Mapping) else {} for site in sites]
    own = document.get("properties")
    structure = Structure(
        lattice,
        shares,
        coordinates,
        charge=_charge(document),
        site_properties={name: [one.get(name) for one in properties] for one in properties for name in one},
        properties=dict(own) if isinstance(own, Mapping) else {},
    )
    return StructureReading(structure)


def _charge(document: Mapping[str, Any]) -> float | None:
    """The charge of a structure of pymatgen, which writes the sum of the oxidation states where none was set."""
    charge = document.get("charge")
    species = [one for site in document["sites"] for one in site["species"]]
    states = sum(float(one.get("oxidation_state") or 0.0) * float(one["occu"]) for one in species)
    return float(charge) if isinstance(charge, int | float) and abs(charge - states) > _SAME_CHARGE else None


def _pbc(document: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """Along which vectors it is periodic: all, where it is not said."""
    value = document.get("pbc")
    a, b, c = _array(value).ravel().astype(bool).tolist() if value is not None else PERIODIC
    return a, b, c


def _shares(species: Any) -> dict[str, float]:
    """What a site holds; an element with two oxidation states is one."""
    shares: dict[str, float] = {}
    for entry in species:
        shares[entry["element"]] = shares.get(entry["element"], 0.0) + float(entry["occu"])
    for symbol, share in shares.items():
        if not 0 < share <= len(species) + 1:
            raise StructureError(f"the occupancy of {str(symbol)[:10]} is {share:g}", "occupancies lie between 0 and 1")
    return shares


def _from_ase(document: Mapping[str, Any]) -> StructureReading:
    numbers = _array(document["numbers"]).ravel()
    refuse_many(len(numbers))
    positions = _array(document["positions"]).reshape(-1, 3)
    arrays = {name: _array(document[name]) for name in (*OF_SITES, *OF_STRUCTURE) if name in document}
    extras = StructureExtras(
        pbc=_pbc(document),
        site_columns={name: arrays[name] for name in OF_SITES if name in arrays and len(arrays[name]) == len(numbers)},
        columns={name: arrays[name] for name in OF_STRUCTURE if name in arrays},
    )
    structure = structure_of_atoms(_array(document["cell"]).reshape(3, 3), numbers.tolist(), positions, extras)
    return StructureReading(structure, (), _properties(document))


def _properties(document: Mapping[str, Any]) -> dict[str, object]:
    pairs = document.get("key_value_pairs")
    properties: dict[str, object] = {}
    if isinstance(pairs, Mapping):
        properties |= {str(key): value for key, value in pairs.items() if isinstance(value, str | int | float)}
    energy = document.get("energy")
    return properties | ({"energy": float(energy)} if isinstance(energy, int | float) else {})


def _array(value: Any) -> NDArray[np.float64]:
    """Numbers as a list, or as ASE writes arrays: shape, type and the flat list."""
    if isinstance(value, Mapping) and "array" in value:
        value = value["array"]
    if isinstance(value, Mapping):
        _, _, value = value["__ndarray__"]
    return np.array(value, dtype=np.float64)
