"""The best arrangements of defects on the sites of a host, each once by symmetry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.defects.readings import arrangements
from matscout.data.given import Given
from matscout.data.materials import Materials
from matscout.data.read_only import lock
from matscout.errors import UsageError
from matscout.generate.arrangements.arrange_settings import ArrangeSettings
from matscout.generate.arrangements.arrangement_energy import ArrangementEnergy, SiteProblem
from matscout.generate.arrangements.exhaustive import best_of_all, number_of_arrangements
from matscout.generate.arrangements.host_sites import HostSites
from matscout.generate.arrangements.pair_energies import PairEnergies
from matscout.generate.arrangements.ranked_arrangements import RankedArrangements
from matscout.generate.arrangements.swapping import LOWEST, anneal, tabu
from matscout.predict.model import Model
from matscout.progress import Progress, in_notebooks, silent
from matscout.shown import ShownTable

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEW = 2_000_000
"""Arrangements that take seconds to go through."""

KEPT = 20_000
"""Arrangements of which symmetry leaves fewer, when all are gone through."""

BOLTZMANN = 8.617333262e-5
"""eV/K (CODATA 2018)."""

EQUAL = 1e-7
"""eV; energies that differ less are those of one arrangement seen twice, or as good."""

HOTTEST, COLDEST, SWEEPS = 1.0, 0.02, 200
"""Annealing cools from the spread of the changes of energy by one exchange to a fiftieth of it, in so many sweeps."""

AT_ONCE = 50
"""Restarts between two reports of progress."""


@dataclass(frozen=True, eq=False, repr=False)
class BestArrangements(ShownTable):
    """m arrangements that differ by symmetry, the best one first.

    Parameters
    ----------
    materials
        The arrangements, as point defects, with their structures (atoms where the host has them).
    energies
        float64 [m], in ``unit``.
    multiplicities
        int64 [m], how many arrangements of the supercell are the same by symmetry.
    populations
        float64 [m], how often each occurs in equilibrium for one occurrence of the lowest of those reported, all that
        are the same by symmetry counted together.
    unit
        Of the energies.
    n_all
        Arrangements of the supercell, symmetry not counted.
    is_exact
        Whether all were gone through; else better ones may exist.
    times_found
        How many of the restarts ended at the best arrangement; 0 where all were gone through.
    restarts
        How many there were.
    """

    materials: Materials
    energies: Floats
    multiplicities: Integers
    populations: Floats
    unit: str
    n_all: int
    is_exact: bool
    times_found: int = 0
    restarts: int = 0

    def __post_init__(self) -> None:
        lock(self)

    def __len__(self) -> int:
        return len(self.energies)

    @property
    def trust(self) -> str:
        """Whether the best is the best there is."""
        if self.is_exact:
            return f"all {self.n_all:,} arrangements were gone through"
        share = f"{self.times_found} of {self.restarts} searches ended at the best one"
        doubt = "" if self.times_found > 1 else "; better ones may exist: use more --restarts or --moves"
        return f"{self.n_all:.1e} arrangements are possible; {share}{doubt}"

    def in_a_line(self) -> str:
        """How many, how good, and how sure."""
        best = f", best {self.energies[0]:.4g} {self.unit}" if len(self) else ""
        return f"{counted(len(self), 'arrangement')}{best}; {self.trust}"

    def to_frame(self) -> polars.DataFrame:
        """A row for each arrangement, which :func:`matscout.read_defects` and ``predict`` read."""
        import polars

        from matscout.data.defects.tables import frame_of

        assert self.materials.defects is not None
        frame = frame_of(self.materials.defects, self.materials.ids.tolist())
        lowest = self.energies.min(initial=np.inf)
        return frame.with_columns(
            polars.Series(f"energy ({self.unit})", self.energies),
            polars.Series(f"above the lowest ({self.unit})", self.energies - lowest),
            polars.Series("multiplicity", self.multiplicities),
            polars.Series("population, the lowest = 1", self.populations),
        )


def arranged(
    sites: HostSites, energies: PairEnergies, settings: ArrangeSettings, progress: Progress = silent
) -> BestArrangements:
    """Search the best arrangements.

    Parameters
    ----------
    sites
        The host, and what is put on its sites.
    energies
        What defects cost alone and in pairs.
    settings
        How.
    progress
        Told how many restarts are done.

    Raises
    ------
    UsageError
        If an energy is not known, the supercell is too small, or there are too many arrangements to go through all.
    """
    energy = sites.energy(energies)
    n_all = number_of_arrangements(sites.start, sites.sublattices)
    goes_through = settings.method == "all" or (settings.method == "auto" and n_all <= FEW)
    if settings.method == "all" and n_all > 100 * FEW:
        raise UsageError(f"there are {n_all:.1e} arrangements, too many to go through: use --method tabu")
    problem = _problem(sites, energy, settings)
    if goes_through:
        progress("all arrangements", 0, 1)
        states = best_of_all(problem, KEPT)[0]
        progress("all arrangements", 1, 1)
    else:
        states = _searched(problem, settings, progress)
    return _distinct(sites, energy, states, settings, (energies.unit, n_all, goes_through))


def _problem(sites: HostSites, energy: ArrangementEnergy, settings: ArrangeSettings) -> SiteProblem:
    """With the sign turned where the highest energy is wanted."""
    sign = -1.0 if settings.goal == "highest" else 1.0
    target = LOWEST if settings.target is None else settings.target
    return SiteProblem(sign * energy.fields, sign * energy.couplings, sites.start, sites.sublattices, target)


def _searched(problem: SiteProblem, settings: ArrangeSettings, progress: Progress) -> Integers:
    rng = np.random.default_rng(settings.seed)
    parts, done = [], 0
    betas = _betas(problem, rng) if settings.method == "anneal" else np.zeros(0)
    while done < settings.restarts:
        number = min(AT_ONCE, settings.restarts - done)
        if settings.method == "anneal":
            parts.append(anneal(problem, betas, number, rng))
        else:
            parts.append(tabu(problem, settings.moves, number, rng))
        done += number
        progress("searches", done, settings.restarts)
    return np.concatenate(parts)


def _betas(problem: SiteProblem, rng: np.random.Generator) -> Floats:
    """From hot to cold, in units that fit the energies."""
    ends = anneal(problem, np.zeros(1), 20, rng)
    energy = ArrangementEnergy(problem.fields, problem.couplings)
    random = np.array([rng.permutation(problem.start) for _ in range(200)])
    spread = float(np.std(energy.of(random))) or float(np.ptp(energy.of(ends))) or 1.0
    return np.geomspace(1 / (HOTTEST * spread), 1 / (COLDEST * spread), SWEEPS)


def _distinct(
    sites: HostSites,
    energy: ArrangementEnergy,
    states: Integers,
    settings: ArrangeSettings,
    facts: tuple[str, int, bool],
) -> BestArrangements:
    """The best arrangements, each once by symmetry, with their multiplicities."""
    unit, n_all, is_exact = facts
    ranked = RankedArrangements(_problem(sites, energy, settings), sites.permutations, settings.best)
    ranked.add(states)
    if not is_exact:
        ranked.expand()
    kept = ranked.states
    values = energy.of(kept)
    merits = _merits(energy.of(states), settings)
    return BestArrangements(
        _materials(sites, kept),
        values,
        ranked.multiplicities,
        _populations(values, ranked.multiplicities, settings.temperature),
        unit,
        n_all,
        is_exact,
        0 if is_exact else int((merits <= merits.min() + EQUAL).sum()),
        0 if is_exact else settings.restarts,
    )


def _merits(energies: Floats, settings: ArrangeSettings) -> Floats:
    """What is small for the best, [m]."""
    if settings.target is not None:
        return np.abs(energies - settings.target)
    return -energies if settings.goal == "highest" else energies


def _populations(energies: Floats, multiplicities: Integers, temperature: float) -> Floats:
    """By Boltzmann's law."""
    if not len(energies):
        return np.zeros(0)
    lowest = int(energies.argmin())
    factors = np.exp(-(energies - energies[lowest]) / (BOLTZMANN * temperature))
    return np.asarray(factors * multiplicities / multiplicities[lowest])


