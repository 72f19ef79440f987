"""Charges, cations and anions, bonding, electron counts, disorder and dopants: 57 numbers that chemists use.

Oxidation states are guessed (see :mod:`matscout.crystal.oxidation`). Ionic character, electronegativity difference
and band centre are defined as in matminer's ``IonProperty``, ``ElectronegativityDiff`` and ``BandCenter``. Where there
are no anions (a metal), the most electronegative element stands in for them and the rest for the cations, so that
every column is defined; ``share metallic`` tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.oxidation import OxidationStates, guess_oxidation_states, ionic_radii
from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation
from matscout.represent.segments import FloatArray, Mask, Segments
from matscout.represent.table_representation import remark_blanks

Columns = dict[str, FloatArray]

DOPANT_FRACTION = 0.05
"""An element with a smaller atomic fraction counts as a dopant, provided that another one has a larger fraction."""


_DECIMALS = 9
"""Decisions are taken on rounded numbers, so that Fe2O3 and Fe4O6 cannot differ by a rounding error."""


@dataclass(frozen=True, eq=False)
class _Ions:
    """Everything the statistics need, per entry of the compositions."""

    compositions: Compositions

    @cached_property
    def segments(self) -> Segments:
        return Segments(self.compositions)

    @cached_property
    def guess(self) -> OxidationStates:
        return guess_oxidation_states(self.compositions)

    @cached_property
    def radius(self) -> FloatArray:
        return ionic_radii(self.compositions, self.guess.states)

    def property(self, name: str) -> FloatArray:
        """A column of the table ``elements``, per entry."""
        return np.asarray(own_table("elements").column(name)[self.compositions.elements.astype(np.intp) - 1])

    @cached_property
    def electronegativity(self) -> FloatArray:
        return self.property("electronegativity")

    @cached_property
    def all(self) -> Mask:
        return np.ones(len(self.compositions.elements), dtype=np.bool_)

    @cached_property
    def anions(self) -> Mask:
        """Negative entries, or the most electronegative one where there are none."""
        negative = self.guess.states < 0
        known = np.nan_to_num(self.electronegativity)
        top = known == self.segments.spread(self.segments.maximum(known))
        return np.where(self.segments.spread(self.segments.any(negative)), negative, top)

    @cached_property
    def cations(self) -> Mask:
        """Positive entries, or all that are no anions where there are none, or the only element."""
        positive = self.guess.states > 0
        others = np.where(self.segments.spread(self.segments.any(~self.anions)), ~self.anions, self.anions)
        return np.where(self.segments.spread(self.segments.any(positive)), positive, others)

    @cached_property
    def dopants(self) -> Mask:
        fractions = np.round(self.compositions.fractions, _DECIMALS)
        return (fractions < DOPANT_FRACTION) & (fractions < self.segments.spread(self.segments.maximum(fractions)))

    @cached_property
    def electrons(self) -> FloatArray:
        """Valence electrons: the group number, less ten from group 13 on; three for lanthanides and actinides."""
        group = self.property("group")
        return np.where(group > 12, group - 10, group)


def _charges(ions: _Ions) -> Columns:
    segments, states = ions.segments, ions.guess.states
    return {
        "minimum oxidation state": segments.minimum(states),
        "maximum oxidation state": segments.maximum(states),
        "range oxidation state": segments.maximum(states) - segments.minimum(states),
        "std_dev oxidation state": segments.std_dev(states, ions.all),
        "mean absolute oxidation state": segments.mean(np.abs(states), ions.all),
        "remaining charge per atom": ions.guess.charge,
        "absolute remaining charge per atom": np.abs(ions.guess.charge),
        "cost of the oxidation states": ions.guess.cost,
        "share metallic": segments.share(states == 0),
    }


def _sublattices(ions: _Ions) -> Columns:
    """Cations and anions apart: their means, and the disorder among themselves."""
    columns: Columns = {}
    quantities = {
        "electronegativity": ions.electronegativity,
        "ionic radius (Å)": ions.radius,
        "atomic mass (u)": ions.property("atomic mass (u)"),
    }
    for name, chosen in (("cation", ions.cations), ("anion", ions.anions)):
        columns[f"{name} share"] = ions.segments.share(chosen)
        columns[f"{name} number"] = ions.segments.sum(chosen)
        columns[f"{name} mixing entropy"] = ions.segments.entropy(chosen)
        columns[f"{name} mean oxidation state"] = ions.segments.mean(ions.guess.states, chosen)
        for quantity, values in quantities.items():
            columns[f"{name} mean {quantity}"] = ions.segments.mean(values, chosen)
            columns[f"{name} std_dev {quantity}"] = ions.segments.std_dev(values, chosen)
    return columns


def _differences(ions: _Ions) -> Columns:
    """Cations against anions; the first five are matminer's ElectronegativityDiff with a population std_dev."""
    segments = ions.segments
    anion_mean = segments.spread(segments.mean(ions.electronegativity, ions.anions))
    difference = anion_mean - ions.electronegativity
    lowest = segments.minimum(np.where(ions.cations, difference, np.inf))
    highest = segments.maximum(np.where(ions.cations, difference, -np.inf))
    radius_ratio = segments.mean(ions.radius, ions.cations) / segments.mean(ions.radius, ions.anions)
    return {
        "minimum electronegativity difference": lowest,
        "maximum electronegativity difference": highest,
        "range electronegativity difference": highest - lowest,
        "mean electronegativity difference": segments.mean(difference, ions.cations),
        "std_dev electronegativity difference": segments.std_dev(difference, ions.cations),
        "radius ratio cation to anion": radius_ratio,
        "cation mean charge over radius (1/Å)": segments.mean(ions.guess.states / ions.radius, ions.cations),
        "cation mean ionization energy (eV)": segments.mean(ions.property("ionization energy (eV)"), ions.cations),
        "anion mean electron affinity (eV)": segments.mean(ions.property("electron affinity (eV)"), ions.anions),
    }


