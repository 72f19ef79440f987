"""What every encoder of crystals must do, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.core import Lattice, Structure

from matscout.testing.crystals_at_hand import FLUORITE, batch_of, random_structures, store_of
from matscout.testing.trainable import LEARNT, WIDTH, TrainableContract, again, encoder_called, lowest_loss

if TYPE_CHECKING:
    from matscout.represent.crystal_batches import CrystalBatch
    from matscout.represent.trainable import Encoder

Vectors = NDArray[np.float32]


def encode(encoder: Encoder, batch: CrystalBatch) -> Vectors:
    """The vectors of a batch."""
    import torch

    with torch.inference_mode():
        return np.asarray(encoder(batch).crystal.numpy(), dtype=np.float32)


def vectors(encoder: Encoder, structures: list[Structure]) -> Vectors:
    """Of crystals, in one batch."""
    return encode(encoder, batch_of(structures))


def changed(structure: Structure, rng: np.random.Generator) -> Structure:
    """The same crystal turned, moved and renumbered."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    order = rng.permutation(len(structure))
    moved = structure.frac_coords[order] + rng.random(3)
    return Structure(structure.lattice.matrix @ turn, [structure.species[i] for i in order], moved)


class CrystalEncoderContract(TrainableContract):
    """Turning, moving, renumbering and supercells change nothing; it learns."""

    family = "encoders"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """Encoders of crystals only."""
        return bool(plug_in.needs == "structure")

    def test_one_vector_for_each_crystal_and_each_distinct_site(self, name: str) -> None:
        import torch

        batch = batch_of([FLUORITE, *random_structures(5)])
        output = encoder_called(name)(batch)
        assert output.crystal.shape == (6, WIDTH)
        assert output.crystal.dtype == torch.float32
        assert output.crystal.isfinite().all()
        if output.sites is not None:
            assert len(output.sites) == len(batch.row_species)

    def test_turning_moving_and_renumbering_change_nothing(self, name: str) -> None:
        encoder, given, rng = encoder_called(name), random_structures(6), np.random.default_rng(0)
        others = [changed(structure, rng) for structure in given]
        np.testing.assert_allclose(vectors(encoder, others), vectors(encoder, given), atol=1e-5)

    def test_a_supercell_is_the_crystal(self, name: str) -> None:
        encoder = encoder_called(name)
        given = [*random_structures(6), FLUORITE.get_primitive_structure()]
        larger = [*(structure * (2, 1, 1) for structure in given[:-1]), FLUORITE]
        np.testing.assert_allclose(vectors(encoder, larger), vectors(encoder, given), atol=1e-5)

    def test_sites_that_are_alike_may_be_computed_once_or_each(self, name: str) -> None:
        encoder = encoder_called(name)
        given = [*random_structures(4), FLUORITE, FLUORITE * (1, 1, 2)]
        each = encode(encoder, store_of(given, merged=False).batch(np.arange(6)))
        np.testing.assert_allclose(each, vectors(encoder, given), atol=1e-5)

    def test_the_rest_of_the_batch_and_its_order_do_not_matter(self, name: str) -> None:
        encoder, given = encoder_called(name), random_structures(8)
        whole = vectors(encoder, given)
        for row in (0, 5):
            np.testing.assert_allclose(vectors(encoder, [given[row]])[0], whole[row], atol=1e-5)
        turned = encode(encoder, store_of(given).batch(np.arange(8)[::-1].copy()))
        np.testing.assert_allclose(turned[::-1], whole, atol=1e-5)

    def test_elements_and_distances_are_seen(self, name: str) -> None:
        encoder = encoder_called(name)
        magnesium = FLUORITE.copy()
        magnesium.replace_species({"Ca": "Mg"})
        stretched = Structure(Lattice.cubic(5.7), FLUORITE.species, FLUORITE.frac_coords)
        encoded = vectors(encoder, [FLUORITE, magnesium, stretched])
        other_elements, other_distances = np.abs(encoded[1:] - encoded[0]).max(axis=1)
        assert other_distances > 1e-3
        assert other_elements > 1e-3 if encoder.sees_elements else other_elements < 1e-6

    def test_settings_and_weights_make_the_same_encoder_again(self, name: str) -> None:
        encoder, given = encoder_called(name), random_structures(4)
        other = again(encoder)
        np.testing.assert_array_equal(vectors(other, given), vectors(encoder, given))
        assert other.listed.tolist() == encoder.listed.tolist()

    def test_its_form_on_arrays_gives_the_same(self, name: str) -> None:
        """Where there is none, it encodes by torch; so it may be left out."""
        from matscout.represent.array_encoder import CrystalArrayEncoder
        from matscout.represent.artefact import array_form

        encoder, given = encoder_called(name), [*random_structures(8), FLUORITE, FLUORITE * (1, 1, 2)]
        on_arrays = array_form(encoder)
        assert isinstance(on_arrays, CrystalArrayEncoder)
        expected = vectors(encoder, given)
        np.testing.assert_allclose(on_arrays.encode(store_of(given)), expected, rtol=0, atol=1e-5 * abs(expected).max())
        assert on_arrays.listed.tolist() == encoder.listed.tolist()

    def test_32_random_labels_are_learnt_by_heart(self, name: str) -> None:
        import torch

        encoder = encoder_called(name)
        torch.manual_seed(0)
        head, batch, labels = torch.nn.Linear(WIDTH, 1), batch_of(random_structures(32)), torch.randn(32, 1)
        assert lowest_loss(encoder, head, batch, labels, rate=1e-3, steps=400) < LEARNT
