"""One structure from one text: CIF, POSCAR, extended XYZ or pymatgen JSON, told apart by content."""

from __future__ import annotations

import json
import re
import shlex
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.formula_grammar import ISOTOPES
from matscout.errors import InputError

if TYPE_CHECKING:
    from pymatgen.core import Lattice, Structure

MAX_BYTES = 20_000_000
"""Larger files are skipped: no single structure is that big, and reading one would stall the run."""

MAX_ATOMS = 10_000
"""Structures with more atoms (listed ones times symmetry operations) are refused: a CIF takes a time that grows with
the square of their number, which would stall the run."""

_COLLECTION = "Issues encountered while parsing CIF: "
_HARMLESS = (
    "rounded to ideal values",
    "Spacegroup from",
    "Skipping relative stoichiometry check",
    "Cannot determine chemical composition from CIF",
)


class StructureError(InputError):
    """A text or file that holds no usable structure: what is wrong with it, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"{reason}; {advice}")
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True)
class StructureReading:
    """A structure with what was noted on the way: warnings of the reader, substitutions, and its own properties."""

    structure: Structure
    remarks: tuple[str, ...] = ()
    properties: Mapping[str, object] | None = None


def recognised_format(text: str) -> str | None:
    """``"cif"``, ``"poscar"``, ``"extxyz"`` or ``"json"`` by content; None if it is none of these."""
    head = text.lstrip("\ufeff \t\r\n")
    if head[:1] in ("{", "["):
        return "json"
    if re.search(r"^\s*_(?:cell_length_a|atom_site_)", text, re.MULTILINE | re.IGNORECASE):
        return "cif"
    lines = text.lstrip("\ufeff").splitlines()
    numbers = [_floats(line) for line in lines[1:5]]
    if len(numbers) == 4 and len(numbers[0]) in (1, 3) and all(len(vector) == 3 for vector in numbers[1:]):
        return "poscar"
    return "extxyz" if len(lines) > 2 and lines[0].strip().isdecimal() else None


def _floats(line: str) -> list[float]:
    try:
        return [float(word) for word in line.split()[:3]]
    except ValueError:
        return []


def read_structure_text(text: str) -> StructureReading:
    """The structure in a text.

    Raises
    ------
    StructureError
        If the text is no CIF, POSCAR, extended XYZ or pymatgen JSON, or cannot be read.
    """
    name = recognised_format(text)
    if name is None:
        raise StructureError("no CIF, POSCAR, extended XYZ or pymatgen JSON", "give one of these, as text or path")
    if len(text) > MAX_BYTES:
        raise StructureError(f"it has more than {MAX_BYTES // 1_000_000} MB", "leave it out or reduce it to one cell")
    return guarded(_READERS[name], text)


def guarded(read: Callable[[Any], StructureReading], source: object) -> StructureReading:
    """Run a third-party reader: its warnings become remarks, whatever it raises a :class:`StructureError`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            reading = _of_elements(read(source))
        except StructureError:
            raise
        except Exception as error:
            reason = "; ".join([*_messages(caught), _one_line(error) or type(error).__name__])
            advice = "open it in a structure viewer and save it again"
            raise StructureError(f"it cannot be read ({reason[:300]})", advice) from error
    remarks = tuple(message[:200] for message in _messages(caught))
    return StructureReading(reading.structure, reading.remarks + remarks, reading.properties)


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


