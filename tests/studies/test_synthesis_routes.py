"""Routes of synthesis: what is read from the table, and what the study says of made-up oxides with a rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.errors import InputError
from matscout.studies.figures.synthesis_routes import ELEMENTS, HULL, SynthesisRoutes
from matscout.studies.route_tables import ATMOSPHERE, ROUTE, TEMPERATURE, RouteTable

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ba", "Zn", "Cd", "La", "Y", "Bi")
PARTNERS = ("Ti", "Zr", "V", "Nb", "Mn", "Fe", "Co", "W", "Mo", "Si")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 oxides: nearly all of alkali metals are made otherwise, temperatures rise with the row of the metal."""
    pairs = [(metal, partner) for metal in METALS for partner in PARTNERS]
    rng = np.random.default_rng(0)
    others = (np.array([metal in METALS[:3] for metal, _ in pairs])) ^ (rng.random(len(pairs)) < 0.03)
    path = tmp_path_factory.mktemp("routes") / "oxides.csv"
    pl.DataFrame(
        {
            "composition": [f"{metal}{partner}O3" for metal, partner in pairs],
            "e_above_hull": rng.uniform(0, 0.1, len(pairs)).round(3),
            "solid_state_synthesized_composition": ["n" if odd else "y" for odd in others],
            "sss_highest_temperature(K)": [900 + 40 * METALS.index(metal) for metal, _ in pairs],
            "sss_atmosphere": rng.permutation(np.repeat(["O2", "vacuum"], len(pairs) // 2)),
        }
    ).write_csv(path)
    return path


def test_targets_are_of_what_the_papers_say(table: Path) -> None:
    routes = RouteTable.read(table)
    made = routes.values[ROUTE] == 1.0
    assert 80 < made.sum() < 100
    # Temperature and atmosphere are those of solid-state reactions only.
    np.testing.assert_array_equal(np.isfinite(routes.values[TEMPERATURE]), made)
    np.testing.assert_array_equal(np.isfinite(routes.values[ATMOSPHERE]), made)
    dataset = routes.dataset(ROUTE)
    assert dataset.target().classes == ("no", "yes")
    assert len(np.unique(dataset.groups)) == 120


def test_the_rule_is_found_and_the_energy_says_nothing(table: Path, tmp_path: Path) -> None:
    study = SynthesisRoutes(RouteTable.read(table), tmp_path, ("extratrees-magpie",))
    runs = study.run()
    errors = runs.filter(target=ROUTE).group_by("contestant").agg(pl.col("error").mean())
    means = dict(zip(errors["contestant"].to_list(), errors["error"].to_list(), strict=True))
    assert means["extratrees-magpie"] < 0.25
    assert means[ELEMENTS] < 0.25
    assert 0.3 < means[HULL] < 0.7
    verdicts = {one.statement: one.verdict for one in study.findings(runs)}
    assert verdicts["composition says more of the route than the energy above the hull"] == "reproduced"
    assert verdicts["composition says more of the temperature than a constant"] == "reproduced"
    assert f"| {ROUTE} | {HULL} | area |" in study.tables(runs)
    assert len(study.figure(runs).axes) == 3


def test_other_tables_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("composition\nNaCl\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the columns e_above_hull"):
        RouteTable.read(tmp_path / "other.csv")
    with pytest.raises(InputError, match="there is no file"):
        RouteTable.read(tmp_path / "none.csv")
