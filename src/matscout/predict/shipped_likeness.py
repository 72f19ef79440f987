"""The model ``known-likeness`` that comes with matscout: likeness to materials that public databases list as made.

It has two parts, for compositions and for crystals, which learn from chemistry and structure. Where an energy above the
hull is known, half of the place by that is added to the place by these: learned together, the energy wins on materials
like those of the training data and loses on later ones (``benchmarks/results/synthesizability.md``).
``scripts/train_known_likeness.py`` trains the parts; no row of the data is kept, only marks of compositions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from matscout.data.elements import SYMBOLS
from matscout.data.json_texts import parse_json
from matscout.data.materials import Materials
from matscout.data.stated_digests import digest_of_file, require_digests, with_digests
from matscout.errors import ArtefactError
from matscout.predict.features import Features
from matscout.predict.likeness_learner import LikenessLearner
from matscout.predict.models.known_likeness import in_standard_cells
from matscout.predict.states import State, Stored
from matscout.represent.embeddings import Embeddings
from matscout.represent.seen import are_seen, marks, proportions

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FOLDER = Path(__file__).parent / "weights" / "known-likeness"
FORMAT = "matscout shipped known-likeness"
FILES = ("weights.safetensors", "seen.npy")
COMPOSITION, STRUCTURE = "composition", "structure"
FEWEST = 10
"""Known training materials with an element, below which the element counts as strange."""
HULL_WEIGHT = 0.5
"""Of the place by energy, beside 1 for the place by chemistry and structure."""


@dataclass(frozen=True, eq=False)
class Places(Stored):
    """Equally spaced quantiles [q] of scores of known and of unlabelled training rows."""

    known: Floats
    unlabelled: Floats

    @classmethod
    def of(cls, scores: Floats, known: Flags, n: int = 501) -> Places:
        """From the scores of rows [n], each by a fit that had not seen its chemical system."""
        grid = np.linspace(0.0, 1.0, n)
        return cls(np.quantile(scores[known], grid), np.quantile(scores[~known], grid))

    def among(self, scores: Floats) -> tuple[Floats, Floats]:
        """Shares of known, and of unlabelled rows with a lower score, ties counted half, [m] each."""
        return _share_below(self.known, scores), _share_below(self.unlabelled, scores)


def _share_below(quantiles: Floats, scores: Floats) -> Floats:
    below, upto = (np.searchsorted(quantiles, scores, side=side) for side in ("left", "right"))
    return np.asarray((below + upto) / (2.0 * len(quantiles)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class LikenessPart(Stored):
    """What scores compositions, or crystals.

    Parameters
    ----------
    features, learner
        Columns, and what has learned from them.
    alone
        Places by its score.
    energies
        Places by energy above the hull, as minus eV/atom.
    together
        Places by both, see :meth:`joined`.
    """

    features: Features
    learner: LikenessLearner
    alone: Places
    energies: Places
    together: Places

    def scores(self, materials: Materials) -> tuple[Floats, Flags]:
        """Scores 0 to 1, and which materials could be described, [m] each."""
        cells = in_standard_cells(materials, self.features.representations)
        matrix = self.features.transform(Embeddings(cells))
        return self.learner.score(matrix.vectors), matrix.represented


def joined(alone: Places, energies: Places, scores: Floats, above: Floats) -> Floats:
    """The place among unlabelled rows by score, and half of that by energy, as a number from 0 to 1, [m]."""
    _, chemistry = alone.among(scores)
    _, energy = energies.among(-above)
    return (chemistry + HULL_WEIGHT * energy) / (1.0 + HULL_WEIGHT)


@dataclass(frozen=True, eq=False)
class LikenessRanks:
    """Where m materials stand; NaN where nothing could be said.

    Parameters
    ----------
    score, percentile_known, percentile_unlabelled
        float64 [m], 0 to 1, with the energy above the hull where it is known.
    without_hull
        float64 [m], the percentile among unlabelled rows without it.
    by_composition
        float64 [m], that percentile by the composition alone, of what has a structure; NaN for others.
    parts
        text [m], what was used: ``"composition"``, ``"structure and hull"``, ...
    strange
        text [m], elements that (nearly) no known training material holds, with blanks between them; "" for none.
    usual
        bool [m], whether a training material has the same proportions, as doped ones do not.
    seen
        bool [m], whether the composition was in the training data.
    """

    score: Floats
    percentile_known: Floats
    percentile_unlabelled: Floats
    without_hull: Floats
    by_composition: Floats
    parts: NDArray[np.str_]
    strange: NDArray[np.str_]
    usual: Flags
    seen: Flags

    def __len__(self) -> int:
        return len(self.score)

    @property
    def in_domain(self) -> Flags:
        """Described, of elements that known materials hold, and of proportions that were learned from, [m]."""
        return np.asarray(np.isfinite(self.score) & (self.strange == "") & self.usual)


@dataclass(frozen=True, eq=False)
class ShippedLikeness:
    """The parts, and what they were trained on.

    Parameters
    ----------
    parts
        "composition" and "structure" -> part.
    element_counts
        int64 [118], known training materials with each element.
    patterns
        uint64 [P], ascending: marks of the proportions of the training rows.
    seen
        uint64 [N], ascending: marks of the compositions of all training rows.
    facts
        Data, measures and versions, as the card has them.
    digest
        SHA-256 of ``spec.json``.
    """

    parts: Mapping[str, LikenessPart]
    element_counts: NDArray[np.int64]
    patterns: NDArray[np.uint64]
    seen: NDArray[np.uint64]
    facts: Mapping[str, Any]
    digest: str = ""

    version: ClassVar[str] = "1"

    def rank(self, materials: Materials, above: Floats | None = None) -> LikenessRanks:
        """Where m materials stand, crystals by their structure, others by their composition.

        Parameters
        ----------
        materials
            Compounds.
        above
            float64 [m], energies above the hull, eV/atom; NaN or None where they are not known.
        """
        n = len(materials)
        energies = np.full(n, np.nan) if above is None else above
        columns, names = np.full((5, n), np.nan), np.full(n, "", dtype="U32")
        for name, own in ((COMPOSITION, ~materials.has_structure), (STRUCTURE, materials.has_structure)):
            rows = np.flatnonzero(own)
            if len(rows):
                columns[:4, rows] = self._columns(name, materials[rows], energies[rows])
            if len(rows) and name == STRUCTURE:
                columns[4, rows] = self._columns(COMPOSITION, materials[rows], np.full(len(rows), np.nan))[2]
            names[rows] = name
        names[np.isfinite(energies)] = np.strings.add(names[np.isfinite(energies)], " and hull")
        score, known, unlabelled, without, plain = columns
        strange = _strange(materials, self.element_counts < FEWEST)
        seen = are_seen(marks(materials.compositions), self.seen)
        usual = are_seen(proportions(materials.compositions), self.patterns)
        return LikenessRanks(score, known, unlabelled, without, plain, names, strange, usual, seen)

    def _columns(self, name: str, materials: Materials, energies: Floats) -> Floats:
        """Score, percentiles, and the percentile without energies, [4, k]."""
        part = self.parts[name]
        bare = replace(materials, structures=materials.structures if name == STRUCTURE else None, context={})
        scores, there = part.scores(bare)
        known, unlabelled = part.alone.among(scores)
        columns = np.array([scores, known, unlabelled, unlabelled])
        with_hull = np.flatnonzero(np.isfinite(energies))
        if len(with_hull):
            both = joined(part.alone, part.energies, scores[with_hull], energies[with_hull])
            columns[:3, with_hull] = both, *part.together.among(both)
        return np.where(there, columns, np.nan)

    def save(self, folder: Path) -> Path:
        """Write ``weights.safetensors``, ``seen.npy`` and ``spec.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        states = {name: part.state() for name, part in self.parts.items()}
        arrays = {f"{name}/{key}": array for name, state in states.items() for key, array in state.arrays.items()}
        arrays |= {"element_counts": self.element_counts, "patterns": self.patterns}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / FILES[0])
        np.save(folder / FILES[1], self.seen, allow_pickle=False)
        spec = {
            "format": FORMAT,
            "version": self.version,
            "parts": {name: dict(state.spec) for name, state in states.items()},
            "facts": dict(self.facts),
        }
        text = json.dumps(with_digests(spec, folder, *FILES), indent=1, ensure_ascii=False)
        (folder / "spec.json").write_text(text + "\n", encoding="utf-8")
        return folder


