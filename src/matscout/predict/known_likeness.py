"""KnownLikeness: how like known materials others are, as ranks; no probability unless the user states a class prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.ragged import Rows
from matscout.data.read_only import lock
from matscout.errors import RowProblem
from matscout.shown import ShownTable, as_array

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class KnownLikeness(ShownTable):
    """How like the known materials m materials are, one row each.

    A score says where a material stands among known and unlabelled ones, not whether it can be made.

    Parameters
    ----------
    target
        The column of known and unlabelled rows.
    ids, formulas
        text [m], of the materials.
    score
        float64 [m] in 0..1; only its order means something, and only for one model.
    percentile_known, percentile_unlabelled
        float64 [m] in 0..1: the share of known, and of unlabelled, training rows with a lower score, each scored by a
        fit that had not seen it.
    nearest_ids, nearest_formulas
        text [m], the known material with the most similar composition.
    distance
        float64 [m] in 0..1, 1 less the similarity of their compositions.
    in_domain
        bool [m], False where the material is unlike all training rows.
    probability
        float64 [m], under the class prior that the user states; None without one.
    assumption
        What the score means and what the probability rests on, in a sentence.
    problems
        Remarks on single rows.
    """

    target: str
    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    score: Floats
    percentile_known: Floats
    percentile_unlabelled: Floats
    nearest_ids: NDArray[np.str_]
    nearest_formulas: NDArray[np.str_]
    distance: Floats
    in_domain: NDArray[np.bool_]
    probability: Floats | None = None
    assumption: str = ""
    problems: tuple[RowProblem, ...] = ()

    def __post_init__(self) -> None:
        lengths = [len(column) for column in _columns(self).values()]
        if set(lengths) != {len(self.score)}:
            raise ValueError(f"columns of KnownLikeness differ in length: {lengths}")
        if not np.isfinite(self.score).all():
            raise ValueError("scores must be finite")
        lock(self)

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, rows: Rows) -> KnownLikeness:
        """Those of the chosen rows."""
        chosen: dict[str, Any] = {name: column[rows] for name, column in _columns(self).items()}
        return replace(self, **chosen)

    @classmethod
    def joined(cls, parts: Sequence[KnownLikeness]) -> KnownLikeness:
        """One block of consecutive ones; target and assumption are those of the first."""
        names = _columns(parts[0])
        joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return replace(parts[0], **joined, problems=tuple(problem for part in parts for problem in part.problems))

    def in_a_line(self) -> str:
        """Of how many materials, and how many stand above nine tenths of the unlabelled ones."""
        high = int((self.percentile_unlabelled >= 0.9).sum())
        return f"{self.target} of {counted(len(self), 'row')}, {high:,} above 90 % of the unlabelled ones"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return as_array(self.score, dtype, copy)

    def to_frame(self) -> polars.DataFrame:
        """A row for each material: id, formula, score, percentiles, probability if there is one, nearest, in_domain."""
        import polars

        identity = {"id": self.ids, "formula": self.formulas}
        return polars.DataFrame({**identity, **shown_columns(self), "in_domain": self.in_domain})


def shown_columns(likeness: KnownLikeness) -> dict[str, NDArray[Any]]:
    """The columns of tables, by their names there."""
    stated = {} if likeness.probability is None else {"probability": likeness.probability}
    return {
        "score": likeness.score,
        "percentile_known": likeness.percentile_known,
        "percentile_unlabelled": likeness.percentile_unlabelled,
        **stated,
        "nearest_known": likeness.nearest_formulas,
        "distance": likeness.distance,
    }


def _columns(likeness: KnownLikeness) -> dict[str, NDArray[Any]]:
    return {name: value for name, value in vars(likeness).items() if isinstance(value, np.ndarray)}
