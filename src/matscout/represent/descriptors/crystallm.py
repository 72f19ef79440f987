"""Atom vectors of the crystal language model CrystaLLM, 512 components.

L. M. Antunes et al., arXiv:2307.04340.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Crystallm(TableRepresentation):
    """Token embeddings learnt from CIF text."""

    title = "CrystaLLM"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("crystallm_v24c.dim512_atom_vectors.csv")
