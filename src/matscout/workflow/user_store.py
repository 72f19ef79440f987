"""Where the finished work of this user is kept."""

from __future__ import annotations

from matscout.errors import UsageError
from matscout.store import Store
from matscout.workflow.places import refuse_unwritable


def user_store() -> Store | None:
    """Where this user's finished work is kept from run to run; None if nothing can be written there."""
    store = Store.of_user()
    try:
        refuse_unwritable(store.folder / "record")
    except UsageError:
        return None
    return store
