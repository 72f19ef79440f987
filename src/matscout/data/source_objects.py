"""Objects of other libraries as sources: structures of pymatgen and ASE, compositions, series and arrays of texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matscout.data.structures import Structures
from matscout.errors import UsageError, shortened

if TYPE_CHECKING:
    from pymatgen.core import Composition

STRUCTURE, ATOMS, COMPOSITION = "a structure of pymatgen", "Atoms of ASE", "a composition of pymatgen"
_CLASSES = {
    ("pymatgen", "IStructure"): STRUCTURE,
    ("ase", "Atoms"): ATOMS,
    ("pymatgen", "Composition"): COMPOSITION,
}
"""Package and name of a class; the packages themselves take long to import."""


def kind_of_object(one: object) -> str | None:
    """What an object of another library is that stands for a material; None for everything else."""
    classes = ((kind.__module__.partition(".")[0], kind.__name__) for kind in type(one).__mro__)
    return next((_CLASSES[named] for named in classes if named in _CLASSES), None)


def as_listed(given: Any) -> Any:
    """A single object as a list of one, a series or an array of texts as a list; anything else as it is."""
    if kind_of_object(given) is not None:
        return [given]
    if isinstance(given, str | Path) or hasattr(given, "columns"):
        return given
    if hasattr(given, "tolist") or hasattr(given, "to_list"):
        listed = given.to_list() if hasattr(given, "to_list") else given.tolist()
        return listed if isinstance(listed, list) else [listed]
    return list(given) if isinstance(given, tuple | set | frozenset) else given


def structures_of_objects(given: Sequence[object]) -> Structures | None:
    """A list of structures as :class:`Structures`; None if it holds none.

    Raises
    ------
    UsageError
        If only some are structures, or of two libraries.
    """
    kinds = {kind_of_object(one) for one in given}
    if not kinds & {STRUCTURE, ATOMS}:
        return None
    if len(kinds) > 1:
        other = next(one for one in given if kind_of_object(one) != kind_of_object(given[0]))
        raise UsageError(
            f"a list contains one kind of materials; this one begins with {_words(given[0])} and then has "
            f"{_words(other)}"
        )
    return Structures.from_pymatgen(given) if kinds == {STRUCTURE} else Structures.from_ase(given)


def formulas_of_objects(given: Sequence[object]) -> list[str] | None:
    """The formulas of a list of texts and compositions; None if something else is among them."""
    if not all(isinstance(one, str) or kind_of_object(one) == COMPOSITION for one in given):
        return None
    return [str(one) if isinstance(one, str) else _formula(one) for one in given]


def _formula(composition: Composition) -> str:
    return "".join(f"{element}{amount:.10g}" for element, amount in composition.get_el_amt_dict().items())


def _words(one: object) -> str:
    return kind_of_object(one) or shortened(one)
