"""Column sets: which representations are joined for the learners of ``auto``, and which learners try them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from matscout import registry
from matscout.predict.recipes import LearnerName
from matscout.represent.addresses import Address

Sets = Mapping[str, tuple[str, ...]]
"""Name of a column set -> the representations joined in it; ``{donor}`` stands for the name of the donor.

Sets in which a representation of structures stands are offered only where there are structures.
"""


@dataclass(frozen=True)
class Menu:
    """What a model may learn from, and which learners try it. Extra trees try every column set.

    Parameters
    ----------
    own
        Column sets that are always offered.
    lent
        Column sets with what a network says that learned other properties; offered where that is at hand.
    gaussian
        Those that a Gaussian process tries as well.
    plain
        Those on which forests learn the plain target as well as the transformed one.
    hurdle
        The first of these that is offered is what the hurdle model learns from.
    fast
        The only ones if ``fast``.
    explained
        Those whose columns mean something to a chemist. The first that is offered becomes the first column set, which
        the first recipe uses, so a member always does.
    on_trial
        Learners and column sets that seldom win, so the first inner fold decides whether they go on; none if ``fast``.
    """

    own: Sets
    lent: Sets
    gaussian: tuple[str, ...]
    plain: tuple[str, ...]
    hurdle: tuple[str, ...]
    fast: tuple[str, ...]
    explained: tuple[str, ...]
    on_trial: tuple[tuple[LearnerName, str], ...] = ()

    def offered(self, donor: str | None, *, fast: bool, structures: bool) -> dict[str, tuple[str, ...]]:
        """Column sets by name, each with the representations joined in it.

        Parameters
        ----------
        donor
            The representation that lends what it learned from other properties; nothing is lent if None, or if torch
            or its weights are missing.
        fast
            Only those in :attr:`fast`.
        structures
            Whether the materials have crystal structures.
        """
        sets = dict(self.own)
        if self.lent and donor is not None and is_at_hand(donor):
            sets |= self.lent
        named = _of_donor(sets, donor)
        offered = {
            name: joined
            for name, joined in named.items()
            if (structures or not needs_structures(joined)) and (not fast or name in self.fast)
        }
        first = next(name for name in self.explained if name in offered)
        return {first: offered[first], **offered}


def is_at_hand(address: str) -> bool:
    """Whether a representation can be used; of weights of one's own that is seen when they are read."""
    asked = Address.parse(address)
    return bool(asked.weights or registry.load_class("representations", asked.name).at_hand())


def _of_donor(sets: Sets, donor: str | None) -> dict[str, tuple[str, ...]]:
    """The same with the name of the donor."""
    return {name: tuple(address.format(donor=donor) for address in joined) for name, joined in sets.items()}


def with_vectors(menu: Menu, donor: str | None) -> Menu:
    """What a menu offers, and as lent the vectors of one more representation, ``{donor}``, beside it and alone.

    Parameters
    ----------
    menu
        What there is without these vectors.
    donor
        Whatever lends something there.
    """
    lends = donor is not None and is_at_hand(donor)
    beside = {
        "chemistry and vectors": ("magpie", "ionic", "{donor}"),
        "chemistry, structure and vectors": ("magpie", "ionic", "structure-basic", "{donor}"),
    }
    if lends:
        beside |= {
            name.replace("vectors", "donated and vectors"): (*joined[:-1], f"{donor}/properties", joined[-1])
            for name, joined in beside.items()
        }
    lent = {"vectors": ("{donor}",), **beside}
    return replace(
        menu,
        own={**menu.own, **(_of_donor(menu.lent, donor) if lends else {})},
        lent=lent,
        gaussian=(*menu.gaussian, *lent),
        fast=(*menu.fast, *beside),
    )


def needs_structures(addresses: Iterable[str]) -> bool:
    """Whether one of these representations (or parts of them) describes crystal structures."""
    return any(
        registry.load_class("representations", Address.parse(address).name).needs == "structure"
        for address in addresses
    )


CHEMISTRY = Menu(
    own={
        "chemistry": ("magpie", "ionic"),
        "ionic": ("ionic",),
        "fractions": ("magpie", "element-fraction"),
        "cgnf": ("cgnf",),
        "sevennet": ("sevennet",),
        "mat2vec": ("mat2vec",),
        "chemistry and structure": ("magpie", "ionic", "structure-basic"),
        "chemistry, structure and sites": ("magpie", "ionic", "structure-basic", "site-contrasts"),
    },
    lent={
        "chemistry and donated": ("magpie", "ionic", "{donor}/properties"),
        "everything donated": ("magpie", "{donor}"),
        "donor vector": ("{donor}/vector",),
        "chemistry, structure and donated": ("magpie", "ionic", "structure-basic", "{donor}/properties"),
        "chemistry, structure, sites and donated": (
            "magpie",
            "ionic",
            "structure-basic",
            "site-contrasts",
            "{donor}/properties",
        ),
    },
    gaussian=(
        "chemistry",
        "cgnf",
        "chemistry and donated",
        "donor vector",
        "chemistry and structure",
        "chemistry, structure and sites",
        "chemistry, structure and donated",
        "chemistry, structure, sites and donated",
    ),
    plain=("chemistry", "chemistry and donated", "chemistry and structure"),
    hurdle=("chemistry, structure and donated", "chemistry and structure", "chemistry and donated", "chemistry"),
    fast=("chemistry", "fractions", "sevennet", "chemistry and donated", "chemistry and structure"),
    explained=("chemistry and structure", "chemistry"),
    on_trial=(("ridge", "fractions"), ("boosting", "chemistry"), ("networks", "mat2vec")),
)
"""Descriptors of formulas and structures, and what a donor lends to them."""

SIMULATED = replace(
    CHEMISTRY,
    own={
        **CHEMISTRY.own,
        "structure and simulation": ("structure-basic", "force-field-response"),
        "chemistry, structure and simulation": ("magpie", "ionic", "structure-basic", "force-field-response"),
    },
    gaussian=(*CHEMISTRY.gaussian, "structure and simulation", "chemistry, structure and simulation"),
    fast=(*CHEMISTRY.fast, "chemistry, structure and simulation"),
)
"""Also what a force field computes of structures."""

REACTIONS = Menu(
    own={
        "components": ("reaction-one-hot",),
        "drfp": ("drfp",),
        "morgan": ("reaction-morgan",),
        "descriptors": ("reaction-rdkit",),
        "drfp and descriptors": ("drfp", "reaction-rdkit"),
    },
    lent={},
    gaussian=("components", "drfp", "descriptors", "drfp and descriptors"),
    plain=("drfp", "descriptors"),
    hurdle=("drfp and descriptors", "drfp"),
    fast=("components", "drfp"),
    explained=("components",),
    on_trial=(
        ("ridge", "components"),
        ("boosting", "descriptors"),
        ("boosting", "drfp and descriptors"),
        ("networks", "drfp"),
    ),
)
"""Of rows that are reactions."""

DONATED_ONLY = Menu(
    own={
        "donor properties": ("{donor}/properties",),
        "donor": ("{donor}",),
        "donor vector": ("{donor}/vector",),
    },
    lent={},
    gaussian=("donor properties", "donor vector"),
    plain=("donor",),
    hurdle=("donor",),
    fast=("donor properties", "donor"),
    explained=("donor properties",),
)
"""A donor and no descriptors."""
