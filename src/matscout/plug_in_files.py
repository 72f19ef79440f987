"""Plug-ins in a file of the user: ``--plugin FILE.py``, or ``MATSCOUT_PLUGINS``.

A file defines one or more classes of the families that :mod:`matscout.registry` knows. Its folder joins the places
where Python looks for modules, and its path the environment: processes that begin later have the same plug-ins.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from matscout.errors import InputError, UsageError

VARIABLE = "MATSCOUT_PLUGINS"
"""Files of plug-ins, with the separator of PATH between them."""

BASES: Mapping[str, str] = {
    "matscout.simulate.force_field.ForceField": "force-fields",
    "matscout.represent.base.Representation": "representations",
    "matscout.predict.model.Predictor": "models",
    "matscout.predict.learner.Learner": "learners",
    "matscout.predict.likeness_learner.LikenessLearner": "likeness-learners",
    "matscout.evaluation.base.Protocol": "protocols",
    "matscout.discover.strategy.Strategy": "strategies",
    "matscout.generate.base.Generator": "generators",
    "matscout.generate.crystal_generator.CrystalGenerator": "crystal-generators",
    "matscout.represent.trainable.Encoder": "encoders",
    "matscout.represent.array_encoder.ArrayEncoder": "inference",
    "matscout.represent.trainable.View": "views",
    "matscout.represent.trainable.Objective": "objectives",
    "matscout.represent.trainable.Corpus": "corpora",
    "matscout.studies.base.Study": "figures",
    "matscout.discover.stage.Stage": "stages",
    "matscout.discover.opinions.EvidenceProvider": "evidence",
    "matscout.workflow.kind.StepKind": "steps",
}
"""Base class of each family -> the family."""

KIND_ENDINGS = ("-force-field", "-representation", "-step", "-stage", "-filter", "-evidence")
"""What names of classes end with and names of plug-ins do not."""


def plug_in_files() -> tuple[Path, ...]:
    """The files in use."""
    return tuple(Path(one) for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one)


def add_plug_in_file(place: Path) -> None:
    """Put a file among those in use, also for processes that begin later."""
    if place not in plug_in_files():
        os.environ[VARIABLE] = os.pathsep.join(map(str, [*plug_in_files(), place]))


def checked_file(path: str | Path) -> Path:
    """The whole path of a file of plug-ins.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be imported.
    UsageError
        If it is no module of Python, is called like another module, or defines no plug-in.
    """
    place = Path(path).resolve()
    if place.suffix != ".py" or not place.stem.isidentifier():
        raise UsageError(f"a plug-in is a Python file with the name of a module (my_plug_in.py); got {path}")
    if not place.is_file():
        raise InputError(f"there is no file {path}")
    if not list(classes_in(place)):
        raise UsageError(f"{path} defines no plug-in: a class with one of the bases {', '.join(sorted(BASES))}")
    return place


def classes_in(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Family, name, target (``module:Class``) and first line of the docstring of each plug-in that a file defines."""
    module = _imported(path)
    for name, one in vars(module).items():
        if isinstance(one, type) and one.__module__ == module.__name__ and not name.startswith("_"):
            bases = (BASES.get(f"{base.__module__}.{base.__qualname__}") for base in one.__mro__)
            family = next((base for base in bases if base is not None), None)
            if family is not None:
                words = (one.__doc__ or module.__doc__ or "").strip().partition("\n")[0]
                yield family, _plug_in_name(name), f"{module.__name__}:{name}", f"{words} (from {path.name})".strip()


def _plug_in_name(name: str) -> str:
    """``HeaviestElement`` -> ``heaviest-element``."""
    hyphened = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
    ending = next((one for one in KIND_ENDINGS if hyphened.endswith(one) and hyphened != one[1:]), "")
    return hyphened.removesuffix(ending)


def _imported(path: Path) -> ModuleType:
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    importlib.invalidate_caches()
    spec = find_spec(path.stem)
    if spec is None or spec.origin is None or Path(spec.origin).resolve() != path:
        raise UsageError(f"{path.name} has the name of an existing module, {path.stem}: rename the file")
    try:
        return importlib.import_module(path.stem)
    except Exception as error:
        raise InputError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
