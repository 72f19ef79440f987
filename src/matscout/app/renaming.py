"""Old names on the command line answer with the new one."""

from __future__ import annotations

from matscout.app.console import note


def note_new_name(model: str | None) -> None:
    """Tell somebody who names a model by an old name what it is called now."""
    if model:
        from matscout.predict.former_names import renamed_words

        if words := renamed_words(model):
            note(words)
