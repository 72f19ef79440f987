"""Packages that not everybody needs: is one there, and what to install if not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from matscout.errors import MissingExtraError


def require(*packages: str, extra: str) -> None:
    """Raise ``MissingExtraError`` unless all ``packages`` can be imported; ``extra`` is what brings them."""
    for package in packages:
        if find_spec(package) is None:
            raise MissingExtraError(package, extra)


def available(*packages: str) -> bool:
    """Whether all ``packages`` can be imported."""
    return all(find_spec(package) is not None for package in packages)


def missing_words(packages: Sequence[str], extra: str) -> str:
    """Those of ``packages`` that are missing and how to install them, ``""`` if all are there.

    ``"torch (pip install 'matscout[torch]')"``; ``extra`` brings all of them.
    """
    absent = [package for package in packages if not available(package)]
    return f"{', '.join(absent)} (pip install 'matscout[{extra}]')" if absent else ""


@cache
def version_of(package: str) -> str:
    """The installed version of a package, "none" if there is no distribution of its name."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
