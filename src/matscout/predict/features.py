"""Features: materials -> one finite matrix for the learners, with every imputed value reported."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.errors import ArtefactError, RowProblem, UsageError
from matscout.predict.states import Stored
from matscout.represent.addresses import Address
from matscout.represent.embedding import make_representation
from matscout.represent.embeddings import Embeddings

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureMatrix:
    """What the learners see of n materials.

    Parameters
    ----------
    vectors
        float64 [n, d], finite.
    columns
        d names.
    represented
        bool [n], False where a representation failed, so that its columns are all imputed.
    problems
        Remarks on rows with imputed values or unseen categories; ``row`` is the position from 1.
    """

    vectors: Floats
    columns: tuple[str, ...]
    represented: NDArray[np.bool_]
    problems: tuple[RowProblem, ...] = ()


CONTEXT = -1
"""Origin of a context column; others have the position of their representation."""


@dataclass(eq=False)
class Features(Stored):
    """Joins representations and context columns into the columns that vary over the training rows.

    Blanks are imputed with the median of the training rows; columns that are constant or blank there are left out.
    A numeric context column is used as it is, a categorical one becomes one column per category seen in training.
    Materials come as :class:`~matscout.represent.embeddings.Embeddings`, so that several features share their vectors.

    Parameters
    ----------
    representations
        Names of representations in the catalogue, or parts of them
        (:func:`matscout.represent.embedding.make_representation`).
    context
        Context column -> the categories seen in training, None for numbers.
    columns
        Names of the d columns that vary over the training rows.
    parts
        Names of the parts of reactions, none where the rows are materials.
    origins
        int64 [d], the position of the representation of each column, :data:`CONTEXT` for context.
    medians
        float64 [d], of the columns over the training rows.
    """

    representations: tuple[str, ...]
    context: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    origins: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    medians: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def blocks(self) -> tuple[NDArray[np.int64], ...]:
        """Positions of the columns of each representation that varies over the training rows, context in each."""
        context = np.flatnonzero(self.origins == CONTEXT)
        own = [np.flatnonzero(self.origins == origin) for origin in range(len(self.representations))]
        return tuple(np.concatenate([block, context]) for block in own if len(block)) or (context,)

    def fit(self, embeddings: Embeddings) -> Self:
        """Learn categories, medians and the columns worth keeping from the training rows."""
        materials = embeddings.materials
        self.context = {
            name: None if column.dtype.kind == "f" else tuple(np.unique(column).tolist())
            for name, column in materials.context.items()
        }
        self.parts = materials.contents.names
        parts = self._parts(embeddings)
        raw = _joined(parts, len(materials))
        present = ~np.isnan(raw.vectors)
        blank = ~present.any(axis=0)
        medians = np.nanmedian(np.where(blank, 0.0, raw.vectors), axis=0)
        filled = np.where(present, raw.vectors, medians)
        keep = np.flatnonzero(~blank & (filled != filled[:1]).any(axis=0))
        self.columns = tuple(raw.columns[position] for position in keep)
        origins = [at if at < len(self.representations) else CONTEXT for at in range(len(parts))]
        self.origins = np.repeat(np.array(origins, dtype=np.int64), [len(part.columns) for part in parts])[keep]
        self.medians = medians[keep]
        return self

    def transform(self, embeddings: Embeddings) -> FeatureMatrix:
        """The features of every material, n rows.

        Raises
        ------
        UsageError
            If a context column of the training data is missing, or is text where it was numbers; or the parts of
            reactions are others.
        ArtefactError
            If a representation no longer gives the columns of the training data (a saved model that has aged).
        """
        self._require_parts(embeddings.materials)
        raw = self._closed(_joined(self._parts(embeddings), len(embeddings.materials)))
        positions = {column: position for position, column in enumerate(raw.columns)}
        self._require(positions)
        vectors = raw.vectors[:, [positions[column] for column in self.columns]]
        blanks = np.isnan(vectors)
        remarks = [
            self._blank_remark(embeddings.materials, int(row), blanks[row])
            for row in np.flatnonzero(blanks.any(axis=1))
        ]
        return FeatureMatrix(
            np.where(blanks, self.medians, vectors), self.columns, raw.represented, (*raw.problems, *remarks)
        )

    def _require(self, columns: Container[str]) -> None:
        missing = [column for column in self.columns if column not in columns]
        if missing:
            raise ArtefactError(
                f"the model was fitted with {len(missing)} columns that {', '.join(self.representations)} no longer "
                f"computes ({', '.join(missing[:3])}{', ...' if len(missing) > 3 else ''}): fit the model again, or "
                "install the matscout that fitted it (its spec.json names the version)"
            )

    def _closed(self, raw: FeatureMatrix) -> FeatureMatrix:
        """With zeros for the columns of training that an open-ended representation does not have here."""
        kinds = [make_representation(address).open_ended for address in self.representations]
        places = zip(self.columns, self.origins, strict=True)
        wanted = [column for column, origin in places if origin != CONTEXT and kinds[origin]]
        absent = tuple(column for column in wanted if column not in raw.columns)
        zeros = np.zeros((len(raw.vectors), len(absent)))
        return replace(raw, vectors=np.concatenate([raw.vectors, zeros], axis=1), columns=(*raw.columns, *absent))

    def _require_parts(self, materials: Materials) -> None:
        here = materials.contents.names
        if here != self.parts:
            was, now = (", ".join(parts) or "no reactions" for parts in (self.parts, here))
            how = "in the same order" if sorted(here) == sorted(self.parts) else "the same columns"
            raise UsageError(f"the model was fitted to reactions of {was}; got {now}: name {how} (--reaction=COL)")

    def fit_transform(self, embeddings: Embeddings) -> FeatureMatrix:
        """The features of the training rows."""
        return self.fit(embeddings).transform(embeddings)

    def _parts(self, embeddings: Embeddings) -> list[FeatureMatrix]:
        """All columns, NaN where blank: of each representation, then of each context column."""
        return [
            *(self._represent(address, embeddings) for address in self.representations),
            *(self._context_matrix(embeddings.materials, name, known) for name, known in self.context.items()),
        ]

    def _represent(self, address: str, embeddings: Embeddings) -> FeatureMatrix:
        embedding, n = embeddings.of(address), len(embeddings.materials)
        vectors = np.full((n, len(embedding.columns)), np.nan)
        vectors[embedding.rows] = embedding.vectors
        represented = np.zeros(n, dtype=bool)
        represented[embedding.rows] = True
        name, several = Address.parse(address).whole, len(self.representations) > 1
        columns = tuple(f"{column} [{name}]" if several else column for column in embedding.columns)
        failed = tuple(
            RowProblem(problem.row, problem.value, f"{name}: {problem.reason}", problem.advice, dropped=False)
            for problem in embedding.problems
            if problem.dropped
        )
        return FeatureMatrix(vectors, columns, represented, failed)

    def _context_matrix(self, materials: Materials, name: str, known: tuple[str, ...] | None) -> FeatureMatrix:
        require_context(materials, (name,))
        column = materials.context[name]
        everywhere = np.ones(len(materials), dtype=bool)
        if known is None:
            if column.dtype.kind not in "fiu":
                raise UsageError(
                    f"the context column {name!r} contained numbers in training, but contains text here "
                    f"({str(column[0])!r}): give one number for each row"
                )
            return FeatureMatrix(column.astype(np.float64)[:, None], (name,), everywhere)
        text = column.astype(np.str_)
        vectors = (text[:, None] == np.array(known)).astype(np.float64)
        unseen = tuple(
            RowProblem(
                int(row) + 1,
                str(text[row]),
                f"this {name!r} does not occur in the training data ({', '.join(known[:8])})",
                "check the spelling; the prediction is less reliable",
                dropped=False,
            )
            for row in np.flatnonzero(~vectors.any(axis=1))
        )
        return FeatureMatrix(vectors, tuple(f"{name} = {category}" for category in known), everywhere, unseen)

    def _blank_remark(self, materials: Materials, row: int, blank: NDArray[np.bool_]) -> RowProblem:
        names = [self.columns[position] for position in np.flatnonzero(blank)]
        return RowProblem(
            row + 1,
            str(materials.formulas[row]),
            f"{len(names)} of {len(self.columns)} features are blank for it ({', '.join(names[:3])}"
            f"{', ...' if len(names) > 3 else ''})",
            "the medians of the training data are used instead; the prediction is less reliable",
            dropped=False,
        )


def require_context(materials: Materials, names: Iterable[str]) -> None:
    """Refuse materials without a context column that a model was trained with.

    Raises
    ------
    UsageError
        If one is missing.
    """
    for name in names:
        if name not in materials.context:
            raise UsageError(
                f"the model was trained with the context column {name!r}, which is missing here: add the column, or "
                f"set one value for all rows (--set={name}=VALUE)"
            )


def _joined(parts: Sequence[FeatureMatrix], n: int) -> FeatureMatrix:
    """The columns of all parts side by side, n rows."""
    return FeatureMatrix(
        np.concatenate([np.zeros((n, 0)), *(part.vectors for part in parts)], axis=1),
        tuple(column for part in parts for column in part.columns),
        np.all([np.ones(n, dtype=bool), *(part.represented for part in parts)], axis=0),
        tuple(problem for part in parts for problem in part.problems),
    )
