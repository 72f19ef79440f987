"""Learns the substitution model that comes with matscout, from crystals of the data folder (see ``MATSCOUT_DATA``).

    python scripts/make_substitution.py [FOLDER]

Writes ``spec.json``, ``weights.safetensors``, ``seen.npy`` and ``card.md`` to ``src/matscout/generate/weights/
substitution`` or to FOLDER. No crystal is stored: prototypes are averages over at least two formulas. Formulas of the
test sets MP-20 and MPTS-52, and six that tests ask for, are left out of everything. About half an hour of a core.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from jobs import CELLS
from known_crystals import KnownCrystals, as_given, known_crystals

from matscout.crystal.symmetrising import symmetrised
from matscout.data.compositions import Compositions
from matscout.data.formulas import parse_formula
from matscout.data.structures import Structures
from matscout.generate.templates.artefact import SHIPPED, ShippedSubstitution, write_substitution
from matscout.generate.templates.chemistry import SlotChemistry
from matscout.generate.templates.fitting import fit_on_averages, fit_on_pool
from matscout.generate.templates.pool import TemplatePool
from matscout.represent.seen import are_seen, marks

SOURCES = ("materials project", "mp-20 val", "mpts-52 val")
TESTS = ("mp-20 test", "mpts-52 test")
ASKED_IN_TESTS = ("NaCl", "CsCl", "SrTiO3", "ZnS", "MgAl2O4", "CaTiO3")
QUERIES = 12000
SMALL, SHARE_OF_SMALL = 20, 0.75
SYMPREC = 0.1
MEASURED = (
    "- Measured on 1,000 rows of MP-20 test (2-3 elements), first guess: 65.0 % match (62.0-68.0), RMSE 0.031. With "
    "all crystals of the pool as templates it is 73.8 % (71.0-76.5), RMSE 0.026: the averages lose 9 points. "
    "See benchmarks/results/structure_prediction.md.",
    "- These weights were made by the code of commit cc7f093a, which averaged crystals described from one origin only. "
    "The code of today lays crystals on one another first, so that the script makes more prototypes.",
)
"""What is known of the quality of the model that is in git."""


def main(folder: Path = SHIPPED) -> None:
    """Fit and write."""
    known = training_crystals()
    pool = TemplatePool.of(known.structures, known.space_groups)
    symmetric, queries = symmetrised(known.structures, SYMPREC), drawn_queries(known)
    averages, whole = fit_on_averages(pool, symmetric, queries), fit_on_pool(pool, queries)
    table = averages.source
    stored = ShippedSubstitution(table, averages.likeness, averages.volumes, averages.ranker, whole.ranker)  # type: ignore[arg-type]
    seen = np.unique(marks(pool.compositions))
    facts = {
        "crystals": len(known.rows),
        "formulas": len(seen),
        "prototypes": len(table),  # type: ignore[arg-type]
        "queries of the rankers": len(queries),
        "seed": 0,
    }
    write_substitution(stored, seen, facts, folder)
    (folder / "card.md").write_text(card(facts), encoding="utf-8")


def card(facts: Mapping[str, int]) -> str:
    """What the model is, what it has seen, and what it cannot do."""
    lines = [
        "# substitution",
        "",
        "Guesses the structure of a formula from known crystals with other elements "
        "(docs/explanation/structure-guesses.md).",
        "",
        "## Learnt from",
        "",
        *(f"- {name}: {number:,}" for name, number in facts.items()),
        "- Sources: crystals of the Materials Project (CC BY 4.0, an old release; `kdmsit/crysxpp`, MIT; at most 52 "
        "sites), validation sets of MP-20 and MPTS-52 (`SymmetryAdvantage/WyckoffTransformer`, Apache-2.0).",
        "- Left out, by reduced formula: the test sets of MP-20 (2-3 elements) and MPTS-52, and "
        f"{', '.join(ASKED_IN_TESTS)}. What was seen is in `seen.npy`.",
        "",
        "## What is stored",
        "",
        "- No crystal of a database. A prototype that at least two formulas have is the mean of 2 to 12 crystals: "
        "free coordinates, ratios of axes, volume over the predicted one, charges and radii by slot.",
        "- How often each element stands in each slot of it; similarities of elements; trees for volumes; trees "
        "that rank proposals of this table and of a pool of crystals.",
        "",
        "## Mind",
        "",
        "- Novelty of prototypes is 0 by construction: every guess has the structure of known crystals.",
        "- The order is that of what is usual. It knows no energies.",
        *MEASURED,
        "",
        "Written by `scripts/make_substitution.py`.",
        "",
    ]
    return "\n".join(lines)


def training_crystals() -> KnownCrystals:
    """Those of all sources whose formulas are in no test."""
    parts = [known_crystals(name, CELLS / "generation") for name in SOURCES]
    left_out = np.unique(np.concatenate([_marks(as_given(name)) for name in TESTS] + [_marks_of_names()]))
    kept = [part[np.flatnonzero(~are_seen(_marks(part.structures), left_out))] for part in parts]
    return KnownCrystals(
        Structures.joined([one.structures for one in kept]),
        np.concatenate([one.space_groups for one in kept]),
        np.concatenate([one.rows for one in kept]),
    )


def drawn_queries(known: KnownCrystals) -> np.ndarray:
    """Rows that the rankers learn from, most of them small."""
    random, small = np.random.default_rng(0), np.diff(known.structures.offsets) <= SMALL
    some = [
        random.permutation(np.flatnonzero(rows))[:count]
        for rows, count in ((small, int(SHARE_OF_SMALL * QUERIES)), (~small, int((1 - SHARE_OF_SMALL) * QUERIES)))
    ]
    return np.sort(np.concatenate(some))


def _marks(structures: Structures) -> np.ndarray:
    pairs = zip(structures.offsets[:-1], structures.offsets[1:], strict=True)
    numbers = [structures.atomic_numbers[start:stop].astype(np.int64) for start, stop in pairs]
    return marks(SlotChemistry.of([np.unique(one, return_counts=True) for one in numbers]).compositions)


def _marks_of_names() -> np.ndarray:
    return marks(Compositions.from_dicts([parse_formula(formula) for formula in ASKED_IN_TESTS]))


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
