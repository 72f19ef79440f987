"""What a plan may not say of its data, told before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence

from matscout.errors import UsageError
from matscout.studies.crystals import LabelledCrystals


def require_energy_and_gap(crystals: LabelledCrystals) -> None:
    """Refuse other than two properties; the statements of the paper are on the first and the second.

    Raises
    ------
    UsageError
        If there are more or fewer.
    """
    if len(crystals.values) != 2:
        raise UsageError(
            f"data.targets names two properties, formation energy and band gap; got {', '.join(crystals.values)}"
        )


def require_labels(sizes: Sequence[int], crystals: LabelledCrystals) -> tuple[int, ...]:
    """Numbers of labels, each of them at hand for every property.

    Raises
    ------
    UsageError
        If one is above what is known.
    """
    for target in crystals.values:
        known = len(crystals.known(target, tested=False))
        if max(sizes) > known:
            raise UsageError(
                f"{max(sizes)} labels of {target} are requested, but {known} crystals to learn from have one"
            )
    return tuple(sizes)
