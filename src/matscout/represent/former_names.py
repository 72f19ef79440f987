"""Representations that used to be files of their own and are settings of others today; their names still work."""

from __future__ import annotations

FORMER_TABLES = (
    "atomic",
    "cgnf",
    "chemeleon",
    "chgnet",
    "crystallm",
    "mace-mp0",
    "magpie-imputed",
    "magpie-sc",
    "mat2vec",
    "matscholar",
    "matscibert",
    "megnet16",
    "mod-petti",
    "oliynyk",
    "oliynyk-imputed",
    "oliynyk-sc",
    "one-hot",
    "orb-v2",
    "random-200",
    "sevennet",
    "skipatom",
    "xenonpy",
)
"""Tables of elements that were representations by their names alone."""

FORCE_FIELDS = {"chgnet": "force-field-chgnet", "sevennet": "force-field-sevennet"}
"""Those that share their names with a force field -> the representation that is made by it."""


def present_representation(address: str) -> str:
    """The address of today for an old name; others stay as they are.

    >>> present_representation("mat2vec"), present_representation("magpie")
    ('elements=mat2vec', 'magpie')
    """
    return f"elements={address}" if address in FORMER_TABLES else address


def renamed_representation(address: str) -> str:
    """What to tell somebody who uses an old name, "" for a name that stays."""
    if address not in FORMER_TABLES:
        return ""
    words = (
        f"The representation {address} is now called {present_representation(address)}; the old name will be removed."
    )
    if address in FORCE_FIELDS:
        words += (
            f" It is a mean over crystals for each element; the force field's own vectors are {FORCE_FIELDS[address]}."
        )
    return words
