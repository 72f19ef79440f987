"""What a stored result depends on besides data and settings: the code that predicts and the libraries it calls."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from matscout.code_digest import VECTORS, digest_of_code

PREDICTING = (*VECTORS, "predict", "evaluation/cells.py")
"""Rooms and files of the package that take part in a prediction."""


LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch")
"""Packages whose version, or absence, may change the numbers of a prediction."""


@cache
def library_versions() -> tuple[str, ...]:
    """The installed version of each of :data:`LIBRARIES`, "none" where it is not installed."""
    return tuple(_version(name) for name in LIBRARIES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def code_digest() -> str:
    """Digest of all code and tables that take part in a prediction (:func:`matscout.code_digest.digest_of_code`)."""
    return digest_of_code(PREDICTING)
