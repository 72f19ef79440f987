"""Where finished work is kept from run to run, with a note where nothing can be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.app.console import note

if TYPE_CHECKING:
    from matscout.store import Store
    from matscout.workflow.running import WorkflowRun


def run_store() -> Store | None:
    """Where results of steps are kept, so that a run that was stopped goes on where it was.

    None, with a note on standard error, if nothing can be written there.
    """
    from matscout.store import Store
    from matscout.workflow.user_store import user_store

    store = user_store()
    if store is None:
        folder = Store.of_user().folder
        note(
            f"finished steps are not kept, since {folder} cannot be written to; a stopped run will start from the "
            "beginning"
        )
    return store


def note_stored_work(run: WorkflowRun) -> None:
    """Say how much of a run earlier ones have left, if anything."""
    from matscout.workflow.resuming import stored_work

    sentence = stored_work(run).sentence
    if sentence:
        note(sentence)


def note_lost_vectors(cache: bool) -> None:
    """Say so if vectors should be kept for the next run and cannot."""
    from matscout.store import Store
    from matscout.workflow.user_store import user_store

    if cache and user_store() is None:
        note(f"vectors are not kept for the next run, since {Store.of_user().folder} cannot be written to")
