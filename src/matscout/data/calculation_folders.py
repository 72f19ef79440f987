"""Folders in which a calculation leaves several files of one material: which of them is read, and its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from matscout.data.unpacking import bare

LAST_GEOMETRIES = ("VASPRUN.XML", "OUTCAR", "CONTCAR", "XDATCAR", "POSCAR")
"""Files of VASP that hold a geometry, the last one first; those before CONTCAR hold its energy, too."""

_DENSITIES = ("CHGCAR", "CHG", "LOCPOT", "PARCHG", "ELFCAR", "AECCAR0", "AECCAR1", "AECCAR2")
"""Files of VASP that begin with the geometry of a density."""

NAMED_BY_PROGRAMS = (*LAST_GEOMETRIES, *_DENSITIES, "GEOMETRY.IN")
"""Files that are called like this in every folder of a calculation."""

_RANKS = {name: rank for rank, name in enumerate((*LAST_GEOMETRIES, *_DENSITIES))}


def superseded(places: Sequence[str], sizes: Sequence[int]) -> dict[str, str]:
    """Files of VASP whose folder holds the geometry in a better one, each with the name of that.

    Parameters
    ----------
    places
        Paths within a folder or an archive.
    sizes
        Bytes of each; VASP begins a CONTCAR as an empty file.
    """
    best: dict[PurePosixPath, tuple[int, str]] = {}
    ranked = [(place, _RANKS.get(bare(place).name.upper())) for place in places]
    for (place, rank), size in zip(ranked, sizes, strict=True):
        where = PurePosixPath(place).parent
        if rank is not None and size and (where not in best or rank < best[where][0]):
            best[where] = (rank, place)
    chosen = [(place, best.get(PurePosixPath(place).parent)) for place, rank in ranked if rank is not None]
    return {
        place: PurePosixPath(preferred[1]).name
        for place, preferred in chosen
        if preferred is not None and preferred[1] != place
    }


def names_of(places: Sequence[str]) -> list[str]:
    """What n structures are called: by stem of their files (of the folder for ``mp-1/POSCAR``) where that is unique,
    else by the file (the path of the folder), else by the whole path.
    """
    spelled = [(*_short_names(place), place) for place in places]
    level = [0] * len(places)
    for _ in range(2):
        names = [forms[at] for forms, at in zip(spelled, level, strict=True)]
        repeated = {name for name, count in Counter(names).items() if count > 1}
        level = [min(2, at + 1) if name in repeated else at for name, at in zip(names, level, strict=True)]
    return [forms[at] for forms, at in zip(spelled, level, strict=True)]


def _short_names(place: str) -> tuple[str, str]:
    file = bare(place)
    if file.name.upper() in NAMED_BY_PROGRAMS and file.parent.name:
        return file.parent.name, str(file.parent)
    return stem_of(place), PurePosixPath(place).name


def stem_of(place: str) -> str:
    """The name of one structure: the stem of its file, the folder for ``mp-1/POSCAR``."""
    file = bare(place)
    if file.name.upper() in NAMED_BY_PROGRAMS and file.parent.name:
        return file.parent.name
    return file.name if file.name.upper().startswith(NAMED_BY_PROGRAMS) else file.stem
