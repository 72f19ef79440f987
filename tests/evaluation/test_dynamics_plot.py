"""The picture of molecular dynamics."""

import numpy as np
from PIL import Image
from tests.simulate.free_particles import Free, gas

import matscout
from matscout.evaluation.dynamics_plot import DPI, HEIGHT, WIDTH, dynamics_plot, write_dynamics_plot


def test_it_shows_displacements_and_the_law_of_arrhenius(tmp_path):
    moved = matscout.dynamics(
        gas(60), Free(), temperature=(200, 250, 300), ps=20, equilibration=0.2, timestep=20, interval=100, ion="Ar",
        thermostat="langevin", supercell="1,1,1",
    )  # fmt: skip
    left, right = dynamics_plot(moved).axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["200 K", "250 K", "300 K"]
    assert left.get_ylabel() == "mean squared displacement (Å²)"
    assert right.get_yscale() == "log"
    assert "eV" in right.get_legend().get_texts()[0].get_text()
    assert write_dynamics_plot(moved, tmp_path / "dynamics.png")
    with Image.open(tmp_path / "dynamics.png") as picture:
        assert picture.size == (round(WIDTH * DPI), round(HEIGHT * DPI))
        assert np.ptp(np.asarray(picture.convert("L"))) > 100


def test_what_is_not_resolved_is_named(tmp_path):
    moved = matscout.dynamics(
        gas(4), Free(), temperature=30, ps=1, equilibration=0, timestep=5, interval=10, ion="Ar", supercell="1,1,1"
    )
    left, right = dynamics_plot(moved).axes
    assert left.get_legend().get_texts()[0].get_text() == "30 K (not resolved)"
    assert right.texts[0].get_text() == "diffusion is not resolved"


def test_without_an_ion_there_is_no_picture(tmp_path):
    moved = matscout.dynamics(
        gas(4), Free(), temperature=30, ps=1, equilibration=0, timestep=5, interval=10, supercell="1,1,1"
    )
    assert not write_dynamics_plot(moved, tmp_path / "dynamics.png")
    assert not list(tmp_path.iterdir())
