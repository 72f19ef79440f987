"""What fitted models need beside formulas, told from their cards: context columns, components, structures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.predict.artefact import load_models
from matscout.predict.model import Model


def needed_context(models: Mapping[str, Model]) -> tuple[str, ...]:
    """The context columns that any of the models needs, each once."""
    cards = [model.card for model in models.values() if model.card is not None]
    return tuple(dict.fromkeys(name for card in cards for name in card.context))


def needed_units(models: Mapping[str, Model]) -> dict[str, str]:
    """Context column -> unit in which the models take it, where one is known."""
    cards = [model.card for model in models.values() if model.card is not None]
    return {name: unit for card in cards for name, unit in card.context_units.items()}


def components_of(models: Mapping[str, Model]) -> tuple[str, ...]:
    """The columns of components that the models' reactions were put together from; empty if there are none."""
    cards = [model.card for model in models.values() if model.card is not None]
    return next((card.components for card in cards if card.components), ())


def names_reactions(models: Mapping[str, Model]) -> bool:
    """Whether any of the models learned from reactions that stood in columns of a table."""
    cards = [model.card for model in models.values() if model.card is not None]
    return any(card.components or card.reaction for card in cards)


def columns_of_reactions(models: Mapping[str, Model], names: Collection[str]) -> tuple[str, ...]:
    """What to read of columns that are called so, as the models' reactions were read.

    Reaction SMILES may stand under another name elsewhere, and are found then.
    """
    cards = [model.card for model in models.values() if model.card is not None]
    return components_of(models) or tuple(dict.fromkeys(card.reaction for card in cards if card.reaction in names))[:1]


def as_fitted(materials: Materials, models: Mapping[str, Model]) -> Materials:
    """The same reactions, their components in the order and spelling in which the models learned them."""
    return materials.arranged(components_of(models))


def context_of_folder(folder: Path) -> tuple[str, ...]:
    """:func:`needed_context` of the models in a folder made by ``fit`` or ``scout``."""
    return needed_context(load_models(folder))


def refuse_models_of_structures(models: Mapping[str, Model], candidates: Materials) -> None:
    """Refuse models that predict crystal structures where the candidates are formulas.

    Raises
    ------
    UsageError
        If there is one.
    """
    for name, model in models.items():
        if candidates.structures is None and model.needs_structures:
            raise UsageError(
                f"the model of {name} was fitted to crystal structures, but the candidates are formulas: give "
                "candidates with structures (--candidates: a folder of structure files, or a table with a column of "
                "them), or fit a model to formulas"
            )


def refuse_other_context(models: Mapping[str, Model], dataset: Dataset) -> None:
    """Refuse labels whose context columns are not those that the models learned from.

    Raises
    ------
    UsageError
        If a column is missing or was not there when the models were fitted.
    """
    needed, read = needed_context(models), tuple(dataset.materials.context)
    if models and set(needed) != set(read):
        raise UsageError(
            f"the model was fitted with the context columns {', '.join(needed) or 'none'}, but the labels were read "
            f"with {', '.join(read) or 'none'}; read them with the same columns (--context)"
        )
