"""As auto, with what a force field computes of each structure: moduli and vibrations (needs chgnet, phonopy; slow)."""

from __future__ import annotations

from typing import Self

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.extras import require
from matscout.predict.column_sets import SIMULATED
from matscout.predict.models.auto import Auto
from matscout.progress import Progress, silent
from matscout.represent.descriptors.force_field_response import ForceFieldResponse


class AutoSimulated(Auto):
    """What ``--simulate`` asks for: about a second for each structure, which is kept for the next time."""

    menu = SIMULATED
    packages = ForceFieldResponse.packages
    extra = ForceFieldResponse.extra
    learns_from = "structure"

    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Self:
        """As :meth:`matscout.predict.models.auto.Auto.fit`.

        Raises
        ------
        UsageError
            If there are no structures.
        MissingExtraError
            If the force field is not installed.
        """
        if dataset.materials.structures is None:
            raise UsageError(
                "simulations need crystal structures, of the labels and of what is predicted, and here are formulas "
                "only: name the structures (--structure COL|DIR; of candidates, --candidates FILE), or leave "
                "--simulate out"
            )
        require(*self.packages, extra=self.extra)
        return super().fit(dataset, target, progress)
