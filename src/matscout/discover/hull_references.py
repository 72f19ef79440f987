"""References of a hull out of what a user names: a table, an index, or a public data set."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.counting import counted, was
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.data.public import PublicSet, list_datasets, load_dataset, local_copy
from matscout.data.reading import read_materials
from matscout.data.sources import load_source
from matscout.data.structure_arrays import read_structure_arrays
from matscout.discover.index.storage import MARK
from matscout.errors import InputError, UsageError
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.simulate.energy_columns import EnergyColumns
from matscout.simulate.given_energies import GivenEnergies, given_energies, named_source
from matscout.simulate.references import References

Floats = NDArray[np.float64]

CORRECTED = {"mp_structures": ("extra_labels.csv.gz", "material_id", "formation_energy_per_atom_mp2018")}
"""Public set -> table beside its copy with the energies of a later release, column of ids, column of energies.

In ``mp_structures`` a thousand energies differ by more than 0.1 eV/atom from those, and four are impossible."""

STRUCTURES = {"mp_structures": "arrays.npz"}
"""Public set -> file beside its copy with the structures, by their ids."""


def read_references(given: Any, scheme: str | None = None, progress: Progress = silent) -> References:
    """The references that a user names.

    Parameters
    ----------
    given
        A table with a column of formation energies, or of total energies with the elements among the rows; a folder
        or address of an index with such a column; the name of a public data set (``"mp_structures"``); a frame; or
        references.
    scheme
        Which calculation the energies come from; None: as the table or set says.
    progress
        Told how far reading and downloading are.

    Raises
    ------
    InputError
        If there is nothing of that name, or nothing in it can be used.
    UsageError
        If no column holds energies, or the scheme contradicts what the table says.
    """
    if isinstance(given, References):
        return given if scheme is None else given.stated(scheme)
    public = public_set(given)
    if public is not None:
        return _public(public, scheme, progress)
    if is_index(given):
        return _of_index(str(given), scheme)
    if isinstance(given, str | Path) and not Path(given).exists():
        raise InputError(f"there are no references {str(given)!r}: {_near(str(given)) or _choices()}")
    return _of_energies(_read(given, None, scheme, progress), named_source(given))


def public_set(given: Any) -> PublicSet | None:
    """The public set of that name that may be references; None if it is a path or something else."""
    if not isinstance(given, str | Path) or Path(given).exists():
        return None
    return next((one for one in list_datasets() if one.name == str(given) and one.energy_scheme), None)


def is_index(given: Any) -> bool:
    """Whether it is the folder or the address of an index."""
    return isinstance(given, str | Path) and ("://" in str(given) or (Path(given) / MARK).exists())


def _near(given: str) -> str:
    near = get_close_matches(given, [one.name for one in list_datasets() if one.energy_scheme], n=1)
    return f"did you mean {near[0]}?" if near else ""


def _choices() -> str:
    names = ", ".join(one.name for one in list_datasets() if one.energy_scheme)
    return f"name a table of phases with formation energies, an index, or a public data set ({names})"


def _columns(scheme: str | None) -> EnergyColumns:
    return EnergyColumns(scheme=scheme, option="--references-scheme")


def _public(entry: PublicSet, scheme: str | None, progress: Progress) -> References:
    if scheme not in (None, entry.energy_scheme):
        raise UsageError(
            f"the energies of {entry.name} are {entry.energy_scheme}, not {scheme}: leave out --references-scheme"
        )
    dataset = load_dataset(entry.name, progress=progress)
    dataset = replace(dataset, materials=_with_structures(dataset.materials, structures_file(entry)))
    values, source = dataset.target().values, entry.name
    corrected = corrections_file(entry)
    if corrected is not None:
        _, name, column = CORRECTED[entry.name]
        table = pl.read_csv(corrected, infer_schema_length=None).drop_nulls([column])
        better = dict(zip(table[name].to_list(), table[column].to_list(), strict=True))
        ids = dataset.materials.ids.tolist()
        values = np.array([better.get(one, value) for one, value in zip(ids, values.tolist(), strict=True)])
        source = f"{entry.name} (energies of MP-2018)"
    return _with_remarks(References.of_credible(dataset.materials, values, entry.energy_scheme, source), dataset)


def corrections_file(entry: PublicSet) -> Path | None:
    """The table with better energies beside the copy of a public set; None if there is none."""
    return _beside(entry, CORRECTED[entry.name][0]) if entry.name in CORRECTED else None


def structures_file(entry: PublicSet) -> Path | None:
    """The file of structures beside the copy of a public set; None if there is none."""
    return _beside(entry, STRUCTURES[entry.name]) if entry.name in STRUCTURES else None


def _beside(entry: PublicSet, name: str) -> Path | None:
    copy = local_copy(entry)
    path = None if copy is None else copy.parent / name
    return path if path is not None and path.is_file() else None


def _with_structures(materials: Materials, path: Path | None) -> Materials:
    """The same materials with the structures of a file that has their ids."""
    if path is None:
        return materials
    names, structures = read_structure_arrays(path)
    places = {name: place for place, name in enumerate(names)}
    chosen = np.array([places.get(one, -1) for one in materials.ids.tolist()], dtype=np.int64)
    rows = np.flatnonzero(chosen >= 0)
    return replace(materials, structures=structures[chosen[rows]].spread(rows, len(materials)))


def _of_index(where: str, scheme: str | None) -> References:
    """The materials of an index with its column of energies."""
    from matscout.discover.index.store import Index

    index = Index.open(where)
    properties = index.about.properties
    table = index.rows("id IS NOT NULL", [*index.material_columns, *properties])
    frame = table.select("id", "formula", *properties).rename({name: one.label for name, one in properties.items()})
    return _of_energies(_read(frame, "formula", scheme), named_source(where))


def _read(table: Any, formula: str | None, scheme: str | None, progress: Progress = silent) -> GivenEnergies:
    """The phases of a table and their energies."""
    loaded = load_source(table, formula=formula, progress=progress)
    return given_energies(loaded, read_materials(loaded, formula=formula, progress=progress), _columns(scheme))


def _of_energies(given: GivenEnergies, source: str) -> References:
    """References of formation energies, or of total energies relative to the elements among them."""
    make = References.of_credible if given.kind == "formation" else References.of_totals
    return _with_remarks(make(given.dataset.materials, given.values, given.scheme, source), given.dataset)


def _with_remarks(references: References, dataset: Dataset) -> References:
    """The same with a remark on the rows that cannot be used."""
    lost = [problem for problem in dataset.problems if problem.dropped]
    if not lost:
        return references
    text = f"{counted(len(lost), 'row')} of {references.source} {was(len(lost))} not used as references; {lost[0]}."
    return replace(references, remarks=(*references.remarks, Remark("references-unusable", text)))


def origin_of(given: str, folder: Path = Path()) -> object:
    """What the references depend on: the content of a file, the state of an index, the checksum of a set."""
    public = public_set(given)
    if public is not None:
        return [public.sha256, local_copy(public), corrections_file(public), structures_file(public)]
    if "://" in given or (folder / given / MARK).exists():
        from matscout.discover.index.store import Index

        place = given if "://" in given else str(folder / given)
        return Index.open(place).version
    return folder / given if (folder / given).exists() else None
