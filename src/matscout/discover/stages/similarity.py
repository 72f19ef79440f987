"""Similarity to materials that work, by the vectors of a representation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.digests import digest_of_materials
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.discover.base import Brief
from matscout.discover.index.standards import Standard
from matscout.discover.names import several
from matscout.discover.stage import Stage, Verdict
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.progress import Progress, silent
from matscout.represent.base import Embedding
from matscout.represent.embedding import make_representation

Floats = NDArray[np.float64]


class Similarity(Stage):
    """Ranks by the cosine to the nearest of some materials, on the scale of the candidates (as in an index).

    Parameters
    ----------
    like
        A formula or a file of materials, or several.
    by
        The representation.
    """

    def __init__(self, *, like: str | Sequence[str], by: str = "magpie") -> None:
        self.like = several(like, "like of similarity")
        if not self.like:
            raise UsageError("like is empty: name at least one material, such as PbTe")
        self.sought = [_materials(one) for one in self.like]
        self.by = by
        self._representation = make_representation(by)

    def origin(self, brief: Brief) -> str:
        """Digest of the sought materials and of the representation."""
        return " ".join([self._representation.origin, *map(digest_of_materials, self.sought)])

    def check(self, candidates: Candidates, brief: Brief) -> None:
        """Structures where the representation needs them, and a vector of what is sought."""
        if self._representation.needs == "structure" and candidates.materials.structures is None:
            raise UsageError(f"{self.by} needs structures, but the candidates are formulas only")
        for materials in self.sought:
            self._embedding(materials)

    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """Cosine similarities; an objection to what has no vector."""
        progress(f"similarity by {self.by}", 0, 1)
        embedding = self._representation.represent(candidates.materials)
        if not len(embedding.rows):
            reasons = "; ".join(problem.reason for problem in embedding.problems[:1])
            raise InputError(f"no candidate has a vector by {self.by} ({reasons})")
        known = np.nan_to_num(embedding.vectors)
        counts = (~np.isnan(embedding.vectors)).sum(axis=0).astype(np.float64)
        standard = Standard.of(counts, known.sum(axis=0), (known**2).sum(axis=0))
        sought = np.concatenate([self._vectors(materials, standard) for materials in self.sought])
        likeness = standard.apply(embedding.vectors) @ sought.T
        scores = np.full(len(candidates), -np.inf)
        scores[embedding.rows] = likeness.max(axis=1)
        names = np.concatenate([materials.formulas for materials in self.sought])
        nearest = np.full(len(candidates), "", dtype=object)
        nearest[embedding.rows] = names[likeness.argmax(axis=1)]
        objections = np.where(np.isfinite(scores), "", f"has no vector by {self.by}")
        words = [f"{score:.2f} to {name}" for score, name in zip(scores, nearest, strict=True)]
        progress(f"similarity by {self.by}", 1, 1)
        given = np.where(np.isfinite(scores), scores, np.nan), nearest.astype(np.str_)
        facts = self._facts(*given)
        return Verdict(objections, np.nan_to_num(scores, neginf=-1.0), np.array(words, dtype=np.str_), facts)

    def _facts(self, likeness: Floats, nearest: NDArray[np.str_]) -> tuple[Evidence, Evidence]:
        source = EvidenceSource(self.by, self._representation.version)
        column = f"likeness_by_{self.by}"
        meaning = (
            f"cosine of the vectors by {self.by} to the nearest of {', '.join(self.like)}, on the scale of the "
            "candidates; 1 for the same vector"
        )
        return (
            Evidence(column, f"similarity by {self.by}", likeness, meaning, source, use="filter"),
            Evidence(
                f"{column}_to",
                f"most similar, by {self.by}",
                nearest,
                "the most similar of these materials",
                source,
                use="filter",
            ),
        )

    def _vectors(self, materials: Materials, standard: Standard) -> NDArray[np.float32]:
        return standard.apply(self._embedding(materials).vectors)

    def _embedding(self, materials: Materials) -> Embedding:
        embedding = self._representation.represent(materials)
        if len(embedding.rows) < len(materials):
            raise UsageError(f"{materials.formulas[0]} has no vector by {self.by}: {embedding.problems[0].reason}")
        return embedding


def _materials(named: str) -> Materials:
    if len(parse_formulas([named]).rows):
        return Materials.from_formulas([named])
    if Path(named).exists():
        return read_materials(Path(named)).materials
    raise UsageError(f"{named!r} is neither a formula nor a file")
