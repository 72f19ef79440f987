"""Scales as they are asked for on the command line."""

from __future__ import annotations

import polars as pl
import pytest

from matscout.data.dataset import Dataset
from matscout.data.reading import read
from matscout.errors import UsageError
from matscout.workflow.asked_scales import on_scales, parse_scales
from matscout.workflow.label_settings import LabelSettings


def test_scales_are_of_all_or_of_a_column() -> None:
    assert parse_scales(None) == {}
    assert parse_scales(["linear", "sigma (S/m) = log"]) == {"": "linear", "sigma (S/m)": "log"}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["cubic"], "there is no scale 'cubic'; choose one of auto, linear, log"),
        (["sigma=ln"], "there is no scale 'ln'"),
        (["=log"], "--scale '=log' is not of the form COL="),
        (["log", "linear"], "--scale is given twice for all columns"),
        (["a=log", "a=auto"], "--scale is given twice for 'a'"),
    ],
)
def test_wrong_scales_are_told(texts: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_scales(texts)


def two_targets() -> Dataset:
    frame = pl.DataFrame({"formula": ["PbTe", "SnTe", "GeTe"], "sigma (S/m)": [1.0, 2.0, 3.0], "zT": [0.0, 0.1, 0.2]})
    return read(frame, target=("sigma", "zT"))


@pytest.mark.parametrize(
    ("scales", "asked"),
    [
        (None, ("auto", "auto")),
        (["linear"], ("linear", "linear")),
        (["sigma=log"], ("log", "auto")),
        (["log", "zT=linear"], ("log", "linear")),
        (["sigma (S/m)=log", "linear"], ("log", "linear")),
    ],
)
def test_a_scale_is_that_of_its_column(scales: list[str] | None, asked: tuple[str, str]) -> None:
    told = on_scales(two_targets(), parse_scales(scales))
    assert tuple(target.asked_scale for target in told.targets.values()) == asked


def test_a_scale_of_what_is_no_target_or_has_no_logarithm_is_refused() -> None:
    with pytest.raises(UsageError, match="--scale names 'kappa', which is not a target; the targets are sigma, zT"):
        on_scales(two_targets(), {"kappa": "log"})
    with pytest.raises(UsageError, match="'zT' are 0 or negative"):
        on_scales(two_targets(), {"zT": "log"})


def test_wrong_scales_are_told_before_any_work() -> None:
    with pytest.raises(UsageError, match="there is no scale 'ln'"):
        LabelSettings(scale=("zT=ln",))
