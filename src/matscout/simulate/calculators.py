"""Calculators in the sense of ASE (A. H. Larsen et al., doi:10.1088/1361-648X/aa680e) that users bring."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from matscout.errors import UsageError

ADDRESS = "package.module:factory"
"""How a calculator is addressed: what makes it without arguments."""


@lru_cache(maxsize=2)
def calculator_at(address: str) -> Any:
    """The calculator at an address such as :data:`ADDRESS`, made once.

    Raises
    ------
    UsageError
        If there is none, or it cannot be made.
    """
    module, _, factory = address.partition(":")
    try:
        return getattr(import_module(module), factory)()
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(
            f"no calculator could be made from {address!r}, which should be like {ADDRESS!r}: {error}"
        ) from None
