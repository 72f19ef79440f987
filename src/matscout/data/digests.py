"""Digests of what is learned from and looked at, by which finished work is known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials

Columns = Mapping[str, "NDArray[np.generic] | None"]


def digest_of(dataset: Dataset) -> str:
    """SHA-256 of materials, groups and all targets (hexadecimal); not of ids and other columns."""
    columns: dict[str, NDArray[np.generic] | None] = {"groups": dataset.groups}
    about = []
    for name, target in dataset.targets.items():
        stated = [] if target.class_prior is None else [target.class_prior]
        about.append([name, target.unit, target.task, target.classes, target.scale, *stated])
        columns |= {f"{name} {part}": getattr(target, part) for part in ("values", "errors", "censored")}
    summary = f"{digest_of_materials(dataset.materials)} {json.dumps(about)}"
    return _digest(summary, columns)


def digest_of_materials(materials: Materials) -> str:
    """SHA-256 of formulas, compositions, structures and context, in their order (hexadecimal)."""
    columns: dict[str, NDArray[np.generic] | None] = {
        # As written, since there are representations that read them as text.
        "formulas": materials.formulas.astype(np.str_),
        "elements": materials.compositions.elements,
        "amounts": materials.compositions.amounts,
        "offsets": materials.compositions.offsets,
        **{f"context {name}": column for name, column in materials.context.items()},
    }
    if materials.structures is not None:
        columns |= {f"structures {name}": column for name, column in materials.structures.arrays.items()}
    if materials.reactions is not None:
        columns["reactions"] = materials.reactions.keys()
    if materials.defects is not None:
        columns |= {f"defects {name}": column for name, column in materials.defects.arrays.items()}
    return _digest("", columns)


def _digest(summary: str, columns: Columns) -> str:
    hashed = hashlib.sha256(summary.encode("utf-8"))
    for name, column in columns.items():
        if column is not None:
            hashed.update(f"{name} {column.dtype} {column.shape}".encode() + np.ascontiguousarray(column).tobytes())
    return hashed.hexdigest()
