"""The generator of crystals that a name stands for (``random``, ``folder=PATH``), and the usual one."""

from __future__ import annotations

import inspect

from matscout.errors import UsageError
from matscout.generate.crystal_generator import CrystalGenerator
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.registry import load_class, plug_ins

FAMILY = "crystal-generators"

USUAL = ""
"""No generator is named: substitution for a formula, enumerated for other wishes; random where these make nothing."""


def make_crystal_generator(name: str) -> CrystalGenerator:
    """The plug-in called ``NAME``, or ``NAME=FOLDER`` for one that reads a folder.

    Raises
    ------
    UsageError
        If there is no such generator, or it needs a folder, or takes none.
    """
    plain, equals, folder = name.partition("=")
    made = load_class(FAMILY, plain)
    required = [one for one in inspect.signature(made).parameters.values() if one.default is inspect.Parameter.empty]
    if required and not folder:
        raise UsageError(f"the generator {plain} reads a folder: write --with {plain}=FOLDER")
    if equals and not inspect.signature(made).parameters:
        names = ", ".join(one.name for one in plug_ins(FAMILY))
        raise UsageError(f"the generator {plain} reads no folder: write --with {plain} (there are {names})")
    generator: CrystalGenerator = made(folder) if equals else made()
    return generator


def usual_generator(wishes: CrystalWishes) -> str:
    """The generator that is used if none is named."""
    name = "substitution" if wishes.formula else "enumerated"
    try:
        make_crystal_generator(name).check(wishes)
    except UsageError:
        return "random"
    return name
