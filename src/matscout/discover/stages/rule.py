"""The filters of scout: charge balance, elements, novelty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matscout.crystal.chemistry import check_symbols
from matscout.discover.base import Brief
from matscout.discover.filters import IN_DOMAIN, check_filters, screen
from matscout.discover.names import several
from matscout.discover.stage import Stage, Verdict
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.progress import Progress, silent


class Rule(Stage):
    """Keeps what meets all requirements.

    Parameters
    ----------
    require
        See :func:`matscout.discover.filters.filter_names`, without "in-domain", which needs a model.
    exclude, elements
        Symbols that must not occur; symbols that alone may occur.
    """

    ranks = False

    def __init__(
        self,
        *,
        require: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        elements: str | Sequence[str] = (),
    ) -> None:
        wanted = several(require, "require of rule")
        if IN_DOMAIN in wanted:
            raise UsageError(f"{IN_DOMAIN} needs a model: use it in the ranking (rank: require:), not in a rule")
        self.require = check_filters(wanted)
        self.exclude = several(exclude, "exclude of rule")
        self.elements = several(elements, "elements of rule")
        check_symbols((*self.exclude, *self.elements))

    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """The step of the filters that each candidate does not meet."""
        screened = screen(
            candidates,
            brief.labels.materials,
            require=self.require,
            exclude=self.exclude,
            elements=self.elements,
        )
        objections = np.array([f"unmet: {step}" if step else "" for step in screened.removed_by], dtype=np.str_)
        return Verdict(objections, None, np.full(len(candidates), "", dtype=np.str_))