def _bonding(ions: _Ions) -> Columns:
    """Pauling's ionic character 1 - exp(-(X_a - X_b)^2 / 4) over all pairs, and the Mulliken level of the solid."""
    segments, fractions = ions.segments, ions.compositions.fractions
    strongest = segments.maximum(ions.electronegativity) - segments.minimum(ions.electronegativity)
    ionization, affinity = ions.property("ionization energy (eV)"), ions.property("electron affinity (eV)")
    mulliken = (ionization + affinity) / 2
    return {
        "maximum ionic character": 1 - np.exp(-0.25 * strongest**2),
        "mean ionic character": _mean_ionic_character(ions.compositions, ions.electronegativity),
        "band centre (eV)": np.exp(segments.sum(fractions * np.log(mulliken))),
        "mean hardness (eV)": segments.mean((ionization - affinity) / 2, ions.all),
    }


def _mean_ionic_character(compositions: Compositions, electronegativity: FloatArray) -> FloatArray:
    """Sum of x_a x_b (1 - exp(-(X_a - X_b)^2 / 4)) over pairs of elements a < b, [n]."""
    result = np.zeros(len(compositions))
    offsets, lengths = compositions.offsets[:-1], compositions.lengths
    longest = int(lengths.max(initial=0))
    for first in range(longest):
        for second in range(first + 1, longest):
            rows = np.flatnonzero(lengths > second)
            a, b = offsets[rows] + first, offsets[rows] + second
            character = 1 - np.exp(-0.25 * (electronegativity[a] - electronegativity[b]) ** 2)
            result[rows] += compositions.fractions[a] * compositions.fractions[b] * character
    return result


def _electrons(ions: _Ions) -> Columns:
    """Electron counts behind the 8-N and 18-electron rules, open d shells and lone pairs."""
    segments, states = ions.segments, ions.guess.states
    group, f_block = ions.property("group"), ions.property("lanthanide or actinide") == 1
    transition = (group > 2) & (group < 13) & ~f_block
    bonding = np.where(group == 11, 1.0, np.where(group == 12, 2.0, ions.electrons))
    d_electrons = np.where(transition & (states > 0), np.clip(group - states, 0, 10), 0.0)
    lone_pair = (group > 12) & (states > 0) & (states == group - 12)
    return {
        "mean valence electrons": segments.mean(ions.electrons, ions.all),
        "std_dev valence electrons": segments.std_dev(ions.electrons, ions.all),
        "valence electrons per anion": segments.mean(bonding, ions.all) / segments.share(ions.anions),
        "mean d electrons of cations": segments.mean(d_electrons, ions.all),
        "share of transition metals": segments.share(transition),
        "share of lanthanides and actinides": segments.share(f_block),
        "share of cations with a lone pair": segments.share(lone_pair),
    }


