from __future__ import annotations

import math

import numpy as np
import pytest

from matscout.crystal.oxidation import guess_oxidation_states
from matscout.data.elements import SYMBOLS
from matscout.represent.descriptors.ionic import Ionic

pytestmark = pytest.mark.filterwarnings("ignore")

IONIC_COMPOUNDS = (
    {"Na": 1.0, "Cl": 1.0},
    {"Ca": 1.0, "Co": 1.0, "S": 1.0, "O": 1.0},
    {"La": 0.9, "Sr": 0.1, "Mn": 1.0, "O": 3.0},
    {"Bi": 2.0, "Te": 2.7, "Se": 0.3},
    {"Li": 1.0, "Fe": 1.0, "P": 1.0, "O": 4.0},
)


@pytest.fixture
def describe(make_materials):
    def columns(amounts: dict[str, float]) -> dict[str, float]:
        embedding = Ionic().represent(make_materials([amounts]))
        return dict(zip(embedding.columns, embedding.vectors[0].tolist(), strict=True))

    return columns


def with_states(materials):
    """The composition as pymatgen species, in the states that were guessed."""
    from pymatgen.core import Composition

    states = guess_oxidation_states(materials.compositions).states
    symbols = materials.compositions.to_dict(0)
    return Composition(
        {f"{s}{abs(q):.0f}{'-' if q < 0 else '+'}": x for (s, x), q in zip(symbols.items(), states, strict=True)}
    )


@pytest.mark.parametrize("amounts", IONIC_COMPOUNDS)
def test_electronegativity_difference_equals_matminer(amounts, matminer, make_materials, describe):
    composition = with_states(make_materials([amounts]))
    truth = matminer.ElectronegativityDiff().featurize(composition)
    ours = describe(amounts)
    for statistic, value in zip(("minimum", "maximum", "range", "mean"), truth, strict=False):
        assert ours[f"{statistic} electronegativity difference"] == pytest.approx(value, abs=1e-9)
    cations = np.array([amount for species, amount in composition.items() if species.oxi_state > 0])
    population = math.sqrt(1 - np.sum((cations / cations.sum()) ** 2)) if len(cations) > 1 else 1.0
    assert ours["std_dev electronegativity difference"] == pytest.approx(truth[4] * population, abs=1e-9)


@pytest.mark.parametrize("amounts", IONIC_COMPOUNDS)
def test_ionic_character_and_oxidation_states_equal_matminer(amounts, matminer, make_materials, describe):
    composition = with_states(make_materials([amounts]))
    _, strongest, mean = matminer.IonProperty(fast=True).featurize(composition)
    lowest, highest, span, _ = matminer.OxidationStates().featurize(composition)
    ours = describe(amounts)
    assert ours["maximum ionic character"] == pytest.approx(strongest, abs=1e-9)
    assert ours["mean ionic character"] == pytest.approx(mean, abs=1e-9)
    assert ours["minimum oxidation state"] == lowest
    assert ours["maximum oxidation state"] == highest
    assert ours["range oxidation state"] == span


def test_band_centre_is_near_matminers(matminer, describe):
    """Same definition, other atomic data: NIST here; there unbound anions (Cd, Zn) have an affinity of zero."""
    from pymatgen.core import Composition

    differences = [
        describe(amounts)["band centre (eV)"] - matminer.BandCenter(impute_nan=False).featurize(Composition(amounts))[0]
        for amounts in ({"Ti": 1.0, "O": 2.0}, {"Ga": 1.0, "As": 1.0}, {"In": 1.0, "P": 1.0}, {"Sr": 1.0, "O": 1.0})
    ]
    assert np.abs(differences).max() < 0.05


def test_sodium_in_lead_telluride_takes_the_place_of_lead(describe):
    """By hand: x(Na) = .01; Na has one valence electron, Pb four; states +1 and +2."""
    ours = describe({"Na": 0.02, "Pb": 0.98, "Te": 1.0})
    assert ours["dopant share"] == pytest.approx(0.01)
    assert ours["electrons added by dopants per atom"] == pytest.approx(-0.03)
    assert ours["remaining charge per atom"] == pytest.approx(-0.01)


def test_dopant_on_the_anion_site_is_compared_with_the_anion(describe):
    assert describe({"Pb": 1.0, "Te": 0.98, "I": 0.02})["electrons added by dopants per atom"] == pytest.approx(0.01)


def test_host_without_dopants_has_zeros(describe):
    ours = describe({"Bi": 2.0, "Te": 2.7, "Se": 0.3})
    assert [value for name, value in ours.items() if "dopant" in name] == [0.0, 0.0]


def test_electron_counts_of_textbook_rules(describe):
    assert describe({"Ga": 1.0, "As": 1.0})["valence electrons per anion"] == pytest.approx(8)
    assert describe({"Zn": 1.0, "S": 1.0})["valence electrons per anion"] == pytest.approx(8)
    assert describe({"Sn": 1.0, "Se": 1.0})["valence electrons per anion"] == pytest.approx(10)
    assert 3 * describe({"Zr": 1.0, "Ni": 1.0, "Sn": 1.0})["mean valence electrons"] == pytest.approx(18)
    assert describe({"Sn": 1.0, "Se": 1.0})["share of cations with a lone pair"] == pytest.approx(0.5)
    assert describe({"Sn": 1.0, "O": 2.0})["share of cations with a lone pair"] == 0
    assert describe({"Fe": 2.0, "O": 3.0})["mean d electrons of cations"] == pytest.approx(5 * 0.4)


def test_disorder_of_one_sublattice(describe):
    """Solid solution (Ga,In)As: mixing entropy ln 2 among the cations, none among the anions."""
    ours = describe({"Ga": 0.5, "In": 0.5, "As": 1.0})
    assert ours["cation mixing entropy"] == pytest.approx(math.log(2))
    assert ours["anion mixing entropy"] == pytest.approx(0)
    masses, fractions = np.array([69.723, 114.818, 74.9216]), np.array([0.25, 0.25, 0.5])
    mean = fractions @ masses
    assert ours["mass variance"] == pytest.approx(fractions @ (1 - masses / mean) ** 2, rel=1e-4)


def test_metals_have_a_value_in_every_column(make_materials):
    embedding = Ionic().represent(make_materials([{"Fe": 1.0}, {"Ni": 3.0, "Al": 1.0}, {"Cu": 0.99, "Be": 0.01}]))
    assert np.isfinite(embedding.vectors).all()
    assert (embedding.vectors[:, embedding.columns.index("share metallic")] == 1).all()


def test_only_blank_properties_give_nan_and_each_is_reported(make_materials, random_amounts):
    rows = [*random_amounts, *({symbol: 1.0, "O": 1.0} for symbol in SYMBOLS if symbol != "O")]
    embedding = Ionic().represent(make_materials(rows))
    blank = set(np.flatnonzero(np.isnan(embedding.vectors).any(axis=1)) + 1)
    assert blank <= {problem.row for problem in embedding.problems}
    assert not np.isinf(embedding.vectors).any()
    common = [row for row, amounts in enumerate(rows) if all(SYMBOLS.index(s) < 86 for s in amounts)]
    noble = {"He", "Ne", "Ar"}
    assert all(noble & set(rows[row]) for row in common if row + 1 in blank)
