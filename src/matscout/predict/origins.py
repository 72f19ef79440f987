"""What the predictions of a model rest on besides labels and settings: code, tables, weights and libraries."""

from __future__ import annotations

from matscout.code_digest import digest_of_code
from matscout.data.materials import Materials
from matscout.extras import version_of
from matscout.predict.fitting import make_model
from matscout.represent.embedding import make_representation
from matscout.store import key_of

LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch")
"""Packages whose version, or absence, may change the numbers of a prediction."""


def library_versions() -> tuple[str, ...]:
    """The installed version of each of :data:`LIBRARIES`, "none" where it is not installed."""
    return tuple(version_of(name) for name in LIBRARIES)


def origin_of_fit(address: str, materials: Materials) -> str:
    """Digest of all that the predictions of a model rest on besides labels and settings.

    That is its own code and that of the representations it may learn from, their tables and weights, and the versions
    of libraries.

    Parameters
    ----------
    address
        The model, see :func:`matscout.predict.fitting.make_model`.
    materials
        What it learns from: models offer other representations for structures than for formulas.
    """
    model = make_model(address)
    code = digest_of_code(*model.modules, "matscout.predict.fitting")
    vectors = [make_representation(name).origin for name in model.may_learn_from(materials)]
    return key_of(code, model.origin, vectors, library_versions())