def _materials(sites: HostSites, states: Integers) -> Materials:
    defects = sites.defects(states)
    names = np.array([str(place) for place in range(1, len(states) + 1)], dtype=np.str_)
    return arrangements(names, defects, defects.structures())


def arrange(
    host: Given,
    supercell: str | Sequence[int],
    defects: str,
    energies: str | Path | PairEnergies | Model,
    *,
    progress: Progress = in_notebooks,
    **settings: Any,
) -> BestArrangements:
    """The best arrangements of defects in a supercell: which sites to replace.

    Numbers of defects are kept: sites exchange what they hold.

    Parameters
    ----------
    host
        The crystal without defects: a structure file, a structure of pymatgen or ASE.
    supercell
        ``"6,6,1"``, three whole numbers, or nine.
    defects
        What replaces what, and how often: ``"S->Se:6"``, ``"Se(S):6, v(Mo):1"``.
    energies
        What defects cost alone and in pairs: a fitted model ``defect-pairs`` or its folder, a JSON file
        (:func:`~matscout.generate.arrangements.pair_tables.read_pair_energies`), or an object.
    progress
        Called with the name of the step and the amount that is done.
    settings
        Those of :class:`~matscout.generate.arrangements.arrange_settings.ArrangeSettings`, e.g. ``goal="highest"``.

    Raises
    ------
    UsageError
        If a setting is unknown, defects do not fit the host, or an energy is not known.
    InputError
        If a file cannot be read.
    """
    from matscout.crystal.defects.reading import host_crystal
    from matscout.generate.arrangements.energy_sources import pair_energies
    from matscout.generate.arrangements.replacements import parse_replacements, supercell_matrix
    from matscout.settings.checking import check_settings

    asked = check_settings(ArrangeSettings, settings, "arrange")
    crystal = host_crystal(host)
    sites = HostSites.of(crystal, supercell_matrix(supercell), parse_replacements(defects))
    return arranged(sites, pair_energies(energies, crystal), asked, progress)
