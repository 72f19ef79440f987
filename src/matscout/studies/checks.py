"""What a plan may not say, told before anything is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matscout.errors import UsageError
from matscout.studies.crystals import LabelledCrystals


def require_at_least(least: int, **counts: int) -> None:
    """Refuse counts below ``least``.

    Raises
    ------
    UsageError
        Naming the first.
    """
    for name, value in counts.items():
        if value < least:
            raise UsageError(f"{name} is at least {least}; got {value}")


def require_keys(where: str, found: object, wanted: Iterable[str]) -> None:
    """Refuse what is no section, or one with other keys.

    Raises
    ------
    UsageError
        Naming both.
    """
    if not isinstance(found, Mapping):
        raise UsageError(f"{where} is a section with the settings {sorted(wanted)}; got {found!r}")
    if set(found) != set(wanted):
        raise UsageError(f"{where} has the settings {sorted(wanted)}; got {sorted(map(str, found))}")


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


def checked_names(weights: object) -> tuple[str, ...]:
    """Names or folders of networks.

    Raises
    ------
    UsageError
        If it is no list of texts.
    """
    if not isinstance(weights, list | tuple) or not all(isinstance(name, str) for name in weights):
        raise UsageError(f"weights is a list of names or folders, e.g. [deep-infomax,RUN/artefact]; got {weights!r}")
    return tuple(weights)


def checked_sizes(labels: object, crystals: LabelledCrystals) -> tuple[int, ...]:
    """Numbers of labels, each of them at hand for every property.

    Raises
    ------
    UsageError
        If one is no whole number, below 2, or above what is known.
    """
    if not isinstance(labels, list | tuple) or not labels or any(type(size) is not int for size in labels):
        raise UsageError(f"labels is a list of whole numbers, e.g. [50,250]; got {labels!r}")
    require_at_least(2, **{"a number of labels": min(labels)})
    for target in crystals.values:
        known = len(crystals.known(target, tested=False))
        if max(labels) > known:
            raise UsageError(f"{max(labels)} labels of {target} are asked for; {known} crystals to learn from have one")
    return tuple(labels)