def _disorder(ions: _Ions) -> Columns:
    """How mixed the whole composition is; variances are of the relative deviation, as in phonon scattering."""
    segments, fractions = ions.segments, ions.compositions.fractions
    mass, radius = ions.property("atomic mass (u)"), ions.property("covalent radius (Å)")
    mean_mass, mean_radius = segments.mean(mass, ions.all), segments.mean(radius, ions.all)
    return {
        "number of elements": ions.compositions.lengths.astype(np.float64),
        "mixing entropy": segments.entropy(ions.all),
        "largest fraction": segments.maximum(fractions),
        "mass variance": (segments.std_dev(mass, ions.all) / mean_mass) ** 2,
        "radius mismatch": segments.std_dev(radius, ions.all) / mean_radius,
        "electronegativity mismatch": segments.std_dev(ions.electronegativity, ions.all),
    }


def _dopants(ions: _Ions) -> Columns:
    """Elements below :data:`DOPANT_FRACTION` against the host element that they most probably replace.

    Both columns go to zero with the doping, so that a doped sample stays close to its host. Differences of size, mass
    and charge between dopant and host were tried and left out: they made forests on the 300 K thermoelectrics worse.
    """
    dopants, electrons = ions.dopants, ions.electrons
    added = ions.compositions.fractions * (electrons - electrons[_replaced_hosts(ions)])
    return {
        "dopant share": ions.segments.share(dopants),
        "electrons added by dopants per atom": ions.segments.sum(np.where(dopants, added, 0.0)),
    }


def _replaced_hosts(ions: _Ions) -> NDArray[np.intp]:
    """For each dopant the host entry that it most resembles (sign of the charge first, then radius), else itself."""
    compositions, signs = ions.compositions, np.sign(ions.guess.states)
    replaced = np.arange(len(signs))
    entries = np.flatnonzero(ions.dopants)
    first, lengths = (array[compositions.rows[entries]] for array in (compositions.offsets, compositions.lengths))
    lowest = np.full(len(entries), np.inf)
    for position in range(int(lengths.max(initial=0))):
        host = first + np.minimum(position, lengths - 1)
        misfit = np.round(np.abs(np.nan_to_num(ions.radius[host] - ions.radius[entries])), _DECIMALS)
        misfit += 100.0 * (signs[host] != signs[entries])
        better = ~ions.dopants[host] & (misfit < lowest)
        lowest[better] = misfit[better]
        replaced[entries[better]] = host[better]
    return replaced


_SECTIONS: tuple[Callable[[_Ions], Columns], ...] = (
    _charges,
    _sublattices,
    _differences,
    _bonding,
    _electrons,
    _disorder,
    _dopants,
)


def _all_columns(compositions: Compositions) -> Columns:
    ions = _Ions(compositions)
    return {name: values for section in _SECTIONS for name, values in section(ions).items()}


@cache
def _names() -> tuple[str, ...]:
    return tuple(_all_columns(Compositions.from_dicts([{"Na": 1.0, "Cl": 1.0}])))


class Ionic(Representation):
    """Statistics of guessed ions, electron counts, disorder and doping, from the composition alone."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names with units; cation and anion columns are weighted by fraction, those of dopants are 0 without any."""
        return _names()

    def represent(self, materials: Materials) -> Embedding:
        """All elements are known; blanks of their table (noble gases, the heaviest elements) give NaN, reported."""
        rows = np.arange(len(materials))
        if not len(materials):
            return Embedding(np.empty((0, self.dim)), rows, self.columns)
        vectors = np.stack(list(_all_columns(materials.compositions).values()), axis=1)
        return Embedding(
            vectors, rows, self.columns, tuple(remark_blanks(materials, rows, own_table("elements"), "ionic"))
        )
