"""Relax the candidates with a force field: later stages and models see the relaxed structures."""

from __future__ import annotations

import numpy as np

from matscout.discover.base import Brief
from matscout.discover.force_field_stage import ForceFieldStage
from matscout.discover.stage import Verdict
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence
from matscout.progress import Progress, silent
from matscout.settings.checking import check_settings
from matscout.simulate.relax_settings import CellModes, Methods, RelaxSettings
from matscout.simulate.relaxed import Relaxed
from matscout.simulate.relaxing_apart import relax_apart


class RelaxStage(ForceFieldStage):
    """Replaces the structures, and objects to what cannot be relaxed; what is left unconverged passes with a note.

    Parameters
    ----------
    with_
        Name of the force field, or the address of a calculator.
    fmax, steps, cell, pressure, method, keep_symmetry, time_limit
        As in :class:`~matscout.simulate.relax_settings.RelaxSettings`.
    """

    ranks = False

    def __init__(
        self,
        *,
        with_: str = "chgnet",
        fmax: float = RelaxSettings.fmax,
        steps: int = RelaxSettings.steps,
        cell: CellModes = RelaxSettings.cell,
        pressure: float = RelaxSettings.pressure,
        method: Methods = RelaxSettings.method,
        keep_symmetry: bool = RelaxSettings.keep_symmetry,
        time_limit: float = RelaxSettings.time_limit,
    ) -> None:
        super().__init__(with_)
        given = {
            "fmax": fmax,
            "steps": steps,
            "cell": cell,
            "pressure": pressure,
            "method": method,
            "keep_symmetry": keep_symmetry,
            "time_limit": time_limit,
        }
        self.how = check_settings(RelaxSettings, given, "relax")

    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """The relaxed structures, and energy, steps, volume change and warnings of each."""
        relaxed = relax_apart(candidates.materials, self.force_field, self.how, progress)
        lost = np.isnan(relaxed.energies)
        objections = [
            f"cannot be relaxed: {reason}" if out else "" for reason, out in zip(relaxed.reasons, lost, strict=True)
        ]
        words = ["" if out else f"{energy:.3f} eV/atom" for energy, out in zip(relaxed.energies, lost, strict=True)]
        return Verdict(
            np.array(objections, dtype=np.str_),
            None,
            np.array(words, dtype=np.str_),
            self._facts(relaxed),
            relaxed.materials.structures,
        )

    def _facts(self, relaxed: Relaxed) -> tuple[Evidence, ...]:
        known, by = ~np.isnan(relaxed.energies), self.field.name
        notes = [
            "; ".join([*([reason] if reason else []), *map(str, warnings)]) if there else ""
            for reason, warnings, there in zip(relaxed.reasons, relaxed.warnings, known, strict=True)
        ]
        return (
            Evidence(
                "relaxed_energy",
                "energy after relaxation",
                relaxed.energies,
                f"total energy of the structure relaxed by {by}, of the scheme {relaxed.scheme}",
                self.source(),
                "eV/atom",
            ),
            Evidence(
                "relaxation_steps",
                "steps of the relaxation",
                np.where(known, relaxed.steps, np.nan),
                f"steps until forces and stresses by {by} were small, or until the relaxation was given up",
                self.source(),
            ),
            Evidence(
                "relaxed_volume_change",
                "volume change",
                relaxed.volume_change,
                f"volume after the relaxation by {by} over that before, minus 1",
                self.source(),
            ),
            Evidence(
                "relaxation_warnings",
                "warnings of the relaxation",
                np.array(notes, dtype=np.str_),
                f"what makes the structure relaxed by {by} doubtful",
                self.source(),
            ),
        )
