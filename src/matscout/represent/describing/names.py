"""Names of prototypes: minerals and common names, from AFLOW's library as it comes with pymatgen."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from matscout.crystal.crystals import Crystals
from matscout.crystal.prototypes import MIRRORED, prototype_label
from matscout.crystal.space_groups import space_group
from matscout.data.structures import Structures

LENGTHS, SITES, ANGLES = 0.2, 0.3, 5.0
"""How far a crystal may be from its prototype: lengths (share), sites (share of their spacing), degrees; pymatgen's."""


@dataclass(frozen=True)
class _Prototype:
    name: str
    structure: Any


def prototype_name(structures: Structures, row: int, label: str) -> str:
    """The name of the prototype of one of the structures, "" if it has none.

    Only prototypes with its label are compared with it: a handful at most of AFLOW's 288 (M. J. Mehl et al.,
    doi:10.1016/j.commatsci.2017.01.017), which is what makes names quick.
    """
    known = _prototypes(int(label.split("_")[2])).get(label, ()) if label else ()
    if not known:
        return ""
    structure = structures.to_pymatgen(row)
    return next((one.name for one in known if _matcher().fit_anonymous(structure, one.structure)), "")


@cache
def _prototypes(number: int) -> dict[str, Sequence[_Prototype]]:
    """Label -> prototypes that have a name, of one space group or its mirror image."""
    from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY

    prototypes: dict[str, list[_Prototype]] = defaultdict(list)
    for entry in AFLOW_PROTOTYPE_LIBRARY:
        own = int(entry["tags"]["aflow"].split("_")[2])
        name, structure = name_of(entry["tags"]), entry["snl"].structure
        if not name or MIRRORED.get(own, own) != number:
            continue
        group = space_group(Crystals.from_structures(Structures.from_pymatgen([structure])), 0)
        if group is not None:
            prototypes[prototype_label(group)].append(_Prototype(name, structure))
    return dict(prototypes)


def name_of(tags: Mapping[str, str]) -> str:
    """Mineral or common name, else the one of the Strukturbericht, else ""."""
    symbol = tags["strukturbericht"].replace("_", "")
    return readable(tags["mineral"]) or ("" if symbol in ("", "None") else f"Strukturbericht {symbol}")


def readable(name: str) -> str:
    """A name without TeX; "" for what names a phase of one substance only (``"alpha"``)."""
    plain = re.sub(r"\\'\{(\w)\}|\$\\?|[{}$]", lambda match: match[1] or "", name).strip()
    return "" if plain.lower() in ("", "alpha", "beta", "gamma") else plain


@cache
def _matcher() -> Any:
    from pymatgen.analysis.structure_matcher import StructureMatcher

    return StructureMatcher(ltol=LENGTHS, stol=SITES, angle_tol=ANGLES, primitive_cell=True)
