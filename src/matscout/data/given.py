"""What public functions are given, as materials or as a data set: formulas, paths, frames, other libraries' objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matscout.data.materials import Material, Materials
from matscout.data.structures import Structures
from matscout.errors import InputError, RowProblem, UsageError, shortened

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.data.positive_unlabelled import UnlabelledCells

Given = Any
"""A formula or several; the path of a file or folder; a polars or pandas frame; structures or compositions of pymatgen,
atoms of ASE, one or several; or what matscout has read: :class:`Materials`, a :class:`Dataset`.

Readers are imported when they are needed: models, which take all of this, do not depend on how files are read.
"""

TAKEN = (
    "a formula or a list of formulas, a path, a polars or pandas frame, structures of pymatgen or ASE, or what "
    "matscout has read"
)
"""The same in words."""


def as_materials(
    given: Given,
    argument: str = "materials",
    *,
    context: Sequence[str] = (),
    context_units: Mapping[str, str] | None = None,
    reaction: Sequence[str] = (),
) -> Materials:
    """All n materials that are given, in order.

    Parameters
    ----------
    given
        See :data:`Given`.
    argument
        Name of the argument of a public function that it was given as, for errors.
    context, context_units, reaction
        What to read besides of a table, as for :func:`matscout.read_materials`.

    Raises
    ------
    InputError
        If any of them cannot be read: results are row by row.
    UsageError
        If it is something else.
    """
    known = _known_materials(given)
    if known is not None:
        return known
    from matscout.data.reading import read_materials

    listed = _source_of(given, argument)
    if isinstance(listed, list) and _all_formulas(listed):
        return Materials.from_formulas(listed)

    units = dict(context_units or {})
    return read_materials(listed, context=context, context_units=units, reaction=reaction, max_bad=0.0).materials


def readable_materials(given: Given) -> tuple[Materials, tuple[RowProblem, ...]]:
    """The materials, and what of a file or folder cannot be read: nothing of the rest is lost by that.

    Parameters
    ----------
    given
        See :data:`Given`.

    Raises
    ------
    InputError, UsageError
        As :func:`as_materials`, or if nothing can be read.
    """
    if isinstance(given, str | Path) and Path(given).exists():
        from matscout.data.reading import read_materials

        dataset = read_materials(given, max_bad=1.0)
        return dataset.materials, tuple(problem for problem in dataset.problems if problem.dropped)
    return as_materials(given), ()


def as_dataset(
    given: Given,
    argument: str = "dataset",
    *,
    target: str | Sequence[str] | None = None,
    context: str | Sequence[str] = (),
    cells: UnlabelledCells | None = None,
    wants_target: bool = True,
) -> Dataset:
    """The data set that is given, or that of a table; rows that cannot be used are among its problems.

    Parameters
    ----------
    given
        See :data:`Given`.
    argument
        Name of the argument of a public function that it was given as, for errors.
    target
        Columns to read as targets; None for the only one that can be one.
    context
        Columns with conditions of the measurement.
    cells
        Which values of the target are unlabelled; None if all are labels.
    wants_target
        Whether labels are needed.

    Raises
    ------
    InputError, UsageError
        As :func:`matscout.read` does, or if it holds no labels.
    """
    from matscout.data.dataset import Dataset

    if isinstance(given, Dataset):
        if context:
            raise UsageError(f"context= is for tables, but {argument}= is already read: name the columns when reading")
        return given if cells is None else _with_unlabelled(given, cells, target)
    from matscout.data.reading import read, read_materials

    known = _known_materials(given)
    listed = None if known is not None else _source_of(given, argument)
    if wants_target and not isinstance(listed, str | Path) and not hasattr(listed, "columns"):
        raise UsageError(
            f"{argument}= needs labels, but {shortened(given)} has none: give a table with a column of them (a path, "
            "or a polars or pandas frame), or what matscout.read made"
        )
    if known is not None:
        return Dataset(known, {})
    if not wants_target:
        return read_materials(listed, context=context)
    return read(listed, target=() if target is None else target, context=context, **unlabelled_arguments(cells))


def unlabelled_arguments(cells: UnlabelledCells | None) -> dict[str, Any]:
    """What :func:`matscout.read` is told of unlabelled cells."""
    if cells is None:
        return {}
    return {"unlabelled": cells.unlabelled, "positive": cells.positive, "class_prior": cells.class_prior}


def _with_unlabelled(dataset: Dataset, cells: UnlabelledCells, target: str | Sequence[str] | None) -> Dataset:
    from matscout.data.positive_unlabelled import with_unlabelled

    names = [target] if target is None or isinstance(target, str) else list(target)
    for name in names:
        dataset = with_unlabelled(dataset, cells, name)
    return dataset


def is_table(given: Given) -> bool:
    """Whether it has columns beside the materials: a frame, or a file of a table."""
    if isinstance(given, Materials):
        return False
    from matscout.data.source_objects import kind_of_object
    from matscout.data.sources import holds_structures

    if isinstance(given, str | Path):
        path = Path(given)
        return path.exists() and not holds_structures(path)
    return hasattr(given, "columns") and kind_of_object(given) is None


def _known_materials(given: Given) -> Materials | None:
    """The materials of what matscout has made; rows of one batch are put together again."""
    if isinstance(given, Materials):
        return given
    from matscout.data.dataset import Dataset

    match given:
        case Dataset():
            return given.materials
        case Material():
            return given.materials[[given.row]]
        case Structures():
            from matscout.data.reading import read_materials

            return read_materials(given, max_bad=0.0).materials
        case [Material(), *_] if all(isinstance(one, Material) for one in given):
            first: Materials = given[0].materials
            if all(one.materials is first for one in given):
                return first[[one.row for one in given]]
            raise UsageError("these materials come from several batches; give formulas, or rows of one batch")
    return None


def _source_of(given: Given, argument: str) -> Any:
    """What :func:`matscout.read_materials` reads."""
    from matscout.data.source_objects import as_listed
    from matscout.data.sources import is_written_out

    listed = as_listed(given)
    if isinstance(listed, str) and is_written_out(listed):
        return [listed]
    if not (isinstance(listed, str | Path | list) or hasattr(listed, "columns")):
        raise UsageError(f"{argument}= takes {TAKEN}; got {shortened(given)}")
    if isinstance(listed, str | Path) and not Path(listed).exists():
        raise InputError(
            f"{argument}={str(listed)!r} is neither a formula nor a file or folder (the current folder is {Path.cwd()})"
        )
    return listed


def _all_formulas(listed: Sequence[object]) -> bool:
    from matscout.data.reactions.texts import is_reaction

    return all(isinstance(one, str) and not is_reaction(one) for one in listed)
