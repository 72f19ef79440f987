"""Projection: vectors -> places in the plane, near each other where the vectors are alike."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matscout.errors import InputError, UsageError

Floats = NDArray[np.float64]
Method = Literal["umap", "tsne", "pca"]

METHOD_NAMES: dict[Method, str] = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PC"}
"""What an axis is called, before its number."""

ANGLE = 0.8
"""How coarsely t-SNE sums up what is far away. With 400 steps the trustworthiness of a map of 1,347 compositions (ten
neighbours) is 0.989, as with 500 steps and scikit-learn's own 0.5, in two thirds of the time (1.6 instead of 2.5 s)."""

FEWEST = 5
"""Vectors below which there is nothing to see in a map."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Places of n vectors.

    Parameters
    ----------
    coordinates
        float64 [n, 2]. Only those of "pca" have a meaning of their own: elsewhere it is who is near whom that counts.
    method
        How they were found.
    seed
        Of the random choices of "umap" and "tsne"; "pca" makes none.
    explained
        Share of the variance on each axis, for "pca"; None elsewhere.
    """

    coordinates: Floats
    method: Method
    seed: int
    explained: tuple[float, float] | None = None

    @property
    def axes(self) -> tuple[str, str]:
        """What the axes are called, e.g. ``"PC 1 (43 % of the variance)"``."""
        shares = ["" for _ in "xy"]
        if self.explained is not None:
            shares = [f" ({100 * share:.0f} % of the variance)" for share in self.explained]
        name = METHOD_NAMES[self.method]
        return f"{name} 1{shares[0]}", f"{name} 2{shares[1]}"


def standardised(vectors: Floats) -> Floats:
    """Columns of mean 0 and standard deviation 1; constant ones are left out, blanks become the median.

    Parameters
    ----------
    vectors
        [n, d], NaN where blank.
    """
    vectors = vectors[:, ~np.isnan(vectors).all(axis=0)]
    filled = np.where(np.isnan(vectors), np.nanmedian(vectors, axis=0), vectors) if vectors.size else vectors
    centred, spread = filled - filled.mean(axis=0), filled.std(axis=0)
    # The rounding of sums leaves a trace of spread in constant columns.
    varied = spread > 1e-9 * np.abs(filled).max(axis=0, initial=0.0)
    return np.asarray(centred[:, varied] / spread[varied], dtype=np.float64)


def project(vectors: Floats, method: Method = "umap", seed: int = 0) -> Projection:
    """A place in the plane for each of n vectors.

    Equal seeds give equal places. The order of the rows changes nothing in "pca", which is exact.

    Parameters
    ----------
    vectors
        [n, d], finite.
    method
        "umap" (McInnes and others 2018, doi:10.48550/arXiv.1802.03426; 15 neighbours, from the principal components),
        "tsne" (van der Maaten and Hinton 2008; perplexity 30 or what n allows, from the principal components), or
        "pca", the two directions of largest variance.
    seed
        Of all random choices.

    Raises
    ------
    InputError
        If there are fewer than 5 vectors, or all are equal.
    UsageError
        If there is no such method.
    """
    if method not in METHOD_NAMES:
        raise UsageError(f"there is no method {method!r} for a map; choose {', '.join(get_args(Method))}")
    if len(vectors) < FEWEST:
        raise InputError(f"a map needs at least {FEWEST} materials, but there are {len(vectors)}; add some")
    if not (vectors != vectors[:1]).any():
        raise InputError(
            f"all {len(vectors)} vectors are equal, so there is no map of them; choose another representation"
        )
    # Two components are asked for, of whatever there is.
    wide = np.pad(vectors, ((0, 0), (0, max(0, 2 - vectors.shape[1]))))
    if method == "pca":
        return _by_pca(wide, seed)
    coordinates = _by_tsne(wide, seed) if method == "tsne" else _by_umap(wide, seed)
    return Projection(np.asarray(coordinates, dtype=np.float64), method, seed)


def _by_pca(vectors: Floats, seed: int) -> Projection:
    from sklearn.decomposition import PCA

    # What "auto" chooses for large matrices draws at random.
    tall = len(vectors) > vectors.shape[1]
    fitted = PCA(2, svd_solver="covariance_eigh" if tall else "full").fit(vectors)
    shares = fitted.explained_variance_ratio_
    return Projection(fitted.transform(vectors), "pca", seed, (float(shares[0]), float(shares[1])))


def _by_tsne(vectors: Floats, seed: int) -> Floats:
    from sklearn.manifold import TSNE

    n = len(vectors)
    # Thousands of points take longer to spread.
    steps = 400 if n <= 2000 else 1000
    settings: dict[str, Any] = {"perplexity": min(30.0, (n - 1) / 3), "angle": ANGLE, "max_iter": steps, "n_jobs": 1}
    embedding = TSNE(init="pca", random_state=seed, **settings)
    return np.asarray(embedding.fit_transform(vectors.astype(np.float32)))


def _by_umap(vectors: Floats, seed: int) -> Floats:
    # numba begins with as many threads as there are cores, for torch, too, if both share a library of OpenMP: networks
    # that are trained afterwards would add up in another order. On leaving, all have as many as before.
    with threadpool_limits(limits=None), warnings.catch_warnings():
        # It says on import that a part that is not used here needs tensorflow.
        warnings.simplefilter("ignore", ImportWarning)
        from umap import UMAP

        embedding = UMAP(n_neighbors=min(15, len(vectors) - 1), init="pca", random_state=seed, n_jobs=1)
        return np.asarray(embedding.fit_transform(vectors.astype(np.float32)))
