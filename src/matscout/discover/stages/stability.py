"""Energy above the hull of reference phases, by a force field: how stable the candidates are at 0 K."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from matscout.data.dataset import Dataset
from matscout.discover.base import Brief
from matscout.discover.force_field_stage import ForceFieldStage
from matscout.discover.hull_belief import HullByForceField
from matscout.discover.hull_references import origin_of, read_references
from matscout.discover.stage import Verdict
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.progress import Progress, silent
from matscout.simulate.choice import make_force_field, origin_of_field
from matscout.simulate.element_energies import mp_elements_file
from matscout.simulate.energy_schemes import MP2020, UNCORRECTED
from matscout.simulate.hull import Hull
from matscout.simulate.hull_opinions import HullInterval
from matscout.simulate.own_hull import require_structures
from matscout.simulate.references import References
from matscout.store import key_of


class Stability(ForceFieldStage):
    """Ranks by the energy above the hull, and objects to what lies higher than a limit or has no energy.

    Structures are taken as they are: relax them in a stage before.

    Parameters
    ----------
    references
        Phases of the hull: a table with formation energies (or total energies, the elements among them), an index, or
        the name of a public data set.
    with_
        Name of the force field, or the address of a calculator.
    keep_below
        Objects to what lies higher above the hull, eV/atom.
    scheme
        Which energies the force field predicts, if it declares none.
    references_scheme
        Which calculation the references come from, if they do not state it.
    own_hull
        Whether to compare with the references as the force field sees them, too; they need structures.
    second_opinion
        Another force field: where the two disagree, neither is to be believed.
    """

    limits = True

    def __init__(
        self,
        *,
        references: str,
        with_: str = "chgnet",
        keep_below: float = 0.1,
        scheme: str | None = None,
        references_scheme: str | None = None,
        own_hull: bool = False,
        second_opinion: str | None = None,
    ) -> None:
        super().__init__(with_)
        if keep_below < 0:
            raise UsageError(f"keep_below of stability is {keep_below:g}; an energy above the hull is 0 or more")
        self.references, self.keep_below = references, keep_below
        self.scheme, self.references_scheme = scheme, references_scheme
        self.own_hull, self.second_opinion = own_hull, second_opinion

    @classmethod
    def state(cls, settings: Mapping[str, Any]) -> object:
        """The force fields, the references and the energies of the elements."""
        second = _origin(settings.get("second_opinion"))
        return [super().state(settings), second, origin_of(settings["references"]), mp_elements_file()]

    def origin(self, brief: Brief) -> str:
        """Digest of the force fields, the references and the energies of the elements."""
        second = _origin(self.second_opinion)
        return key_of([super().origin(brief), second, origin_of(self.references), mp_elements_file()])

    def check(self, candidates: Candidates, brief: Brief) -> None:
        """Besides what all force fields need, references of the same scheme of energies."""
        super().check(candidates, brief)
        scheme = self.asker.scheme
        if self.own_hull:
            require_structures(self.phases)
        self.phases.require_scheme(MP2020 if scheme == UNCORRECTED else scheme)
        self.phases.elements_for(scheme)

    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """Energies above the hull; an objection to what lies too high or cannot be placed."""
        energies = self.asker.energies(Dataset(candidates.materials), progress)
        hull = self.asker.hull(energies, self.phases, progress)
        dropped = [problem for problem in (*energies.dataset.problems, *hull.problems) if problem.dropped]
        reasons = {problem.row - 1: problem.reason for problem in dropped}
        objections = [self._objection(hull, row, reasons) for row in range(len(hull))]
        words = ["" if np.isnan(above) else f"{above:.3f} eV/atom above the hull" for above in hull.above]
        return Verdict(
            np.array(objections, dtype=np.str_),
            np.nan_to_num(-hull.above, nan=-np.inf),
            np.array(words, dtype=np.str_),
            self._facts(hull),
        )

    def _objection(self, hull: Hull, row: int, reasons: Mapping[int, str]) -> str:
        above = hull.above[row]
        if np.isnan(above):
            return f"has no energy above the hull: {reasons[row]}"
        words = f"{above:.3f} eV/atom above the hull of {hull.source}, more than {self.keep_below:g}"
        return words if above > self.keep_below else ""

    def _facts(self, hull: Hull) -> tuple[Evidence, ...]:
        source, of = self.source(" ".join(hull.remarks)), f"of {hull.source}"
        parts = [" + ".join(map(str, one)) for one in hull.decompositions]
        return (
            Evidence(
                "e_above_hull",
                "energy above the hull",
                hull.above,
                f"energy above the hull {of} by {self.field.name} at 0 K",
                source,
                "eV/atom",
                None if hull.interval is None else hull.interval.widths,
                "" if hull.interval is None else _meaning(hull.interval),
                use="filter",
            ),
            *self._second_facts(hull, source, of),
            Evidence(
                "hull_warnings",
                "warnings of the hull",
                np.array(["; ".join(map(str, one)) for one in hull.warnings], dtype=np.str_),
                "what makes the energy above the hull doubtful",
                source,
            ),
            Evidence(
                "decomposition",
                "decomposes into",
                np.array(parts, dtype=np.str_),
                f"the mixture of phases with the lowest energy, {of}; the numbers are shares of the atoms",
                source,
            ),
            Evidence(
                "competing_phases",
                "competing phases",
                np.array([one.phases for one in hull.coverage], dtype=np.float64),
                f"compositions of two elements and more {of} in the chemical system; 0 means that nothing is known",
                source,
            ),
        )

    def _second_facts(self, hull: Hull, source: EvidenceSource, of: str) -> Iterator[Evidence]:
        """The energy above the own hull, and by the second force field."""
        if hull.own_above is not None:
            meaning = f"energy above the hull {of} as {self.field.name} sees them, whose errors partly cancel"
            yield Evidence("e_above_own_hull", "energy above the own hull", hull.own_above, meaning, source, "eV/atom")
        if hull.second is not None:
            meaning = f"energy above the hull {of} by {hull.second.force_field} at 0 K"
            heading = "energy above the hull by the second force field"
            yield Evidence("e_above_hull_by_second", heading, hull.second.above, meaning, source, "eV/atom")

    @cached_property
    def asker(self) -> HullByForceField:
        """How energies above the hull are computed."""
        return HullByForceField.named(self.field, self.scheme, self.second_opinion, self.own_hull)

    @cached_property
    def phases(self) -> References:
        """The phases of the hull, read once for checking and judging."""
        return read_references(self.references, self.references_scheme)


def _origin(name: str | None) -> object:
    """What a second force field is."""
    return None if name is None else dict(origin_of_field(make_force_field(name)))


def _meaning(interval: HullInterval) -> str:
    return (
        f"half of the interval that holds {interval.level:.0%}, from the errors of the force field on "
        f"{interval.phases:,} reference phases"
    )
