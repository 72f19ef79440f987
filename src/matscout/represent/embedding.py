"""``matscout.embed``: materials and the name of a representation in, vectors out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from matscout import registry
from matscout.data.given import Given, as_materials
from matscout.errors import UsageError
from matscout.represent.addresses import Address
from matscout.represent.base import Embedding, Representation, require_described
from matscout.represent.former_names import present_representation, renamed_representation
from matscout.represent.table_representation import PooledRepresentation


def embed(materials: Given, name: str, poolings: Sequence[str] | None = None) -> Embedding:
    """Turn materials into vectors by a representation.

    Parameters
    ----------
    materials
        n materials: formulas, a path, a frame, structures of pymatgen or ASE (:data:`matscout.data.given.Given`).
    name
        A representation of ``matscout representations``, e.g.  ``"magpie"`` or ``"elements=mat2vec"``, or a part of
        one, e.g. ``"composition-donor/properties"``, or one with weights of your own, e.g.
        ``"crystal-network=RUN/artefact"``.
    poolings
        For representations that pool element vectors: names of
        :data:`matscout.represent.pooling.POOLINGS`; None for the representation's own choice.

    Returns
    -------
    Vectors of the m materials that can be represented, and the reason for each that cannot.

    Raises
    ------
    InputError
        If a material cannot be read.
    UsageError
        If there is no such representation, or ``poolings`` are given to one that does not pool.

    Examples
    --------
    >>> embedding = embed(["Fe2O3", "GaAs"], "magpie")
    >>> embedding.vectors.shape
    (2, 132)
    """
    materials = as_materials(materials)
    if renamed := renamed_representation(name):
        warnings.warn(renamed, FutureWarning, stacklevel=2)
    if poolings is None:
        made = make_representation(name)
        require_described(materials, made, name)
        return made.represent(materials)
    maker = representation_class(name)
    if not issubclass(maker, PooledRepresentation):
        raise UsageError(f"{name} does not pool element vectors: omit poolings")
    settings = Address.parse(present_representation(name)).arguments(maker)
    pooled: PooledRepresentation = maker(**settings, poolings=tuple(poolings))
    return pooled.represent(materials)


def make_representation(address: str) -> Representation:
    """The representation of an :class:`~matscout.represent.addresses.Address`.

    Raises
    ------
    UsageError
        If there is no such representation, or it has no such part, or no weights.
    """
    maker = representation_class(address)
    return maker(**Address.parse(present_representation(address)).arguments(maker))


def representation_class(address: str) -> type[Representation]:
    """The class of what an address asks for, without making it.

    Raises
    ------
    UsageError
        If there is no such representation.
    """
    name = Address.parse(present_representation(address)).name
    representation: type[Representation] = registry.load_class("representations", name)
    return representation
