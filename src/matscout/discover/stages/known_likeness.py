"""Rank by likeness to materials that databases list as made; drop candidates only if a share to keep is stated."""

from __future__ import annotations

import math

import numpy as np

from matscout.discover.base import Brief
from matscout.discover.likeness import likeness_facts
from matscout.discover.stage import Stage, Verdict
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.predict.shipped_likeness import shipped_likeness
from matscout.progress import Progress, silent


class KnownLikenessStage(Stage):
    """Ranks by the place among materials that no database lists as made; see ``docs/explanation/known-likeness.md``.

    Parameters
    ----------
    keep
        Share of the candidates that pass, the most like known ones; None for all. What cannot be described passes.
    """

    limits = True

    def __init__(self, *, keep: float | None = None) -> None:
        if keep is not None and not 0 < keep <= 1:
            raise UsageError(f"keep of known-likeness is a share above 0 and at most 1, such as 0.3; got {keep:g}")
        self.keep = keep

    def origin(self, brief: Brief) -> str:
        """Digest of the weights."""
        return shipped_likeness().digest

    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """The place of each, and an objection to what is not among the share to keep."""
        ranks, facts = likeness_facts(candidates, brief)
        places = ranks.percentile_unlabelled
        known = np.isfinite(places)
        words = [
            f"above {place:.0%} of the unlabelled materials" if there else ""
            for place, there in zip(places, known, strict=True)
        ]
        objections = np.full(len(candidates), "", dtype=object)
        if self.keep is not None:
            order = np.argsort(-np.where(known, places, np.inf), kind="stable")
            out = order[math.ceil(self.keep * len(order)) :]
            out = out[known[out]]
            objections[out] = [
                f"less like known materials than the {self.keep:.0%} to keep ({words[row]})" for row in out
            ]
        return Verdict(
            objections.astype(np.str_),
            np.where(known, places, -np.inf),
            np.array(words, dtype=np.str_),
            tuple(facts),
        )
