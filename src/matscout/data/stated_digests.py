"""Digests (SHA-256) by which a folder of several files says what belongs to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matscout.errors import ArtefactError

SPEC = "spec.json"
"""The file that holds the digests, under "sha256"; its own is that of all the rest of it."""


def digest_of_file(path: Path) -> str:
    """Of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_spec(spec: Mapping[str, Any]) -> str:
    """Of JSON values but for their digests, however they are laid out in the file."""
    rest = {name: value for name, value in spec.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def with_digests(spec: Mapping[str, Any], folder: Path, *names: str) -> dict[str, Any]:
    """The spec with its own digest and those of files beside it."""
    return {**spec, "sha256": {SPEC: digest_of_spec(spec), **{name: digest_of_file(folder / name) for name in names}}}


def require_digests(spec: Mapping[str, Any], folder: Path, *names: str) -> None:
    """Compare the digests that are stated with what is there; older artefacts state none, or not all.

    Raises
    ------
    ArtefactError
        If one differs, a file is missing, or digests are stated of other files than :data:`SPEC` and ``names``.
    """
    stated = spec.get("sha256", {})
    if not isinstance(stated, dict) or not set(stated) <= {SPEC, *names}:
        raise ArtefactError(f"{folder / SPEC} is damaged: its digests do not match {', '.join(names)}")
    for name, digest in stated.items():
        if not (folder / name).is_file():
            raise ArtefactError(f"{folder} is damaged: {name} is missing; copy the whole folder again")
        actual = digest_of_spec(spec) if name == SPEC else digest_of_file(folder / name)
        if actual != digest:
            raise ArtefactError(
                f"{folder / name} is damaged or another file: its SHA-256 is {actual[:12]}..., spec.json says "
                f"{str(digest)[:12]}...; copy the whole folder again"
            )
