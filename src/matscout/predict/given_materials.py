"""What a model is given to predict, with the conditions and components that its card asks for."""

from __future__ import annotations

from collections.abc import Mapping

from matscout.data.given import Given, as_materials, is_table
from matscout.data.materials import Materials
from matscout.data.settings import set_columns, with_context
from matscout.errors import UsageError
from matscout.predict.card import Card


def materials_for(card: Card | None, given: Given, settings: Mapping[str, str | float]) -> Materials:
    """The materials as the model with this card takes them.

    Parameters
    ----------
    card
        Of the model; None if nothing is known of what it needs.
    given
        See :data:`matscout.data.given.Given`.
    settings
        Context column -> value for all of them.

    Raises
    ------
    InputError
        If a material cannot be read.
    UsageError
        If the model has no such context column.
    """
    context, units = (card.context, card.context_units) if card else (tuple(settings), {})
    fixed = set_columns({name: str(value) for name, value in settings.items()}, context, units)
    unknown = [name for name in fixed if name not in context]
    if unknown:
        known = f"it uses {', '.join(context)}" if context else "it uses none"
        raise UsageError(f"--set={unknown[0]}: the model has no such context column; {known}")
    wanted = tuple(name for name in context if name not in fixed) if is_table(given) else ()
    components = card.components if card else ()
    known_units = {name: unit for name, unit in units.items() if name in wanted}
    read = as_materials(given, context=wanted, context_units=known_units, reaction=components)
    return with_context(read, fixed).arranged(components)
