"""Reading with progress on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.app.console import note, progress_display, show_reading

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.data.sources import Source
    from matscout.workflow.collections import Collection
    from matscout.workflow.label_settings import LabelSettings, MaterialSettings


def load(reading: MaterialSettings, path: Path) -> Source:
    """A file or folder, loaded once for what is read of it in several ways."""
    with progress_display() as progress:
        return reading.load(path, progress)


def read_labels(reading: LabelSettings, source: Path | Source) -> Dataset:
    """Labelled rows of a file or folder."""
    with progress_display() as progress:
        return reading.read_labels(source, progress)


def read_materials(
    reading: MaterialSettings,
    source: Path | Source | list[str],
    context: tuple[str, ...] = (),
    context_units: Mapping[str, str] | None = None,
) -> Dataset:
    """Materials of a file or folder, or formulas."""
    with progress_display() as progress:
        return reading.read_materials(source, context, context_units, progress)


def open_collection(reading: MaterialSettings, source: Path, size: int | None = None) -> Collection:
    """A file, folder or archive of materials to be read part by part, and what is said of it; ``size`` of a part."""
    from matscout.represent.streaming.parts import SIZE
    from matscout.workflow.collections import collection_of

    with progress_display() as progress:
        collection = collection_of(source, reading, progress, size or SIZE)
    if collection.remark:
        note(collection.remark)
    if collection.dataset is not None:
        show_reading(collection.dataset)
    return collection
