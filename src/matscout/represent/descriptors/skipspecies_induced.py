"""Like skipspecies, with the vectors of rare ions smoothed over similar ones (induced), 200 components.

A. Onwuli, K. T. Butler and A. Walsh, "Ionic species representations for materials informatics" (2024),
doi:10.26434/chemrxiv-2024-8621l; trained on structures of the Materials Project.
"""

from __future__ import annotations

from matscout.represent.species_representation import SpeciesRepresentation, SpeciesVectors, species_vectors


class SkipSpeciesInduced(SpeciesRepresentation):
    """336 ions of 83 elements."""

    title = "SkipSpeciesInduced"

    @staticmethod
    def source() -> SpeciesVectors:
        """From the installed package ElementEmbeddings."""
        return species_vectors("skipspecies_2022_10_28_induced_dim200.csv")
