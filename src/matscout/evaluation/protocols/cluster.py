"""Leave one cluster out: k-means on Magpie vectors (for reactions DRFP), so that test materials differ in kind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.folds import labelled_rows, leave_each_out


class Cluster(Protocol):
    """Leave-one-cluster-out cross-validation (Meredig et al. 2018, doi 10.1039/C8ME00012C).

    There are ``n_folds`` clusters; they differ in size, and their number is the knob: fewer clusters ask for longer
    jumps. Equal compositions, or reactions, have equal vectors and so stay together.
    """

    uses = frozenset({"n_folds"})

    @property
    def settings(self) -> str:
        """Number of clusters."""
        return f"each of {self.options.n_folds} clusters left out"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """``n_folds`` splits called "cluster 1", ..., largest cluster first."""
        rows = labelled_rows(dataset, target)
        clusters = _clusters(_scaled_vectors(dataset[rows]), self.options.n_folds, seed)
        yield from leave_each_out(rows, clusters, [f"cluster {number + 1}" for number in range(self.options.n_folds)])


def _scaled_vectors(dataset: Dataset) -> NDArray[np.float64]:
    """Magpie vectors with blanks at the column's median, or fingerprints, scaled to unit variance, [n, d]."""
    from matscout.represent.embedding import embed

    vectors = embed(dataset.materials, dataset.materials.kind.representation).vectors
    vectors = np.where(np.isnan(vectors), np.nanmedian(vectors, axis=0), vectors)
    spread = vectors.std(axis=0)
    varies = spread > 0
    return np.asarray((vectors - vectors.mean(axis=0))[:, varies] / spread[varies])


def _clusters(vectors: NDArray[np.float64], n_clusters: int, seed: int) -> NDArray[np.int64]:
    """Cluster number of each row, 0 for the largest cluster, [n]."""
    from sklearn.cluster import KMeans

    distinct = len(np.unique(vectors, axis=0))
    if distinct < n_clusters:
        raise UsageError(
            f"{n_clusters} clusters need as many distinct compositions or reactions, but there are {distinct} "
            "(--n-folds)"
        )
    clusters = KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(vectors)
    largest_first = np.argsort(-np.bincount(clusters, minlength=n_clusters), kind="stable")
    return np.asarray(np.argsort(largest_first)[clusters], dtype=np.int64)
