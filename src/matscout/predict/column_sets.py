"""Column sets: which representations are joined for the learners of ``auto``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from matscout.data.kinds import KindName
from matscout.represent.addresses import Address
from matscout.represent.embedding import representation_class
from matscout.represent.former_names import present_representation


@dataclass(frozen=True)
class ColumnSet:
    """Representations whose columns are joined for learners.

    Which learners try it is said by these (:class:`matscout.predict.learner.Learner`).

    Parameters
    ----------
    name
        What it is called in reports.
    representations
        What is joined; ``{donor}`` stands for the name of the donor. Sets in which a representation of structures
        stands are offered only where there are structures.
    lent
        Whether it holds what a network says that learned other properties; offered where that is at hand.
    quick
        Whether it is offered if ``fast``.
    explained
        Whether its columns mean something to a chemist. The last such set that is offered comes first of all: the first
        recipe uses it, and that recipe is always kept.
    by_distances
        Whether learners by distances try it that do not name it.
    of_few_elements
        Whether it is offered only where all rows are made of the same few elements, as alloys are.
    """

    name: str
    representations: tuple[str, ...]
    lent: bool = False
    quick: bool = False
    explained: bool = False
    by_distances: bool = False
    of_few_elements: bool = False

    def of_donor(self, donor: str | None) -> ColumnSet:
        """The same with the name of the donor."""
        return replace(self, representations=tuple(one.format(donor=donor) for one in self.representations))


Menu = tuple[ColumnSet, ...]
"""What a model may learn from, in the order in which it is tried."""


def offered(menu: Menu, donor: str | None, *, fast: bool, structures: bool, few_elements: bool = False) -> Menu:
    """The column sets that can be used, what explains first.

    Parameters
    ----------
    menu
        What there is.
    donor
        The representation that lends what it learned from other properties; nothing is lent if None, or if its
        weights are missing.
    fast
        Only those that are quick.
    structures
        Whether the materials have crystal structures.
    few_elements
        Whether all rows are made of the same few elements.
    """
    lends = donor is not None and any(one.lent for one in menu) and is_at_hand(donor)
    named = [one.of_donor(donor) for one in menu if lends or not one.lent]
    usable = [
        one
        for one in named
        if (structures or not needs_structures(one.representations))
        and (one.quick or not fast)
        and (few_elements or not one.of_few_elements)
    ]
    first = [one for one in usable if one.explained][-1]
    return (first, *(one for one in usable if one != first))


def is_at_hand(address: str) -> bool:
    """Whether a representation can be used; of weights of one's own that is seen when they are read."""
    parsed = Address.parse(present_representation(address))
    return bool(parsed.weights or representation_class(address).at_hand())


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
    own = [replace(one.of_donor(donor), lent=False) for one in menu if lends or not one.lent]
    beside = {
        "chemistry and {}": ("magpie", "ionic"),
        "chemistry, structure and {}": ("magpie", "ionic", "structure-basic"),
    }
    vectors = [(name.format("vectors"), (*joined, "{donor}")) for name, joined in beside.items()]
    if lends:
        donated = f"{donor}/properties"
        vectors += [
            (name.format("donated and vectors"), (*joined, donated, "{donor}")) for name, joined in beside.items()
        ]
    alone = ColumnSet("vectors", ("{donor}",), lent=True, by_distances=True)
    joined = [ColumnSet(name, parts, lent=True, quick=True, by_distances=True) for name, parts in vectors]
    return (*own, alone, *joined)


def needs_structures(addresses: Iterable[str]) -> bool:
    """Whether one of these representations (or parts of them) describes crystal structures."""
    return any(representation_class(address).needs == "structure" for address in addresses)


CHEMISTRY: Menu = (
    ColumnSet("chemistry", ("magpie", "ionic"), quick=True, explained=True),
    ColumnSet("ionic", ("ionic",)),
    ColumnSet("fractions", ("magpie", "element-fraction"), quick=True),
    ColumnSet("bare fractions", ("element-fraction",), quick=True, of_few_elements=True),
    ColumnSet("amounts", ("element-amounts",), quick=True, by_distances=True, of_few_elements=True),
    ColumnSet("cgnf", ("elements=cgnf",)),
    ColumnSet("sevennet", ("elements=sevennet",), quick=True),
    ColumnSet("mat2vec", ("elements=mat2vec",)),
    ColumnSet("chemistry and structure", ("magpie", "ionic", "structure-basic"), quick=True, explained=True),
    ColumnSet("chemistry, structure and sites", ("magpie", "ionic", "structure-basic", "site-contrasts")),
    ColumnSet("chemistry and donated", ("magpie", "ionic", "{donor}/properties"), lent=True, quick=True),
    ColumnSet("everything donated", ("magpie", "{donor}"), lent=True),
    ColumnSet("donor vector", ("{donor}/vector",), lent=True),
    ColumnSet(
        "chemistry, structure and donated", ("magpie", "ionic", "structure-basic", "{donor}/properties"), lent=True
    ),
    ColumnSet(
        "chemistry, structure, sites and donated",
        ("magpie", "ionic", "structure-basic", "site-contrasts", "{donor}/properties"),
        lent=True,
    ),
)
"""Descriptors of formulas and structures, and what a donor lends to them."""

SIMULATED: Menu = (
    *(one for one in CHEMISTRY if not one.lent),
    ColumnSet("structure and simulation", ("structure-basic", "force-field-response"), by_distances=True),
    ColumnSet(
        "chemistry, structure and simulation",
        ("magpie", "ionic", "structure-basic", "force-field-response"),
        quick=True,
        by_distances=True,
    ),
    *(one for one in CHEMISTRY if one.lent),
)
"""Also what a force field computes of structures."""

REACTIONS: Menu = (
    ColumnSet("components", ("reaction-one-hot",), quick=True, explained=True, by_distances=True),
    ColumnSet("drfp", ("drfp",), quick=True, by_distances=True),
    ColumnSet("morgan", ("reaction-morgan",)),
    ColumnSet("descriptors", ("reaction-rdkit",), by_distances=True),
    ColumnSet("drfp and descriptors", ("drfp", "reaction-rdkit"), by_distances=True),
)
"""Of rows that are reactions."""

DEFECTS: Menu = (
    ColumnSet("pairs of defects", ("defect-pairs",), quick=True, explained=True, by_distances=True),
    ColumnSet("counts of defects", ("defect-counts",), quick=True, by_distances=True),
    ColumnSet("canonical edges", ("defect-edges",)),
    ColumnSet("pairs of defects and host", ("defect-pairs", "magpie"), by_distances=True),
)
"""Of rows that are arrangements of point defects."""

MENUS: Mapping[KindName, Menu] = {"reaction": REACTIONS, "defect": DEFECTS}
"""Of kinds of rows that are described in one way, whatever the options of a model."""

DONATED_ONLY: Menu = (
    ColumnSet("donor properties", ("{donor}/properties",), quick=True, explained=True, by_distances=True),
    ColumnSet("donor", ("{donor}",), quick=True),
    ColumnSet("donor vector", ("{donor}/vector",), by_distances=True),
)
"""A donor and no descriptors."""
