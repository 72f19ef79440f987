"""The force field that is asked for: by its name, as a calculator of ASE, or by the address of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from matscout.code_digest import digest_of_code
from matscout.errors import UsageError, shortened
from matscout.extras import require
from matscout.registry import load_class, plug_ins
from matscout.simulate.calculators import ADDRESS, CalculatorForceField
from matscout.simulate.force_field import ForceField

OF_PACKAGES = {"7net-0": "sevennet-0", "7net-l3i5": "sevennet-l3i5"}
"""What packages call their weights -> what the force field is called here."""


def make_force_field(given: Any) -> ForceField:
    """A force field that is ready to compute.

    Parameters
    ----------
    given
        A name (``"chgnet"``), the address ``"package.module:factory"`` of what makes a calculator of ASE without
        arguments, such a calculator, or a :class:`ForceField`.

    Raises
    ------
    UsageError
        If there is none of that name, or no calculator at the address.
    MissingExtraError
        If its package is not installed.
    """
    if isinstance(given, ForceField):
        return given
    if isinstance(given, str):
        return _named(given)
    if not hasattr(given, "get_potential_energy"):
        raise UsageError(f"{shortened(given)} is no force field: give a name, a calculator of ASE, or {ADDRESS!r}")
    return CalculatorForceField(given)


def origin_of_field(field: ForceField) -> Mapping[str, object]:
    """All that its energies depend on: name, weights and code."""
    return {"field": field.name, **asdict(field.weights), "code": digest_of_code(type(field).__module__)}


@lru_cache(maxsize=4)
def _named(name: str) -> ForceField:
    if ":" in name:
        return CalculatorForceField(name)
    names = [*OF_PACKAGES, *(one.name for one in plug_ins("force-fields"))]
    near = [] if name in names else get_close_matches(name, names, n=1)
    if near:
        raise UsageError(f"there is no force field {name!r}; did you mean {near[0]}?")
    made: ForceField = load_class("force-fields", OF_PACKAGES.get(name, name))()
    require(*made.packages, extra=made.extra)
    return made
