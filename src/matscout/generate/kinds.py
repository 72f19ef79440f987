"""What is searched among, and what is asked of it, where the user names neither: by the kind of the labels."""

from __future__ import annotations

from collections.abc import Mapping

from matscout.data.kinds import Kind, KindName
from matscout.generate.base import Generator
from matscout.registry import load_class

GENERATORS: Mapping[KindName, str] = {
    "composition": "formulas",
    "crystal": "formulas",
    "reaction": "plate",
    "defect": "arrangements",
}
"""Plug-in name of the usual generator."""

FILTERS: Mapping[KindName, tuple[str, ...]] = {"reaction": ("unlabelled",), "defect": ("unlabelled",)}
"""What candidates must be, whatever makes them: combinations of known components, and places of known defects, are all
sensible."""


def usual_generator(kind: Kind) -> Generator:
    """What makes candidates that are of a kind with the labels."""
    made: Generator = load_class("generators", GENERATORS[kind.name])()
    return made
