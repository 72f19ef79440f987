"""Maps hold what they are given: colours, a bar with the unit, a legend of few classes, text as text, small files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from matscout.data.dataset import Target
from matscout.errors import UsageError
from matscout.evaluation.map_plot import CLASS_COLOURS, colour_limits, map_plot, named_classes, write_figure
from matscout.represent.projection import Projection


def projection(n: int, method: str = "tsne") -> Projection:
    places = np.random.default_rng(0).normal(size=(n, 2)) * [3, 1]
    return Projection(places, method, 0, (0.5, 0.25) if method == "pca" else None)  # type: ignore[arg-type]


def numbers(n: int) -> Target:
    return Target("bulk modulus", np.linspace(0, 300, n), "GPa")


def classes(n: int, k: int) -> Target:
    """Class c stands c + 1 times as often as class 0."""
    weights = np.arange(1, k + 1)
    values = np.repeat(np.arange(k), np.ceil(n * weights / weights.sum()).astype(int))[:n]
    return Target("phase", values.astype(float), None, "classification", tuple(f"phase {c}" for c in range(k)))


def test_numbers_get_a_bar_with_their_unit_and_classes_of_missing_ones_a_pale_dot(tmp_path: Path) -> None:
    values = numbers(50).values.copy()
    values[:7] = np.nan
    target = replace(numbers(50), values=values)
    figure = map_plot(projection(50), target)
    axes, bar = figure.axes
    assert bar.get_xlabel() == "bulk modulus (GPa)"
    pale, drawn = axes.collections
    np.testing.assert_array_equal(pale.get_offsets(), projection(50).coordinates[:7])
    assert sorted(drawn.get_array()) == target.values[7:].tolist()
    order = np.argsort(drawn.get_array())
    np.testing.assert_array_equal(drawn.get_offsets()[order], projection(50).coordinates[7:])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["not known"]


def test_a_legend_names_eight_classes_and_counts_the_others() -> None:
    target = classes(198, 11)
    figure = map_plot(projection(198), target)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == [*(f"phase {c}" for c in range(10, 2, -1)), "3 others"]
    assert figure.legends[0].get_title().get_text() == "phase"
    drawn = figure.axes[0].collections[0]
    colours = {
        tuple(place): to_hex(colour) for place, colour in zip(drawn.get_offsets(), drawn.get_facecolors(), strict=True)
    }
    for place, value in zip(projection(198).coordinates, target.values, strict=True):
        rank = 10 - int(value)
        assert colours[tuple(place)] == (CLASS_COLOURS[rank] if rank < 8 else "#9aa4ae")


def test_eight_classes_need_no_others_and_equal_ones_follow_their_names() -> None:
    target = Target("x", np.arange(16.0) % 8, None, "classification", tuple("abcdefgh"))
    assert named_classes(target).tolist() == list(range(8))
    assert named_classes(classes(60, 3)).tolist() == [2, 1, 0]
    names = [text.get_text() for text in map_plot(projection(16), target).legends[0].get_texts()]
    assert names == list("abcdefgh")


def test_colours_end_at_the_percentiles_unless_nothing_is_between() -> None:
    values = np.arange(101.0)
    assert colour_limits(values) == (1, 99)
    assert colour_limits(np.array([0.0] * 999 + [7.0])) == (0, 7)


def test_axes_are_equal_and_have_numbers_only_where_these_mean_something() -> None:
    found = map_plot(projection(30), numbers(30)).axes[0]
    assert (found.get_aspect(), found.get_xlabel(), len(found.get_xticks())) == (1, "t-SNE 1", 0)
    found = map_plot(projection(30, "pca"), numbers(30)).axes[0]
    assert found.get_xlabel() == "PC 1 (50 % of the variance)"
    assert len(found.get_xticks()) > 2


def test_svg_has_text_as_text_is_repeatable_and_of_the_width_asked_for(tmp_path: Path) -> None:
    target = Target("κ $x$ <b>", np.arange(40.0), "W/m/K")
    paths = [write_figure(map_plot(projection(40), target), tmp_path / name) for name in ("a.svg", "b.svg")]
    text = paths[0].read_text(encoding="utf-8")
    assert paths[1].read_text(encoding="utf-8") == text
    assert "κ $x$ &lt;b&gt; (W/m/K)" in text
    assert float(re.search(r'width="([\d.]+)pt"', text).group(1)) == pytest.approx(3.4 * 72)  # type: ignore[union-attr]
    assert text.count("<use ") >= 40
    assert text.count("<image") == 1, "the bar"


@pytest.mark.parametrize(
    ("target", "images"), [(numbers(20_000), 2), (classes(20_000, 6), 1)], ids=["with a bar", "classes"]
)
def test_large_maps_hold_a_picture_of_their_points_and_stay_small(target: Target, images: int, tmp_path: Path) -> None:
    path = write_figure(map_plot(projection(20_000), target), tmp_path / "large.svg")
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 2_000_000
    assert text.count("<image ") == images
    assert "t-SNE 1" in text


@pytest.mark.parametrize(("name", "start"), [("a.pdf", b"%PDF"), ("a.PNG", b"\x89PNG"), ("a.svg", b"<?xml")])
def test_the_ending_says_what_is_written(name: str, start: bytes, tmp_path: Path) -> None:
    path = write_figure(map_plot(projection(10), numbers(10)), tmp_path / name)
    assert path.read_bytes().startswith(start)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"map.tif does not end in .svg, .pdf, .png"):
        write_figure(map_plot(projection(10), numbers(10)), tmp_path / "map.tif")


def test_colours_of_values_over_decades_follow_their_logarithm() -> None:
    target = Target("conductivity", np.logspace(-2, 6, 50), "S/m")
    figure = map_plot(projection(50), target)
    axes, bar = figure.axes
    (drawn,) = axes.collections
    order = np.argsort(drawn.get_array())
    shares = drawn.norm(np.asarray(drawn.get_array())[order])
    np.testing.assert_allclose(np.diff(shares[2:-2]), 8 / 49 / (8 * 0.98), rtol=1e-6)
    assert [text.get_text() for text in bar.get_xticklabels()] == ["10⁻¹", "10¹", "10³", "10⁵"]
