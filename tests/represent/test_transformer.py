"""Representations are transformers of scikit-learn without importing it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas
import polars
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.utils import get_tags

from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.represent.descriptors.ionic import Ionic
from matscout.represent.descriptors.magpie import Magpie
from matscout.represent.pretrained.composition_donor import CompositionDonor

MATERIALS = Materials.from_formulas(["Fe2O3", "LiF", "NaCl", "KBr", "MgO", "GaAs", "InP", "ZnO"])


def test_to_import_one_does_not_import_scikit_learn() -> None:
    code = "import sys, matscout.represent.descriptors.magpie; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_parameters_are_those_of_the_constructor() -> None:
    donor = CompositionDonor(part="vector")
    assert donor.get_params() == {"weights": None, "part": "vector"}
    assert repr(donor) == "CompositionDonor(part='vector')"
    copied = clone(donor)
    assert type(copied) is CompositionDonor
    assert copied.get_params() == donor.get_params()
    assert donor.set_params(part="properties").part == "properties"
    with pytest.raises(UsageError, match="has no parameter 'depth'; its parameters are weights, part"):
        donor.set_params(depth=3)
    assert repr(Magpie()) == "Magpie()"
    assert Ionic().get_params() == {}
    with pytest.raises(UsageError, match="its parameters are none"):
        Ionic().set_params(depth=3)


def test_it_is_a_step_of_pipelines_and_unions() -> None:
    values = np.arange(8.0)
    pipeline = make_pipeline(CompositionDonor(), SimpleImputer(keep_empty_features=True), Ridge())
    assert pipeline.fit(MATERIALS, values).predict(MATERIALS).shape == (8,)
    assert clone(pipeline).set_params(compositiondonor__part="vector")[0].part == "vector"
    both = make_union(Magpie(), Ionic()).fit_transform(MATERIALS)
    assert both.shape == (8, Magpie().dim + Ionic().dim)
    assert get_tags(Magpie()).transformer_tags is not None
    assert "Magpie" in make_column_transformer((Magpie(), [0]))._repr_html_()


def test_frames_where_they_are_asked_for() -> None:
    plain = Magpie().fit_transform(MATERIALS)
    assert isinstance(plain, np.ndarray)
    frame = make_pipeline(Magpie()).set_output(transform="pandas").fit_transform(MATERIALS)
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == list(Magpie().columns)
    with sklearn.config_context(transform_output="polars"):
        configured = Magpie().transform(MATERIALS)
        assert isinstance(Magpie().set_output(transform="default").transform(MATERIALS), np.ndarray)
    assert isinstance(configured, polars.DataFrame)
    np.testing.assert_array_equal(configured.to_numpy(), plain)
    np.testing.assert_array_equal(frame.to_numpy(), plain)
    with pytest.raises(UsageError, match="takes default, pandas, polars; got 'excel'"):
        Magpie().set_output(transform="excel").transform(MATERIALS)  # type: ignore[arg-type]
