"""Whatever the user points at as parts that are read one after the other, however many materials it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matscout.counting import counted
from matscout.data.columns import may_be_id
from matscout.data.dataset import Dataset
from matscout.data.sources import holds_structures
from matscout.data.structure_tables import StructureTable, structure_table
from matscout.data.tables import Table
from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.parts import QUICK_SIZE, SIZE, Parts, parts_of_dataset
from matscout.represent.streaming.structure_parts import parts_of_structures, parts_of_table
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.parsing import existing


@dataclass(frozen=True, eq=False)
class Collection:
    """Materials, to be read part by part.

    Parameters
    ----------
    parts
        The materials.
    origin
        What tells whether the source is still the same, as JSON values.
    has_structures
        Whether they have structures.
    columns
        Reads the columns that are neither name nor formula nor structure; None where there are no others.
    reading
        How the user wants it read: units of columns, and how many materials may be unusable.
    named
        Whether its materials have names, not only the numbers of their rows; None where reading them tells.
    remark
        What was found in the source, a sentence; "" for nothing.
    dataset
        What was read whole; None for what is read part by part.
    """

    parts: Parts
    origin: Mapping[str, object]
    has_structures: bool
    columns: Callable[[], Table | None]
    reading: MaterialSettings
    named: bool | None = None
    remark: str = ""
    dataset: Dataset | None = None

    def parts_for(self, names: Sequence[str]) -> Parts:
        """The parts, larger ones where formulas are represented in no time by all of these representations."""
        quick = self.dataset is not None and not self.has_structures and self.dataset.materials.kind.is_compound
        if self.dataset is None or not quick or any(make_representation(name).costly for name in names):
            return self.parts
        return parts_of_dataset(self.dataset, QUICK_SIZE)


def collection_of(source: Path, reading: MaterialSettings, progress: Progress = silent, size: int = SIZE) -> Collection:
    """A file, folder or archive of materials, ``size`` in a part; what is read whole is read now.

    Raises
    ------
    InputError
        If the source cannot be read.
    UsageError
        If options for tables are given for another source, or name columns that are not there.
    """
    units = dict(reading.unit)
    if holds_structures(existing(source)):
        if reading.formula or reading.structure or reading.sheet or units:
            raise UsageError(
                f"{source} contains structures only; --formula, --structure, --sheet and --unit are for tables"
            )
        return Collection(parts_of_structures(source, size), _origin(source), True, lambda: None, reading)
    if table := None if reading.sheet else structure_table(source, reading.formula, reading.structure, units):
        return _of_table(table, reading, size)
    dataset = reading.read_materials(source, progress=progress)
    return collection_of_dataset(dataset, reading, str(source.resolve()), size)


def _of_table(table: StructureTable, reading: MaterialSettings, size: int) -> Collection:
    roles = table.roles
    origin = {**_origin(table.path), "columns": [roles.id, roles.formula, roles.structure]}
    remark = f"{counted(table.n_rows, 'row')} in {table.path.name}, their structures in column {roles.structure!r}"
    return Collection(parts_of_table(table, size), origin, True, table.others, reading, roles.id is not None, remark)


def collection_of_dataset(
    dataset: Dataset, reading: MaterialSettings, source: str = "", size: int = SIZE
) -> Collection:
    """What was read already, ``size`` in a part; ``source`` is where from, as the data set says it if not given."""
    provenance, has_structures = dataset.provenance, dataset.materials.structures is not None
    digest = provenance.digest or hashlib.sha256("\n".join(dataset.materials.formulas.tolist()).encode()).hexdigest()
    origin = {"source": source or provenance.source or "memory", "digest": digest, "rows": len(dataset)}
    named = _is_named(dataset)
    return Collection(
        parts_of_dataset(dataset, size),
        origin,
        has_structures,
        lambda: _others(dataset),
        reading,
        named,
        dataset=dataset,
    )


def _is_named(dataset: Dataset) -> bool:
    """Whether a column of the table names the materials: some name is not the number of its row, or all stand there."""
    ids = dataset.materials.ids.tolist()
    if ids != [str(number) for number in dataset.numbering]:
        return True
    table = None if dataset.table is None else Table(dataset.provenance.source, dataset.table, dataset.numbering)
    return table is not None and any(may_be_id(name) and table.column(name) == ids for name in table.columns)


def _others(dataset: Dataset) -> Table | None:
    """The columns of a data set that do not repeat what its materials say."""
    if dataset.table is None:
        return None
    table, materials = Table(dataset.provenance.source, dataset.table, dataset.numbering), dataset.materials
    ids, formulas = materials.ids.tolist(), materials.formulas.tolist()
    cells = {name: table.column(name) for name in table.columns}
    repeating = [name for name, own in cells.items() if own == formulas or (may_be_id(name) and own == ids)]
    return replace(table, cells=table.cells.drop(repeating))


def _origin(source: Path) -> dict[str, object]:
    """What tells whether a source is still the same."""
    files = [source] if source.is_file() else [path for path in source.iterdir() if path.is_file()]
    statuses = [path.stat() for path in files]
    return {
        "source": str(source.resolve()),
        "files": len(files),
        "bytes": sum(one.st_size for one in statuses),
        "written": max((one.st_mtime_ns for one in statuses), default=0),
    }
