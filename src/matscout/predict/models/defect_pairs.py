"""Pair law of point defects: a Gaussian process on energies of defects and of their pairs, fitted to totals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from matscout.data.dataset import Dataset, Task
from matscout.data.defects.column_store import Defects
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.predict.defect_families import FamilyErrors
from matscout.predict.features import require_context
from matscout.predict.labels import Labels, resolve_bounds
from matscout.predict.model import Predictor
from matscout.predict.pair_kernel import PairTable
from matscout.predict.pair_law import PairLaw
from matscout.predict.standardised import PLAIN, Floats, Standardised
from matscout.predict.transforms import TargetTransform
from matscout.predict.uncalibrated import RawNumbers, UnseenNumbers
from matscout.progress import Progress
from matscout.remarks import Remark
from matscout.represent.base import defects_of

OTHERS: Mapping[str, Any] = {"per_defect": bool, "from_nothing": bool, "context": tuple[str, ...]}
"""What else is stored of a fitted one."""
MUCH = 0.2
"""Share of the variance that is not additive, from which on a reader is told."""
MOST_ROWS, FAST_ROWS = 3000, 1000
"""Training rows; of more a random choice is learned from."""
_PER_DEFECT = re.compile(r"per[ _-]?(site|defect)", re.IGNORECASE)
_FORMATION = re.compile(r"formation|(^|[^a-z])e_?f([^a-z]|$)", re.IGNORECASE)


class DefectPairs(Predictor):
    """See :mod:`matscout.predict.pair_kernel`.

    A target per site or per defect (by its name) is multiplied by the number of defects, learned as a total, and
    divided again. Where it is a formation energy (by its name), the cell without defects is one more row, of energy 0:
    so it is known what single defects cost even where all labelled arrangements have equally many.

    Intervals rest on what the process says of each row without its group, and are wider for families of arrangements
    (of the same defects) on which it errs more. Mean and median are the same, so ``metric`` changes nothing.
    Conditions have no say.
    """

    tasks: ClassVar[frozenset[Task]] = frozenset({"regression"})
    learns_from = "defect"

    law: PairLaw
    families: FamilyErrors
    scale: Standardised = PLAIN
    per_defect: bool = False
    from_nothing: bool = False
    context: tuple[str, ...] = ()

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers:
        """Learn the numbers of the kernel and the law.

        Raises
        ------
        UsageError
            If the rows are no arrangements of defects.
        """
        progress(f"{self.name}: learning", 0, 1)
        self.context = tuple(labels.materials.context)
        defects = defects_of(labels.materials, self.name)
        self.per_defect = bool(_PER_DEFECT.search(labels.target.name))
        self.scale = Standardised.plain(labels.values, labels.target.scale)
        self.from_nothing = bool(_FORMATION.search(labels.target.name)) and labels.target.scale == "linear"
        table, sizes = PairTable.of(defects), self._sizes(defects)

        def predict_from(rows: Any) -> Floats:
            kept = np.flatnonzero(rows)
            law = self._law(table.rows(kept), self.scale.forward(labels.values[kept]) * sizes[kept], None)
            return self.scale.inverse(law.expect(table)[0] / sizes)

        values = self.scale.forward(resolve_bounds(labels, predict_from))
        rows = self._learned_rows(len(labels))
        weights = None if labels.weights is None else labels.weights[rows] / labels.weights[rows].mean()
        totals = values * sizes
        self.law = self._law(table.rows(rows), totals[rows], weights)
        centre, spread = np.full(len(labels), np.nan), np.full(len(labels), np.nan)
        centre[rows], spread[rows] = self.law.left_out(labels.units[rows])
        centre, spread = centre / sizes, spread / sizes
        families = defects.count_keys()[rows].tolist()
        self.families, factors = FamilyErrors.fit(families, centre[rows] - values[rows], spread[rows])
        spread[rows] *= factors
        progress(f"{self.name}: done", 1, 1)
        return UnseenNumbers(self.scale, self._kept(centre)[None], spread[None])

    def _law(self, table: PairTable, totals: Floats, weights: Floats | None) -> PairLaw:
        if self.from_nothing:
            table, totals = table.with_pristine(), np.append(totals, 0.0)
            weights = None if weights is None else np.append(weights, 1.0)
        return PairLaw.fit(table, totals, weights, seed=self.seed)

    def _learned_rows(self, n: int) -> Any:
        most = FAST_ROWS if self.fast else MOST_ROWS
        return np.arange(n) if n <= most else np.sort(np.random.default_rng(self.seed).permutation(n)[:most])

    def _sizes(self, defects: Defects) -> Floats:
        """What values are multiplied by to be totals, [n]."""
        return np.maximum(defects.sizes, 1).astype(np.float64) if self.per_defect else np.ones(len(defects))

    def _kept(self, values: Floats) -> Floats:
        transform: TargetTransform = self.scale.transform
        return np.where(np.isnan(values), np.nan, transform.kept(np.nan_to_num(values)))

    def estimate(self, materials: Materials) -> RawNumbers:
        """What the law says; of a defect that it has not seen, what is usual."""
        require_context(materials, self.context)
        defects = defects_of(materials, self.name)
        table, sizes = PairTable.of(defects, self.law.table.types), self._sizes(defects)
        total, spread = self.law.expect(table)
        strange = table.counts[:, len(self.law.table.types) :].sum(axis=1) > 0
        problems = tuple(
            RowProblem(
                int(row) + 1,
                str(materials.formulas[row]),
                "it has a defect that no labelled arrangement has",
                "the prediction is a guess; calculate one with this defect",
                dropped=False,
            )
            for row in np.flatnonzero(strange)
        )
        spread = spread / sizes * self.families.of(defects.count_keys().tolist())
        return RawNumbers(~strange, self.scale, self._kept(total / sizes), spread, problems=problems)

    @property
    def notes(self) -> tuple[str, ...]:
        """How much of the energies is not that of single defects and pairs."""
        share = self.law.not_additive if hasattr(self, "law") else 0.0
        zero = "A cell without defects has a formation energy of 0; the pair law learns from this as well."
        known = [Remark("pristine-is-zero", zero)] if self.from_nothing else []
        if share <= MUCH:
            return tuple(known)
        text = (
            f"{share:.0%} of the variance is not a sum over defects and pairs of defects: the pair law is not the "
            "whole story, so predictions for other combinations of defects are less certain than their intervals say."
        )
        return (*known, Remark("defects-not-additive", text))

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The law, how errors differ by family, and the scale."""
        return {"law": PairLaw, "families": FamilyErrors, "scale": Standardised, **OTHERS}
