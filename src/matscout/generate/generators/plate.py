"""Reactions that were not run: all combinations of the components of the labelled reactions."""

from __future__ import annotations

import math
import random

import numpy as np

from matscout.data.kinds import REACTION
from matscout.data.materials import Materials
from matscout.data.reactions.column_store import Reactions
from matscout.data.reactions.texts import parse_components
from matscout.errors import UsageError
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.progress import Progress, silent
from matscout.remarks import Remark

Cells = tuple[str | None, ...]
"""One cell for each component, None where there is none."""

ORIGIN = "combination of components of the labels"


class Plate(Generator):
    """Every combination of the components of the labelled reactions; of more than ``n`` a random choice."""

    usual_filters = ("unlabelled",)
    kinds = (REACTION,)

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """The combinations; errors as :func:`plate`."""
        return plate(wishes.labels.materials, n, seed)


def plate(labels: Materials, most: int, seed: int = 0) -> Candidates:
    """Cross the components of labelled reactions.

    Components of one column each are crossed with all others. Where there is a column of products, reactants and
    product stay as they were: what other reactants would give is not known.

    Parameters
    ----------
    labels
        Reactions that were put together from columns of components.
    most
        More combinations than this are represented by a random choice.
    seed
        Of that choice.

    Raises
    ------
    UsageError
        If the labels are materials, or were read from reaction SMILES, whose parts have no names.
    """
    reactions = labels.reactions
    if reactions is None or any(part.several for part in reactions.parts):
        several = [part.name for part in (() if reactions is None else reactions.parts) if part.several]
        raise UsageError(
            f"only components with a column of their own can be combined, but {', '.join(several) or 'a formula'} "
            "may contain several molecules: name a column for each component (--reaction=COL), or give the "
            "reactions to rank (--candidates=FILE)"
        )
    together = _blocks(reactions)
    blocks = [_tuples(reactions, places) for places in together]
    n, nothing = math.prod(len(block) for block in blocks), all(any(map(_is_empty, block)) for block in blocks)
    order = [place for places in together for place in places]
    lines = [line for line in (_line(blocks, number, order) for number in _drawn(n, most, seed)) if not _is_empty(line)]
    parsed = parse_components(list(zip(*lines, strict=True)), reactions.parts)
    texts = parsed.reactions.texts()
    ids = np.array([str(place) for place in range(1, len(lines) + 1)], dtype=np.str_)
    sizes = zip(blocks, together, strict=True)
    listed = " x ".join(f"{len(block)} {_named(reactions, places)}" for block, places in sizes)
    drawn = f"; {most:,} of them were drawn at random" if n > most else ""
    materials = Materials(ids, texts, parsed.compositions, reactions=parsed.reactions)
    remark = Remark("combinations-of-a-plate", f"{n - nothing:,} combinations: {listed}{drawn}.")
    return Candidates(materials, np.full(len(lines), ORIGIN), (remark,))


def _blocks(reactions: Reactions) -> list[list[int]]:
    """Positions of the parts that stay together: each alone, but reactants with their product."""
    made = reactions.on("product")
    together = [*reactions.on("reactant"), *made] if made else []
    alone = [[place] for place in range(len(reactions.parts)) if place not in together]
    return [together, *alone] if together else alone


def _tuples(reactions: Reactions, places: list[int]) -> list[Cells]:
    """What occurs in these parts, each once, in the order of the labels; never without a reactant that most have."""
    cells: list[list[str | None]] = [[None] * len(places) for _ in range(len(reactions))]
    for place, column in ((place, places.index(place)) for place in places):
        for entry in np.flatnonzero(reactions.places == place):
            cells[reactions.rows[entry]][column] = str(reactions.molecules[reactions.members[entry]])
    needed = [
        column
        for column, place in enumerate(places)
        if reactions.parts[place].side != "agent" and 2 * sum(row[column] is not None for row in cells) > len(cells)
    ]
    return list(dict.fromkeys(tuple(row) for row in cells if all(row[column] is not None for column in needed)))


def _drawn(n: int, most: int, seed: int) -> list[int]:
    """Numbers of combinations, ascending; there may be more than fit 64 bits."""
    if n <= most:
        return list(range(n))
    rng, drawn = random.Random(seed), set[int]()
    while len(drawn) < most:
        drawn.add(rng.randrange(n))
    return sorted(drawn)


def _line(blocks: list[list[Cells]], number: int, order: list[int]) -> Cells:
    """The combination of this number, its cells in the order of the parts."""
    cells: list[str | None] = []
    for block in blocks:
        number, place = divmod(number, len(block))
        cells += block[place]
    return tuple(cells[order.index(place)] for place in range(len(order)))


def _is_empty(cells: Cells) -> bool:
    return not any(cells)


def _named(reactions: Reactions, places: list[int]) -> str:
    return " and ".join(reactions.parts[place].name for place in places)