def _strange(materials: Materials, rare: Flags) -> NDArray[np.str_]:
    compositions = materials.compositions
    words = [""] * len(materials)
    owners = np.repeat(np.arange(len(materials)), np.diff(compositions.offsets))
    for owner, number in zip(owners.tolist(), compositions.elements.tolist(), strict=True):
        if rare[number - 1]:
            words[owner] = f"{words[owner]} {SYMBOLS[number - 1]}".strip()
    return np.array(words, dtype=np.str_)


def shipped_likeness() -> ShippedLikeness:
    """The model, read once.

    Raises
    ------
    ArtefactError
        If its files are missing or damaged.
    """
    return read_likeness(FOLDER)


@lru_cache(maxsize=2)
def read_likeness(folder: Path) -> ShippedLikeness:
    """The model that :meth:`ShippedLikeness.save` wrote; errors as :func:`shipped_likeness`."""
    if not (folder / "spec.json").is_file():
        raise ArtefactError(f"{folder} holds no model of likeness: a released matscout has it")
    spec = dict(parse_json((folder / "spec.json").read_text(encoding="utf-8")))
    if spec.get("format") != FORMAT:
        raise ArtefactError(f"{folder} holds {str(spec.get('format'))[:80]!r}, expected {FORMAT!r}")
    require_digests(spec, folder, *FILES)
    arrays = load_file(folder / FILES[0])
    parts = {name: LikenessPart.from_state(_state(name, spec["parts"][name], arrays)) for name in spec["parts"]}
    seen = np.load(folder / FILES[1], allow_pickle=False)
    own = (arrays["element_counts"], arrays["patterns"], seen)
    return ShippedLikeness(parts, *own, spec["facts"], digest_of_file(folder / "spec.json"))


def _state(name: str, spec: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> State:
    start = f"{name}/"
    return State(spec, {key.removeprefix(start): one for key, one in arrays.items() if key.startswith(start)})
