"""Facts about crystals as plain English, in the order and words of robocrystallographer where they state the same."""

from __future__ import annotations

from collections.abc import Sequence

from matscout.represent.describing.facts import POLYHEDRA, CrystalFacts, SiteFacts

KINDS = ("zero-dimensional", "one-dimensional", "two-dimensional", "three-dimensional")
PARTS = ("molecules or clusters", "chains", "layers", "a framework")

NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"
)  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"
)  # fmt: skip

SAME_LENGTH = 0.01
"""Å; bonds whose lengths differ less are told as one."""


def description(crystal: CrystalFacts) -> str:
    """Some sentences: prototype, symmetry, dimensionality, then each site with its geometry and bonds."""
    return " ".join([_symmetry(crystal), _dimensionality(crystal), *_sites(crystal.sites)])


def _symmetry(crystal: CrystalFacts) -> str:
    named = f"{crystal.formula} is {crystal.name} structured and" if crystal.name else crystal.formula
    if crystal.space_group is None:
        return f"{crystal.formula} has no symmetry that could be found."
    return f"{named} crystallizes in the {crystal.system} {crystal.space_group} space group."


def _dimensionality(crystal: CrystalFacts) -> str:
    place = crystal.dimensionality
    return f"The structure is {KINDS[place]}: its bonded atoms make {PARTS[place]}."


def _sites(sites: Sequence[SiteFacts]) -> list[str]:
    """Sentences about all sites; sites of one element are counted."""
    sentences = []
    for element in dict.fromkeys(site.element for site in sites):
        own = [site for site in sites if site.element == element]
        if len(own) > 1:
            sentences.append(f"There are {count(len(own))} inequivalent {element} sites.")
        for place, site in enumerate(own):
            opening = f"In the {ordinal(place + 1)} {element} site, {element}" if len(own) > 1 else element
            sentences += [_bonding(site, opening), *_lengths(site)]
    return sentences


def _bonding(site: SiteFacts, opening: str) -> str:
    if not site.neighbours:
        return f"{opening} is bonded to nothing."
    around = _listed([f"{count(number)} {symbol}" for symbol, number in site.neighbours.items()])
    atoms = "atom" if site.coordination == 1 else "atoms"
    if not site.body:
        geometry = _geometry(site)
        return f"{opening} is bonded in {geometry} to {around} {atoms}."
    distorted = "distorted " if site.likeness < 0.6 else ""
    formula, _, bodies = site.body.partition(" ")
    shares = [f"{shared} with {count(number)} {other}" for (shared, other), number in site.sharing.items()]
    sharing = f" that share {_listed(shares)}" if shares else ""
    return f"{opening} is bonded to {around} {atoms} to form {distorted}{formula} {bodies}{sharing}."


def _geometry(site: SiteFacts) -> str:
    if not site.geometry:
        return "an unknown geometry"
    distorted = "distorted " if site.likeness < 0.6 and site.geometry not in POLYHEDRA else ""
    words = f"{distorted}{site.geometry} geometry"
    article = "an" if words.startswith(("a", "e", "i", "o", "u", "8", "11-", "18")) else "a"
    return f"{article} {words}"


def _lengths(site: SiteFacts) -> list[str]:
    """A sentence for the bonds to each element."""
    sentences = []
    for symbol, lengths in site.lengths.items():
        pair = f"{site.element}–{symbol}"
        if lengths[-1] - lengths[0] < SAME_LENGTH:
            all_of = "The" if len(lengths) == 1 else "All"
            noun = "bond length is" if len(lengths) == 1 else "bond lengths are"
            sentences.append(f"{all_of} {pair} {noun} {lengths[0]:.2f} Å.")
            continue
        groups = _groups(lengths)
        if len(groups) == 2:
            short, long = groups
            sentences.append(
                f"There are {count(len(short))} shorter ({short[0]:.2f} Å) and {count(len(long))} longer "
                f"({long[0]:.2f} Å) {pair} bond lengths."
            )
        else:
            ends = f"{lengths[0]:.2f} to {lengths[-1]:.2f} Å"
            sentences.append(f"There is a spread of {pair} bond distances ranging from {ends}.")
    return sentences


def _groups(lengths: Sequence[float]) -> list[list[float]]:
    groups = [[lengths[0]]]
    for length in lengths[1:]:
        if length - groups[-1][0] < SAME_LENGTH:
            groups[-1].append(length)
        else:
            groups.append([length])
    return groups


def count(number: int) -> str:
    """A number as a word up to twelve."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def ordinal(number: int) -> str:
    """A place as a word up to tenth."""
    return ORDINALS[number - 1] if number <= len(ORDINALS) else f"{number}th"


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"
