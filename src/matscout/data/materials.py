"""Materials: the batch that everything in matscout takes, and ``Material``, a view of one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.compositions import Compositions
from matscout.data.contents import Contents
from matscout.data.defects.column_store import Defects
from matscout.data.kinds import KINDS, Kind
from matscout.data.ragged import Rows
from matscout.data.reactions.column_store import Reactions
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.errors import InputError
from matscout.shown import Shown, ShownTable, named_few

if TYPE_CHECKING:
    import polars
    from pymatgen.core import Composition, Structure


@dataclass(frozen=True, eq=False, repr=False)
class Materials(ShownTable):
    """A column store of n materials, of n reactions, or of n arrangements of point defects.

    Parameters
    ----------
    ids
        text [n], unique names of the rows (the user's id column, file stem or row number).
    formulas
        text [n], the formulas (or reaction SMILES) as the user wrote them.
    compositions
        The compositions of the formulas, n rows; for a reaction, of its products, or of all reactants if no product is
        named.
    structures
        Crystal structures, n rows, some of which may be empty; None if only compositions are known.
    context
        Column name -> float64 [n] (e.g. temperature, K) or text [n] (e.g. synthesis route).
    reactions
        The reactions, n rows; None if the rows are materials.
    defects
        Arrangements of point defects, n rows; None if the rows are something else. Formulas are then the host and its
        defects in words.
    """

    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    compositions: Compositions
    structures: Structures | None = None
    context: Mapping[str, NDArray[np.float64] | NDArray[np.str_]] = field(default_factory=dict)
    reactions: Reactions | None = None
    defects: Defects | None = None

    def __post_init__(self) -> None:
        lengths = {"ids": len(self.ids), "formulas": len(self.formulas), "compositions": len(self.compositions)}
        if self.structures is not None:
            lengths["structures"] = len(self.structures)
        if self.reactions is not None:
            lengths["reactions"] = len(self.reactions)
        if self.defects is not None:
            lengths["defects"] = len(self.defects)
        lengths |= {name: len(column) for name, column in self.context.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"all columns of Materials must have the same length, got {lengths}")
        lock(self)

    @classmethod
    def from_formulas(cls, formulas: Sequence[str], *, counts_atoms: bool = False) -> Materials:
        """From formulas as people write them; parameters as in :func:`matscout.data.formulas.parse_formulas`.

        Raises
        ------
        InputError
            At the first formula that cannot be read, with its position.
        """
        from matscout.data.formulas import parse_formulas

        parsed = parse_formulas(formulas, counts_atoms=counts_atoms)
        if len(parsed.rows) < len(formulas):
            raise InputError(str(next(problem for problem in parsed.problems if problem.dropped)))
        ids = np.array([str(position) for position in range(1, len(formulas) + 1)], dtype=np.str_)
        return cls(ids, np.array(formulas, dtype=np.str_), parsed.compositions)

    def __len__(self) -> int:
        return len(self.compositions)

    def __iter__(self) -> Iterator[Material]:
        return (self.material(row) for row in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Material: ...

    @overload
    def __getitem__(self, index: Rows) -> Materials: ...

    def __getitem__(self, index: int | Rows) -> Material | Materials:
        """One row as a :class:`Material`, or some rows."""
        if isinstance(index, int | np.integer):
            return self.material(int(index))
        structures = None if self.structures is None else self.structures[index]
        reactions = None if self.reactions is None else self.reactions[index]
        defects = None if self.defects is None else self.defects[index]
        context = {name: column[index] for name, column in self.context.items()}
        return Materials(
            self.ids[index], self.formulas[index], self.compositions[index], structures, context, reactions, defects
        )

    def keys(self) -> NDArray[np.str_]:
        """One text per row, equal for equal compositions (to 1e-5 in fractions), reactions or arrangements, [n]."""
        return self.contents.keys()

    @property
    def kind(self) -> Kind:
        """What the rows are."""
        return next(kind for kind in KINDS if getattr(self, kind.column) is not None)

    @property
    def contents(self) -> Contents:
        """What tells rows apart, and by which they are compared, n rows: compositions, reactions or defects."""
        contents: Contents = getattr(self, self.kind.contents)
        return contents

    def arranged(self, asked: Sequence[str]) -> Materials:
        """With parts in this order and spelled so, as :meth:`~matscout.data.contents.Contents.arranged` has it."""
        contents = self.contents.arranged(asked)
        changed: dict[str, Any] = {self.kind.contents: contents}
        return self if contents is self.contents else replace(self, **changed)

    @property
    def has_structure(self) -> NDArray[np.bool_]:
        """Which rows have a crystal structure, bool [n]."""
        return np.zeros(len(self), dtype=np.bool_) if self.structures is None else self.structures.present

    @property
    def noun(self) -> str:
        """What a row is called, in a word: "material", "reaction" or "arrangement"."""
        return self.kind.noun

    def material(self, row: int) -> Material:
        """A view of row ``row`` (negative rows count from the end)."""
        return Material(self, range(len(self))[row])

    def in_a_line(self) -> str:
        """What the rows are, and what is known of them."""
        n_structures = int(self.has_structure.sum())
        parts = [counted(len(self), self.kind.noun), counted(len(np.unique(self.compositions.elements)), "element")]
        parts += [f"{n_structures:,} with structures"] if n_structures else []
        return ", ".join([*parts, *([f"context {named_few(self.context)}"] if self.context else [])])

    def to_frame(self) -> polars.DataFrame:
        """A row for each: id, formula, and the context."""
        import polars

        own = {"id": self.ids.tolist(), "formula": self.formulas.tolist()}
        return polars.DataFrame({**own, **{name: column.tolist() for name, column in self.context.items()}})


@dataclass(frozen=True, repr=False)
class Material(Shown):
    """One row of :class:`Materials`; pymatgen objects are made on demand."""

    materials: Materials
    row: int

    @property
    def id(self) -> str:
        """The name of the row."""
        return str(self.materials.ids[self.row])

    @property
    def formula(self) -> str:
        """The formula as the user wrote it."""
        return str(self.materials.formulas[self.row])

    @property
    def composition(self) -> Composition:
        """The composition as a pymatgen object."""
        from pymatgen.core import Composition

        return Composition(self.materials.compositions.to_dict(self.row))

    @property
    def structure(self) -> Structure:
        """The structure as a pymatgen object; raises ``AttributeError`` if only the composition is known."""
        if self.materials.structures is None or not self.materials.has_structure[self.row]:
            raise AttributeError(f"{self.id} has no structure, only the composition {self.formula}")
        return self.materials.structures.to_pymatgen(self.row)

    def in_a_line(self) -> str:
        """Its formula, and its name where that is another one."""
        known = "with its structure" if self.materials.has_structure[self.row] else "composition only"
        return f"{self.formula} ({self.id}), {known if self.materials.kind.is_compound else self.materials.kind.noun}"
