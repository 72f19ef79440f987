"""As auto, with what a force field computes of each structure: moduli and vibrations (needs chgnet, phonopy; slow)."""

from __future__ import annotations

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.extras import require
from matscout.predict.column_sets import SIMULATED
from matscout.predict.labels import Labels
from matscout.predict.models.auto import Auto
from matscout.predict.uncalibrated import UnseenClasses, UnseenNumbers
from matscout.progress import Progress
from matscout.represent.descriptors.force_field_response import ForceFieldResponse


class AutoSimulated(Auto):
    """What ``--simulate`` asks for: about a second for each structure, which is kept for the next time."""

    menu = SIMULATED
    packages = ForceFieldResponse.packages
    extra = ForceFieldResponse.extra
    learns_from = "structure"

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers | UnseenClasses:
        """As :meth:`matscout.predict.models.auto.Auto.learn`.

        Raises
        ------
        UsageError
            If there are no structures.
        MissingExtraError
            If the force field is not installed.
        """
        if labels.materials.structures is None:
            raise UsageError(
                "simulations need crystal structures, of the labels and of what is predicted, and here are formulas "
                "only: name the structures (--structure COL|DIR; of candidates, --candidates FILE), or leave "
                "--simulate out"
            )
        require(*self.packages, extra=self.extra)
        return super().learn(labels, dataset, progress)
