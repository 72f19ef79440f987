from __future__ import annotations

import numpy as np
import pytest

from matscout.errors import InputError
from matscout.represent.base import Embedding
from matscout.represent.descriptors.elements import Elements


def test_transform_raises_where_represent_reports(make_materials):
    materials = make_materials([{"Fe": 1.0}, {"Am": 1.0, "O": 2.0}])
    assert Elements("oliynyk").represent(materials).rows.tolist() == [0]
    with pytest.raises(InputError, match="elements=oliynyk: 1 materials failed; first: row 2: 'Am1O2'"):
        Elements("oliynyk").transform(materials)


def test_embedding_checks_its_shape():
    with pytest.raises(ValueError, match="do not fit"):
        Embedding(np.zeros((2, 3)), np.arange(2), ("a", "b"))
