"""Representation: material -> vector, with one face for descriptors and trained encoders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.counting import counted
from matscout.data.defects.column_store import Defects
from matscout.data.given import Given, as_materials
from matscout.data.kinds import Kind
from matscout.data.materials import Materials
from matscout.data.reactions.column_store import Reactions
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.errors import InputError, RowProblem, UsageError
from matscout.extras import missing_words, version_of
from matscout.registry import name_of
from matscout.represent.transformer import Transformer
from matscout.shown import ShownTable, as_array, named_few
from matscout.store import key_of

if TYPE_CHECKING:
    import polars

Needs = Literal["composition", "structure", "text", "reaction", "defects"]

NOUNS: Mapping[Needs, str] = {
    "composition": "material",
    "structure": "material",
    "text": "material",
    "reaction": "reaction",
    "defects": "arrangement",
}
"""What rows are called that have what a representation needs."""

DESCRIBED: Mapping[str, str] = {
    "material": "materials",
    "reaction": "chemical reactions",
    "arrangement": "point defects",
}
"""What a representation describes, by what rows are called."""

INSTEAD: Mapping[str, str] = {
    "material": "name the column of reaction SMILES (--reaction=COL), or choose a representation of compositions",
    "reaction": "choose a representation of reactions, such as drfp (matscout representations lists them)",
    "arrangement": "choose a representation of defects or of compositions, such as defect-pairs or magpie",
}
"""What to do, by what the rows are called, where something else was asked to describe them."""


@dataclass(frozen=True, eq=False, repr=False)
class Embedding(ShownTable):
    """Vectors of the m materials that could be represented.

    Parameters
    ----------
    vectors
        float64 [m, dim]. NaN marks a value that the source itself leaves blank (e.g. an element property nobody
        measured); such rows carry a remark in ``problems``.
    rows
        int64 [m], ascending: which of the n input materials each vector belongs to.
    columns
        dim names, e.g. ``"mean Electronegativity"``.
    problems
        One per material that could not be represented (``dropped``) or has blanks; ``row`` is the position from 1.
    """

    vectors: NDArray[np.float64]
    rows: NDArray[np.int64]
    columns: tuple[str, ...]
    problems: tuple[RowProblem, ...] = ()

    def __post_init__(self) -> None:
        if self.vectors.shape != (len(self.rows), len(self.columns)):
            raise ValueError(
                f"vectors {self.vectors.shape} do not fit {len(self.rows)} rows x {len(self.columns)} columns"
            )
        lock(self)

    def in_a_line(self) -> str:
        """How many vectors, how long, and what was left out."""
        dropped = sum(problem.dropped for problem in self.problems)
        parts = [
            f"{counted(len(self.rows), 'vector')} of {len(self.columns):,} columns ({named_few(self.columns[:2])}, ...)"
        ]
        return ", ".join([*parts, *([f"{counted(dropped, 'material')} left out"] if dropped else [])])

    def __len__(self) -> int:
        return len(self.rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return as_array(self.vectors, dtype, copy)

    def to_frame(self) -> polars.DataFrame:
        """A row for each vector: its place among the materials ("row", from 0), and its columns."""
        import polars

        return polars.DataFrame({"row": self.rows}).hstack(polars.DataFrame(self.vectors, schema=list(self.columns)))


def structures_of(materials: Materials, name: str, instead: str = "a representation of compositions") -> Structures:
    """The structures that a representation called ``name`` describes.

    Raises
    ------
    UsageError
        If the materials have none.
    """
    if materials.structures is None:
        raise UsageError(
            f"{name} describes crystal structures, but these materials are formulas only: name the structures "
            f"(--structure=COL|DIR), or choose {instead}"
        )
    return materials.structures


def of_known_structures(materials: Materials, represent: Callable[[Materials], Embedding]) -> Embedding:
    """What is said of the rows that have a structure; the others are told as problems.

    ``represent`` is given materials all of which have one.
    """
    known = materials.has_structure
    if materials.structures is None or known.all():
        return represent(materials)
    rows = np.flatnonzero(known)
    embedding = represent(materials[rows])
    moved = [replace(problem, row=int(rows[problem.row - 1]) + 1) for problem in embedding.problems]
    lacking = [
        RowProblem(
            int(row) + 1,
            str(materials.formulas[row]),
            "has no structure",
            "add one, or use a representation of compositions",
        )
        for row in np.flatnonzero(~known)
    ]
    problems = tuple(sorted([*moved, *lacking], key=lambda problem: problem.row))
    return replace(embedding, rows=rows[embedding.rows], problems=problems)


def reactions_of(materials: Materials, name: str) -> Reactions:
    """The reactions that a representation called ``name`` describes.

    Raises
    ------
    UsageError
        If the rows are materials.
    """
    if materials.reactions is None:
        raise _of_other_kind(name, "reaction", materials.kind)
    return materials.reactions


def defects_of(materials: Materials, name: str) -> Defects:
    """The arrangements of defects that a representation or model called ``name`` describes.

    Raises
    ------
    UsageError
        If the rows are something else.
    """
    if materials.defects is None:
        raise UsageError(
            f"{name} describes point defects, but these rows are {materials.kind.plural}: add a column 'defects' with "
            "the arrangement of each row and a column 'host', or read supercells with matscout defects read"
        )
    return materials.defects


def require_described(materials: Materials, maker: Representation, name: str) -> None:
    """Refuse rows of a kind that a representation called ``name`` does not describe.

    Raises
    ------
    UsageError
        If they are.
    """
    if not maker.describes(materials.kind):
        raise _of_other_kind(name, NOUNS[maker.needs], materials.kind)


def _of_other_kind(name: str, noun: str, kind: Kind) -> UsageError:
    return UsageError(f"{name} describes {DESCRIBED[noun]}, but these rows are {kind.plural}: {INSTEAD[kind.noun]}")


class Representation(Transformer, ABC):
    """Turns materials into vectors without ever seeing a user's labels.

    A concrete representation lives in one file, names its parameters in ``__init__`` (scikit-learn's rules), and
    implements :attr:`columns` and :meth:`represent`.
    """

    needs: ClassVar[Needs] = "composition"
    tolerance: ClassVar[float] = 1e-12
    """How much a value x may depend on the batch, times max(1, abs(x)): networks compute in single precision."""

    packages: ClassVar[tuple[str, ...]] = ()
    """Packages that not everybody has; all must be there."""
    extra: ClassVar[str] = ""
    """What of matscout brings them: ``pip install 'matscout[EXTRA]'``."""
    open_ended: ClassVar[bool] = False
    """Whether the columns are those of what occurs in the batch: a column that is not there stands for 0."""
    costly: ClassVar[bool] = False
    """Whether a vector takes so long that models keep it from run to run, by the content of the structure."""

    @classmethod
    def missing(cls) -> str:
        """What must be installed or given before it can be used by its name alone, "" if nothing."""
        return missing_words(cls.packages, cls.extra)

    @classmethod
    def describes(cls, kind: Kind) -> bool:
        """Whether it may have something to say of rows of this kind."""
        return NOUNS[cls.needs] in (kind.noun, *kind.also)

    @classmethod
    def at_hand(cls) -> bool:
        """Whether nothing is missing."""
        return not cls.missing()

    @classmethod
    def variants(cls) -> tuple[str, ...]:
        """Addresses of all that there is of it, where it is a family of which one has to be chosen; else none."""
        return ()

    @property
    def name(self) -> str:
        """The plug-in name: the file name with hyphens, or that of an entry point; of a family with what was chosen."""
        return name_of(type(self))

    @property
    def version(self) -> str:
        """Digest of what vectors rest on beside the code of matscout, "" if nothing: weights of one's own."""
        return ""

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules whose code decides what vectors are, with all that they import."""
        return (type(self).__module__,)

    @property
    def origin(self) -> str:
        """Digest of all that vectors rest on: code, tables, weights, and versions of packages of its own."""
        versions = [version_of(package) for package in self.packages]
        return key_of(digest_of_code(*self.modules), self.version, versions)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return len(self.columns)

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Name of each vector component, with its unit where it has one."""

    @abstractmethod
    def represent(self, materials: Materials) -> Embedding:
        """Vectors of all materials that can be represented, and the reason for each that cannot."""

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float64] | None:
        """Vectors of any texts, [n, dim], among those of materials; None, as here, for what reads no texts."""
        return None

    @property
    def taught(self) -> tuple[str, ...]:
        """Properties of materials, ``"name (unit)"``, that its pretraining learned; none of what learned no labels."""
        return ()

    def seen(self, materials: Materials) -> NDArray[np.bool_] | None:
        """Which of the materials its pretraining held, by normalised formula, bool [n].

        None, as here, for what was not trained on materials: fixed descriptors, and tables of element vectors, in
        which single materials leave no trace.
        """
        return None

    def fit(self, materials: Given, y: object = None) -> Self:
        """Nothing to learn for a fixed descriptor; here for scikit-learn pipelines."""
        return self

    def fit_transform(self, materials: Given, y: object = None) -> Any:
        """As :meth:`transform`."""
        return self.fit(materials).transform(materials)

    def transform(self, materials: Given) -> Any:
        """The scikit-learn face of :meth:`represent`: float64 [n, dim], or a frame (:meth:`set_output`).

        Takes formulas too, and all else that :data:`matscout.data.given.Given` lists.

        Raises
        ------
        InputError
            If a material cannot be represented.
        """
        materials = as_materials(materials)
        embedding = self.represent(materials)
        if len(embedding.rows) != len(materials):
            first = next(problem for problem in embedding.problems if problem.dropped)
            raise InputError(f"{self.name}: {len(materials) - len(embedding.rows)} materials failed; first: {first}")
        return self.contained(embedding.vectors, embedding.columns)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.str_]:
        """Column names as scikit-learn asks for them."""
        return np.array(self.columns, dtype=np.str_)
