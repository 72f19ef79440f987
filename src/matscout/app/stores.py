"""Where finished work is kept from run to run, with a note where nothing can be kept."""

from __future__ import annotations

from pathlib import Path

from matscout.app.console import note


def result_cache() -> Path | None:
    """Folder of finished fits and stages, so that a run that was stopped goes on where it was.

    None, with a note on standard error, if nothing can be written there.
    """
    from matscout.store import Store
    from matscout.workflow.user_store import user_store

    store = user_store()
    if store is None:
        folder = Store.of_user().folder
        note(f"finished fits are not kept, since nothing can be written into {folder}; a stopped run will start anew")
    return None if store is None else store.folder


def note_lost_vectors(cache: bool) -> None:
    """Say so if vectors should be kept for the next run and cannot."""
    from matscout.store import Store
    from matscout.workflow.user_store import user_store

    if cache and user_store() is None:
        note(f"vectors are not kept for the next run, since nothing can be written into {Store.of_user().folder}")
