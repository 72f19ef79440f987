"""As auto, with the vectors of a representation of your choice as well: auto-with=deep-infomax; says what they add."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from matscout.data.dataset import Dataset
from matscout.data.made_up import RowKind
from matscout.data.materials import Materials
from matscout.errors import ArtefactError, UsageError
from matscout.predict.base import Metric
from matscout.predict.column_sets import is_at_hand, needs_structures, with_vectors
from matscout.predict.labels import Labels
from matscout.predict.models.auto import Auto
from matscout.predict.states import State
from matscout.predict.uncalibrated import UnseenClasses, UnseenNumbers
from matscout.progress import Progress
from matscout.registry import load_class
from matscout.represent.addresses import Address, with_whole_path
from matscout.represent.embedding import make_representation


class AutoWith(Auto):
    """``auto-with=REPRESENTATION``, e.g. ``auto-with=crystal-network=RUN/artefact``.

    The vectors stand beside the descriptors as a block of their own, in the kernel of a Gaussian process and in trees,
    and alone; the inner folds decide what counts, and the summary says how much the error fell.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`.
    weights
        The representation.
    """

    beside: ClassVar[str | None] = Auto.donor
    """Whatever lends properties as it does to auto."""
    learns_from: ClassVar[RowKind] = "structure"

    def __init__(
        self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0, weights: str = "crystal-denoising"
    ) -> None:
        self.menu = with_vectors(Auto.menu, self.beside)
        self.donor: str = _known(weights)
        self.fitted_with = ""
        super().__init__(metric=metric, fast=fast, seed=seed)

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers | UnseenClasses:
        """As :meth:`matscout.predict.models.auto.Auto.learn`.

        Raises
        ------
        UsageError
            If the representation describes structures and there are none, or it cannot be used.
        """
        if not is_at_hand(self.donor):
            maker = load_class("representations", Address.parse(self.donor).name)
            raise UsageError(f"{self.donor} needs {maker.missing()}")
        if needs_structures([self.donor]) and labels.materials.structures is None:
            raise UsageError(
                f"{self.donor} describes crystal structures, and here are formulas only: name the structures "
                "(--structure COL|DIR), or take another representation"
            )
        self.fitted_with = self.origin
        return super().learn(labels, dataset, progress)

    @property
    def weights(self) -> str:
        """The representation."""
        return self.donor

    @property
    def address(self) -> str:
        """With the representation."""
        return f"{self.name}={self.donor}"

    @property
    def representations(self) -> tuple[str, ...]:
        """With that of the vectors, also where it is not known yet whether there are structures."""
        return tuple(dict.fromkeys((*super().representations, Address.parse(self.donor).whole)))

    def may_learn_from(self, materials: Materials) -> tuple[str, ...]:
        """With that of the vectors."""
        return tuple(dict.fromkeys((*super().may_learn_from(materials), Address.parse(self.donor).whole)))

    @property
    def origin(self) -> str:
        """Digest of weights of the user's own."""
        return make_representation(self.donor).version

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """As that of auto, and weights of the user's own by their digest."""
        return {**super().learned(), "fitted_with": str}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The predictor again, with equal estimates.

        Raises
        ------
        ArtefactError
            If the weights are missing, or no longer those that it was fitted with.
        """
        predictor = super().from_state(state)
        if predictor.origin != predictor.fitted_with:
            raise ArtefactError(
                f"the weights of {predictor.donor} are not those that the model was fitted with (digest "
                f"{predictor.origin[:16]}…, expected {predictor.fitted_with[:16]}…): put those back, or fit the model "
                "again"
            )
        return predictor

    def _donor_notes(self, labels: Labels, *, lends: bool) -> list[str]:
        without = self.stacks.error_without_lent
        notes = [
            f"{name} was trained on the formulas of {int(known.sum()):,} of the {len(known):,} labelled rows."
            for name, known in self.seen(labels.materials).items()
        ]
        if without is None:
            return notes
        errors = self._errors(labels, without, "them")
        chosen = "the same rows chose what is used, so a few percent may be chance: evaluate compares"
        return [f"Vectors of {self.donor}: {errors} ({chosen}).", *notes]


def _known(address: str) -> str:
    """The address of a representation.

    Raises
    ------
    UsageError
        If there is no such representation.
    """
    asked = Address.parse(address)
    if Path(address).is_dir():
        raise UsageError(
            f"{address} is a folder; for the network in it ask for auto-with=composition-network={address}, or, of "
            f"crystals, for auto-with=crystal-network={address}"
        )
    load_class("representations", asked.name)
    return with_whole_path(address)
