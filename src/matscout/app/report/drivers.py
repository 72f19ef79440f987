"""What drives the property: in the eyes of the model, and in the labels themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matscout.app.wording import SPACE, factor, number, quantity
from matscout.counting import listed
from matscout.data.dataset import DECADES, Dataset, Target
from matscout.data.elements import SYMBOLS
from matscout.discover.diversity import systems_of
from matscout.workflow.findings import Finding

SAMPLE = 40
"""Labelled materials whose predictions are explained."""

SHOWN = 8
"""Properties, and elements, that are shown."""

FEWEST = 5
"""An element must occur in as many labelled materials, and be absent from as many,"""

FEWEST_SYSTEMS = 3
"""and those with it must be of so many chemical systems: a series of doped samples says nothing of its dopant."""

CLEAR = 0.1
"""Share of the largest difference from which an element is named in the sentence."""

_ALL = 10_000

WORDS = {
    "number": "atomic number",
    "mendeleevnumber": "Mendeleev number (chemical similarity of the elements)",
    "atomicweight": "atomic weight",
    "meltingt": "melting point of the elements",
    "column": "group in the periodic table",
    "row": "period in the periodic table",
    "covalentradius": "covalent radius",
    "electronegativity": "electronegativity",
    "nsvalence": "number of s valence electrons",
    "npvalence": "number of p valence electrons",
    "ndvalence": "number of d valence electrons",
    "nfvalence": "number of f valence electrons",
    "nvalence": "number of valence electrons",
    "nsunfilled": "empty places in the s shell",
    "npunfilled": "empty places in the p shell",
    "ndunfilled": "empty places in the d shell",
    "nfunfilled": "empty places in the f shell",
    "nunfilled": "empty places in the valence shells",
    "gsvolume_pa": "volume per atom of the elements",
    "gsbandgap": "band gap of the elements",
    "gsmagmom": "magnetic moment of the elements",
    "spacegroupnumber": "crystal symmetry of the elements",
}
"""Properties of the Magpie table in plain words."""


@dataclass(frozen=True)
class Bar:
    """A name, a value in words, and the length of its bar in -1..1."""

    name: str
    value: str
    length: float


@dataclass(frozen=True)
class Drivers:
    """The properties that move predictions most, and the elements that go with high and low values.

    Parameters
    ----------
    properties
        Mean size of the effect on the predictions, largest first.
    n_explained
        Materials that it is the mean over.
    elements
        Difference between labelled materials with and without an element (of their medians, a factor where values are
        judged by factors; of the shares of the wanted class), highest first.
    sentence
        The main points in words.
    """

    properties: tuple[Bar, ...]
    n_explained: int
    elements: tuple[Bar, ...]
    sentence: str


def find_drivers(finding: Finding, dataset: Dataset, seed: int) -> Drivers:
    """Average the model's own explanations over a sample of the labels, and compare labels element by element."""
    labelled = dataset.labelled(finding.target.name)
    chosen = np.random.default_rng(seed).permutation(len(labelled))[:SAMPLE]
    properties = _properties(finding, labelled[np.sort(chosen)])
    elements = _elements(finding, labelled) if labelled.materials.kind.is_compound else ()
    return Drivers(properties, len(chosen), elements, _sentence(finding, properties, elements))


def _properties(finding: Finding, sample: Dataset) -> tuple[Bar, ...]:
    totals: dict[str, float] = {}
    explanations = finding.model.explain(sample.materials, _ALL)
    for explanation in explanations:
        for name, effect in explanation.features:
            totals[name] = totals.get(name, 0.0) + abs(effect) / len(sample)
    ranked = sorted(totals.items(), key=lambda entry: -entry[1])[:SHOWN]
    unit = explanations[0].unit if explanations else None
    words = [_effect_words(finding.target, size, unit) for _, size in ranked]
    return tuple(
        Bar(property_words(name), own, size / ranked[0][1]) for (name, size), own in zip(ranked, words, strict=True)
    )


def property_words(name: str) -> str:
    """A property in plain words, as far as it is known."""
    return WORDS.get(name.lower(), name)


def _effect_words(target: Target, size: float, unit: str | None) -> str:
    """The size of an effect: points of a chance, a factor where the unit is decades, else with its unit."""
    if target.task == "classification":
        return f"{100 * size:.1f} points"
    return f"a factor of {factor(size)}" if unit == DECADES else quantity(size, unit, 2)


def _elements(finding: Finding, labelled: Dataset) -> tuple[Bar, ...]:
    target = labelled.target(finding.target.name)
    classes = target.task == "classification"
    values = (target.values == finding.goal.low).astype(np.float64) if classes else target.placed(target.values)
    present = labelled.materials.compositions.dense() > 0
    counts = present.sum(axis=0)
    enough = np.flatnonzero((counts >= FEWEST) & (len(values) - counts >= FEWEST))
    systems = systems_of(labelled.materials)
    common = np.array([one for one in enough if len(set(systems[present[:, one]])) >= FEWEST_SYSTEMS], dtype=np.int64)
    middle = np.mean if classes else np.median
    differences = np.array([middle(values[own]) - middle(values[~own]) for own in present[:, common].T])
    # Both ends of the order, none twice.
    order = np.argsort(-differences, kind="stable")
    half = min(SHOWN // 2, len(order) // 2)
    ends = [*order[:half], *order[len(order) - half :]]
    largest = float(np.abs(differences).max()) if len(differences) else 1.0
    return tuple(
        Bar(
            SYMBOLS[common[place]],
            f"{_difference_words(target, float(differences[place]))} ({int(counts[common[place]])})",
            float(differences[place] / (largest or 1.0)),
        )
        for place in ends
    )


def _difference_words(target: Target, difference: float) -> str:
    if target.scale == "log":
        return f"{'×' if difference >= 0 else '÷'}{SPACE}{factor(difference)}"
    sign = "+" if difference > 0 else ""
    if target.task == "classification":
        return f"{sign}{number(100 * difference, 2)} points"
    return f"{sign}{quantity(difference, target.unit, 2)}"


def _sentence(finding: Finding, properties: tuple[Bar, ...], elements: tuple[Bar, ...]) -> str:
    parts = []
    if properties:
        parts.append(
            f"The model's predictions depend most on the {' and the '.join(bar.name for bar in properties[:2])}."
        )
    name = finding.target.name
    if finding.target.task == "classification":
        name = f"the share of {name} = {finding.target.classes[int(finding.goal.low)]}"
    up = [bar.name for bar in elements if bar.length > CLEAR]
    down = [bar.name for bar in elements if bar.length < -CLEAR][::-1]
    if up:
        parts.append(f"Among the labels, {name} is higher in materials with {listed(up)}.")
    if down:
        parts.append(f"Among the labels, {name} is lower in materials with {listed(down)}.")
    return " ".join(parts) or "No property or element stands out."
