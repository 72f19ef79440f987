"""The predictor of a stored model, whichever version and name it was stored under."""

from __future__ import annotations

from typing import Any

from matscout import registry
from matscout.errors import ArtefactError
from matscout.predict.former_names import FORMER_NAMES
from matscout.predict.states import State, part_state


def predictor_of(state: State) -> Any:
    """The predictor of a stored model, after all steps up from its version, under the name that it has today.

    Raises
    ------
    UsageError
        If its plug-in is not installed.
    ArtefactError
        If it is of another version of its plug-in, which has no way up from there.
    """
    name, version, part = state.spec["plug_in"], state.spec["model_version"], part_state(state, "predictor")
    if name in FORMER_NAMES:
        name, options = FORMER_NAMES[name].name, FORMER_NAMES[name].settings(part.spec["options"])
        part = State({**part.spec, "options": options}, part.arrays)
    maker = registry.load_class("models", name)
    while version != maker.version:
        if version not in maker.upgrades:
            raise ArtefactError(
                f"the model is of version {version} of {name}, and this matscout reads version {maker.version} and "
                "cannot upgrade it: fit the model again, or install the matscout that fitted it"
            )
        part, version = maker.upgrades[version](part), version + 1
    return maker.from_state(part)
