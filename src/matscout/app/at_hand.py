"""Whether a representation that is named can be used."""

from __future__ import annotations

from matscout.errors import UsageError


def representation_at_hand(name: str) -> str:
    """The name of a representation, or of a part of one, or of one with weights, itself.

    Raises
    ------
    UsageError
        If there is no such representation, or something must be installed first.
    """
    from matscout.app.console import note
    from matscout.represent.addresses import Address
    from matscout.represent.embedding import make_representation, representation_class
    from matscout.represent.former_names import present_representation, renamed_representation

    if renamed := renamed_representation(name):
        note(renamed)
    asked = Address.parse(present_representation(name))
    maker = representation_class(name)
    if asked.weights:
        make_representation(name)
    elif missing := maker.missing():
        raise UsageError(f"{asked.name} needs {missing}")
    return name
