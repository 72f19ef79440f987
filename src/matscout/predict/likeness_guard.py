"""Columns that a model of known and unlabelled rows must not have: they come from what has seen which are known."""

from __future__ import annotations

import re
from collections.abc import Iterable

from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.represent.embedding import make_representation
from matscout.represent.taught import labels_of_known

_OPINION = re.compile(
    r"donor_.*synthesi[sz]ed.*|(known_likeness|cl|crystal[ _-]?likeness|synthesi[sz]ability)[ _-]?(score|percentile).*",
    re.IGNORECASE,
)
"""What columns are called in which a model says whether a material is known: hints of a donor, likeness scores."""


def require_blind(representations: Iterable[str], materials: Materials) -> None:
    """Refuse what has seen the label: scores would be those of rows that were learned by heart.

    Parameters
    ----------
    representations
        Addresses of what is learned from.
    materials
        The rows, whose context columns are learned from, too.

    Raises
    ------
    UsageError
        If a network learned whether materials are made, or a context column is the opinion of one that did.
    """
    for address in representations:
        if names := labels_of_known(make_representation(address).taught):
            raise UsageError(
                f"{address} learned which materials are made ({', '.join(map(repr, names))}), so it has seen which "
                "rows are known, and no score on them would mean anything: learn from columns that have not, such as "
                "magpie or structure-basic"
            )
    if names := tuple(name for name in materials.context if _OPINION.fullmatch(name.strip())):
        raise UsageError(
            f"column {names[0]!r} is what another model says of this question, and that model has probably seen these "
            "rows: leave it out of --context"
        )
