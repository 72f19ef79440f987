"""Questions to spglib, the library of crystal symmetry."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any


def ask_spglib(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What a function of spglib answers; None if it fails.

    This version warns and returns None where the next one will raise.
    """
    import spglib

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return function(*arguments, **options)
        except spglib.SpglibError:
            return None
