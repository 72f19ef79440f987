"""A plug-in is a file: found by folder, named by file name, described by its first docstring line.

``represent/descriptors/orbital_field_matrix.py`` is the representation ``orbital-field-matrix``; its class is the one
whose lower-case name equals the file name without underscores (``OrbitalFieldMatrix``), or that with the kind behind it
(``OrbitalFieldMatrixRepresentation``, ``FitStep``), since no two classes of matscout have one name. Listing reads the
files as text and imports none of them. Packages outside matscout join through entry-point groups named after the
families: ``matscout.representations``, ``matscout.models``, ``matscout.encoders`` ...; files by
``--plugin``.
"""

from __future__ import annotations

import ast
import difflib
import importlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from matscout.errors import UsageError
from matscout.plug_in_files import add_plug_in_file, checked_file, classes_in, plug_in_files

FAMILIES: dict[str, tuple[str, ...]] = {
    "force-fields": ("simulate/force_fields",),
    "representations": ("represent/descriptors", "represent/pretrained"),
    "models": ("predict/models",),
    "learners": ("predict/learners",),
    "likeness-learners": ("predict/likeness_learners",),
    "protocols": ("evaluation/protocols",),
    "generators": ("generate/generators", "discover/generators"),
    "crystal-generators": ("generate/crystal_generators",),
    "encoders": ("represent/encoders",),
    "inference": ("represent/inference",),
    "views": ("represent/views",),
    "objectives": ("represent/objectives",),
    "corpora": ("represent/corpora",),
    "figures": ("studies/figures",),
    "stages": ("discover/stages",),
    "evidence": ("discover/evidence",),
    "strategies": ("discover/strategies",),
    "steps": ("workflow/steps", "app/steps"),
}
"""Family name -> folders below the package in which each public file is one plug-in."""
MARKS = 3
"""Quotation marks before a docstring."""
KINDS = {"corpora": "corpus", "crystal-generators": "crystals", "strategies": "strategy"}
"""Family name -> what names of its classes may end with, where that is not the name without its s."""


@dataclass(frozen=True)
class PlugIn:
    """One entry of the catalogue; ``target`` is "module" or "module:Class", ``summary`` its first docstring line."""

    name: str
    family: str
    target: str
    summary: str


def _summary(path: Path) -> str:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    if first.startswith('"""') and len(first) > MARKS:
        # To parse a hundred files takes a tenth of a second.
        return first[MARKS:].removesuffix('"""').strip()
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.strip().split("\n", 1)[0]


def _own(family: str) -> list[PlugIn]:
    root = Path(__file__).parent
    entries = []
    for folder in FAMILIES[family]:
        for path in sorted(root.joinpath(*folder.split("/")).glob("*.py")):
            if not path.stem.startswith("_"):
                module = ".".join(["matscout", *folder.split("/"), path.stem])
                entries.append(PlugIn(path.stem.replace("_", "-"), family, module, _summary(path)))
    return entries


@cache
def _outside() -> tuple[PlugIn, ...]:
    """Of other packages, all families; to look at everything that is installed takes long, so that it is done once."""
    there = entry_points()
    of_packages = tuple(
        PlugIn(point.name, family, point.value, f"from the package {point.dist.name if point.dist else 'unknown'}")
        for family in FAMILIES
        for point in there.select(group=f"matscout.{family}")
    )
    of_files = [
        PlugIn(name, family, target, words)
        for path in plug_in_files()
        for family, name, target, words in classes_in(path)
    ]
    return (*of_packages, *of_files)


def use_plug_in_file(path: str | Path) -> tuple[str, ...]:
    """Use the plug-ins that a file of Python defines from now on, also in processes that begin later.

    Returns
    -------
    Their names.

    Raises
    ------
    InputError, UsageError
        If it cannot be used, or a plug-in is called like one that is there.
    """
    for family, name, target, _ in classes_in(place := checked_file(path)):
        there = next((one for one in plug_ins(family) if one.name == name and one.target != target), None)
        if there is not None:
            raise UsageError(f"{path} defines {name!r}, but the {family} already have that name: choose another name")
    add_plug_in_file(place)
    for cached in (_outside, plug_ins, name_of):
        cached.cache_clear()
    return tuple(name for _, name, _, _ in classes_in(place))


@cache
def plug_ins(family: str) -> tuple[PlugIn, ...]:
    """Every plug-in of a family, sorted by name, without importing any."""
    if family not in FAMILIES:
        raise UsageError(f"there is no plug-in family {family!r}; choose from {', '.join(FAMILIES)}")
    return tuple(sorted([*_own(family), *outside_plug_ins(family)], key=lambda plug_in: plug_in.name))


def outside_plug_ins(family: str) -> tuple[PlugIn, ...]:
    """Those of other packages and of the user's files."""
    return tuple(plug_in for plug_in in _outside() if plug_in.family == family)


def find(family: str, name: str) -> PlugIn:
    """The catalogue entry called ``name``.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest ones.
    """
    by_name = {plug_in.name: plug_in for plug_in in plug_ins(family)}
    if name in by_name:
        return by_name[name]
    near = difflib.get_close_matches(name, by_name, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(by_name)}"
    raise UsageError(f"{name!r} is not one of the {family.replace('-', ' ')}; {hint}")


@cache
def name_of(plug_in: type) -> str:
    """What a plug-in's class is called: by its entry point, else like its file, with hyphens."""
    module = plug_in.__module__
    named = {outside.target: outside.name for outside in _outside()}
    return named.get(f"{module}:{plug_in.__qualname__}", module.rpartition(".")[2].replace("_", "-"))


def load_class(family: str, name: str) -> Any:
    """Import the plug-in called ``name`` and return its class."""
    plug_in = find(family, name)
    module_name, _, class_name = plug_in.target.partition(":")
    module = importlib.import_module(module_name)
    if class_name:
        return getattr(module, class_name)
    wanted = module_name.rsplit(".", 1)[1].replace("_", "").lower()
    defined = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module_name]
    classes = {one.__name__.lower(): one for one in defined}
    for called in (wanted, wanted + KINDS.get(family, family.removesuffix("s"))):
        if called in classes:
            return classes[called]
    raise TypeError(f"{module_name} is a plug-in and must define a class with the name of its file ({wanted})")
