"""Models that used to be files of their own and are settings of others today; their names still work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matscout.represent.addresses import Address, option_text
from matscout.represent.former_names import present_representation, renamed_representation


@dataclass(frozen=True)
class Successor:
    """What stands in the place of an old name.

    Parameters
    ----------
    name
        Of the model.
    options
        Its settings.
    renamed
        Old argument -> what it is called there.
    lasting
        Whether the old name stays a name of its own: tables and results of evaluations are read by it.
    """

    name: str
    options: Mapping[str, Any]
    renamed: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = False

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All settings, with those that were given to the old name."""
        return {**self.options, **{self.renamed.get(key, key): value for key, value in given.items()}}


TAKEN = ("vectors", "weights", "donor")
"""Options of models whose values are representations."""

STRICT = "composition-donor-strict"
"""A donor that has seen no formula of matscout's benchmarks."""

FORMER_NAMES: Mapping[str, Successor] = {
    "auto-simulated": Successor("auto", {"simulate": True}),
    "auto-strict": Successor("auto", {"donor": STRICT}),
    "auto-strict-with": Successor("auto", {"donor": STRICT, "vectors": "polysrl-strict"}, {"weights": "vectors"}),
    "auto-with": Successor("auto", {"vectors": "crystal-denoising"}, {"weights": "vectors"}),
    "auto-without-donor": Successor("auto", {"donor": None}),
    "donor-alone": Successor("auto", {"donor": STRICT, "descriptors": False}),
    "extratrees-magpie": Successor("trees", {"weights": "magpie"}, lasting=True),
    "single-task-network": Successor("mixture-of-experts", {"experts": 1, "alone": True}),
}
"""Old name -> what it is today."""


def present_address(address: str) -> str:
    """The address of today for one with an old name, of a model or a representation; others stay as they are.

    >>> present_address("auto-with=mat2vec"), present_address("extratrees-magpie"), present_address("gp")
    ('auto:vectors=elements=mat2vec', 'trees=magpie', 'gp')
    """
    parsed = Address.parse(_present_model(address))
    if parsed.options:
        options = {**parsed.options, **{key: _present_representations(parsed.options[key]) for key in _taken(parsed)}}
        return Address(parsed.name, options=options).whole
    weights = _present_representations(parsed.weights)
    return _present_model(address).removesuffix(parsed.weights) + weights


def renamed_words(address: str) -> str:
    """What to tell somebody who uses an old name, "" for a name that stays."""
    parsed = Address.parse(address)
    successor = FORMER_NAMES.get(parsed.name)
    if successor is not None and not successor.lasting:
        return f"The model {address} is now called {present_address(address)}; the old name will be removed."
    values = (*(parsed.options[key] for key in _taken(parsed)), parsed.weights)
    return " ".join(filter(None, (renamed_representation(name) for value in values for name in value.split("+"))))


def _taken(parsed: Address) -> list[str]:
    """Options that name representations."""
    return [key for key in TAKEN if key in parsed.options]


def _present_model(address: str) -> str:
    parsed = Address.parse(address)
    if parsed.name not in FORMER_NAMES:
        return address
    successor = FORMER_NAMES[parsed.name]
    given = {key: value for key, value in (("part", parsed.part), ("weights", parsed.weights)) if value}
    settings = successor.settings(given)
    if set(settings) == {"weights"}:
        return f"{successor.name}={settings['weights']}"
    return Address(successor.name, options={key: option_text(value) for key, value in settings.items()}).whole


def _present_representations(joined: str) -> str:
    """What several representations with ``+`` between them are called today."""
    return "+".join(map(present_representation, joined.split("+")))