def _messages(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """What the warnings say, each thing once, without what every second CIF makes pymatgen say."""
    lines = [line for warning in caught for line in str(warning.message).removeprefix(_COLLECTION).splitlines()]
    told = dict.fromkeys(_one_line(line) for line in lines)
    return [line for line in told if line and not any(part in line for part in _HARMLESS)]


def _of_elements(reading: StructureReading) -> StructureReading:
    """The structure with a remark on deuterium, which pymatgen counts as hydrogen; anything but elements is refused."""
    structure = reading.structure
    if not len(structure):
        raise StructureError("it has no atoms", "leave it out")
    unit_cell(structure.lattice.matrix)
    kinds = {species for site in structure for species in site.species}
    unknown = sorted({kind.symbol for kind in kinds} - set(ATOMIC_NUMBERS))
    if unknown:
        raise StructureError(f"{', '.join(unknown)} is no element", "name the atoms by element symbols")
    names = {kind.name for kind in kinds if hasattr(kind, "name")}
    remarks = tuple(f"{isotope} counts as {ISOTOPES[isotope]}" for isotope in sorted(names & set(ISOTOPES)))
    return StructureReading(structure, reading.remarks + remarks, reading.properties)


def unit_cell(vectors: ArrayLike) -> Lattice:
    """The lattice with the rows of ``vectors`` (3 x 3, Å).

    Raises
    ------
    StructureError
        If they span no volume.
    """
    from pymatgen.core import Lattice

    matrix = np.array(vectors, dtype=np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-3:
        raise StructureError("its unit cell has no volume", "give three independent lattice vectors in Å")
    return Lattice(matrix)


def _refuse_many(atoms: int) -> None:
    if atoms > MAX_ATOMS:
        raise StructureError(f"it has about {atoms} atoms, more than {MAX_ATOMS}", "reduce it to one cell")


_ATOM_LINE = re.compile(r"^\s*[A-Z][A-Za-z]?\S*\s+\S+\s+.*\d\.\d", re.MULTILINE)
_SYMMETRY_LINE = re.compile(r"^\s*(?:\d+\s+)?['\"]?\s*[-+xyz\d/. ]*[xyz][-+xyz\d/. ]*,[^,\n]+,[^,\n]+$", re.MULTILINE)
_SPACE_GROUP = re.compile(
    r"^_(?:symmetry_|space_group_)(?:space_group_)?(?:name_\S+|IT_number|Int_Tables_number)[ \t]+(\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)


def _read_cif(text: str) -> StructureReading:
    from pymatgen.io.cif import CifParser

    if "_atom_site_fract_x" not in text.lower():
        raise StructureError("it lists no atoms with fractional coordinates", "add the loop with _atom_site_fract_x")
    _refuse_many(len(_ATOM_LINE.findall(text)) * max(1, len(_SYMMETRY_LINE.findall(text))))
    parser = CifParser.from_str(text, occupancy_tolerance=1.05)
    found = parser.parse_structures(primitive=False)
    groups = {re.sub(r"[\s'\"_]", "", group) for group in _SPACE_GROUP.findall(text)} - {"P1", "1", "?", "."}
    if groups and any("Defaulting to P1" in message for message in parser.warnings):
        reason = f"its space group {', '.join(sorted(groups))} is not recognised and no symmetry operations are listed"
        raise StructureError(reason, "add the operations (_symmetry_equiv_pos_as_xyz), or write all atoms in P1")
    several = (f"the first of its {len(found)} structures is used",) if len(found) > 1 else ()
    return StructureReading(found[0], several)


def _read_poscar(text: str) -> StructureReading:
    from pymatgen.io.vasp import Poscar
    from pymatgen.io.vasp.inputs import BadPoscarWarning

    _refuse_many(len(text.splitlines()) // 2)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*cannot be determined", category=BadPoscarWarning)
        try:
            poscar = Poscar.from_str(text, read_velocities=False)
        except BadPoscarWarning as error:
            if "cannot be determined" not in str(error):
                raise
            advice = "add the line of element symbols before the counts"
            raise StructureError("its elements are not named", advice) from error
    return StructureReading(poscar.structure)


def _read_json(text: str) -> StructureReading:
    return structure_from_dict(json.loads(text))


def structure_from_dict(document: object) -> StructureReading:
    """A pymatgen structure from its JSON form; only lattice, species and coordinates are looked at.

    Nothing in the document chooses code to run, unlike with pymatgen's own decoder.

    Raises
    ------
    StructureError
        If it is not the JSON form of a structure.
    """
    from pymatgen.core import Structure

    if not isinstance(document, Mapping):
        raise StructureError("no pymatgen structure in JSON", "write it with structure.as_dict()")
    try:
        lattice = unit_cell(document["lattice"]["matrix"])
        sites = document["sites"]
        species = [{entry["element"]: float(entry["occu"]) for entry in site["species"]} for site in sites]
        coordinates = np.array([site["abc"] for site in sites], dtype=np.float64).reshape(-1, 3)
    except (KeyError, TypeError, ValueError) as error:
        raise StructureError("no pymatgen structure in JSON", "write it with structure.as_dict()") from error
    return StructureReading(Structure(lattice, species, coordinates))


def _read_extended_xyz(text: str) -> StructureReading:
    frames = extended_xyz_frames(text)
    several = (f"the first of its {len(frames)} frames is used",) if len(frames) > 1 else ()
    reading = extended_xyz_structure(frames[0])
    return StructureReading(reading.structure, several, reading.properties)


def extended_xyz_frames(text: str) -> list[list[str]]:
    """The lines of each frame: comment line first, then one line for each atom.

    Raises
    ------
    StructureError
        If a count of atoms is missing or the file ends too early.
    """
    lines = text.lstrip("\ufeff").splitlines()
    frames = []
    at = 0
    while at < len(lines) and lines[at].strip():
        if not lines[at].strip().isdecimal():
            raise StructureError(f"line {at + 1} should hold the number of atoms", "check the frame before it")
        atoms = int(lines[at])
        frame = lines[at + 1 : at + 2 + atoms]
        if len(frame) < atoms + 1:
            raise StructureError(f"it ends before the {atoms} atoms announced in line {at + 1}", "complete the file")
        frames.append(frame)
        at += atoms + 2
    return frames


def extended_xyz_structure(frame: Sequence[str]) -> StructureReading:
    """The structure of one frame; the other ``key=value`` pairs of its comment line become properties.

    Raises
    ------
    StructureError
        If the frame has no lattice or the columns for species and positions (Å) are missing.
    """
    from pymatgen.core import Structure

    _refuse_many(len(frame) - 1)
    header = _header(frame[0])
    lattice = header.pop("lattice", "").split()
    if len(lattice) != 9:
        raise StructureError(
            "its second line has no Lattice with nine numbers", 'add Lattice="ax ay az bx by bz cx cy cz" (Å)'
        )
    columns = _columns(header.pop("properties", "species:S:1:pos:R:3"))
    header.pop("pbc", None)
    if not {"species", "pos"} <= set(columns):
        raise StructureError("its Properties lack species or pos", "write Properties=species:S:1:pos:R:3")
    rows = [line.split() or [""] for line in frame[1:]]
    species = [row[columns["species"]] for row in rows]
    first = columns["pos"]
    if short := next((row for row in rows if len(row) <= max(first + 2, columns["species"])), None):
        raise StructureError(f"the atom line {' '.join(short)!r} is too short", "give a symbol and three coordinates")
    positions = np.array([row[first : first + 3] for row in rows], dtype=np.float64)
    cell = unit_cell(np.array(lattice, dtype=np.float64).reshape(3, 3))
    structure = Structure(cell, species, positions, coords_are_cartesian=True)
    return StructureReading(structure, properties={key: _value(text) for key, text in header.items()})


def _header(line: str) -> dict[str, str]:
    """``key=value`` pairs, values may be quoted; the names that carry structure in lower case."""
    pairs = {}
    for word in shlex.split(re.sub(r"\s*=\s*", "=", line).replace("{", '"').replace("}", '"')):
        key, sign, value = word.partition("=")
        if sign:
            pairs[key.lower() if key.lower() in ("lattice", "properties", "pbc") else key] = value
    return pairs


def _columns(properties: str) -> dict[str, int]:
    """First column of each property, from ``name:type:width:...``."""
    words = properties.split(":")
    columns = {}
    start = 0
    for name, width in zip(words[::3], words[2::3], strict=False):
        columns["species" if name == "element" else name] = start
        start += int(width)
    return columns


def _value(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


_READERS: dict[str, Callable[[str], StructureReading]] = {
    "cif": _read_cif,
    "poscar": _read_poscar,
    "extxyz": _read_extended_xyz,
    "json": _read_json,
}
