"""The face of a scikit-learn transformer, written without scikit-learn: to import that takes most of a second."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from inspect import signature
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from matscout.errors import UsageError

Container = Literal["default", "pandas", "polars"]


class Transformer:
    """What pipelines, ``clone`` and searches of scikit-learn ask of a transformer, but for fitting and transforming.

    Parameters are the arguments of the constructor, which keeps them as attributes of their names.
    """

    _container: Container | None = None

    @classmethod
    def _parameter_names(cls) -> tuple[str, ...]:
        own = cls.__init__
        return () if own is object.__init__ else tuple(signature(own).parameters)[1:]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Name -> value of each parameter; there are none within others, whatever ``deep`` is."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Change parameters.

        Raises
        ------
        UsageError
            If there is none of a name.
        """
        for name, value in params.items():
            if name not in self._parameter_names():
                known = ", ".join(self._parameter_names()) or "none"
                raise UsageError(f"{type(self).__name__} has no parameter {name!r}; its parameters are {known}")
            setattr(self, name, value)
        return self

    def set_output(self, *, transform: Container | None = None) -> Self:
        """Choose what ``transform`` gives: an array ("default"), or a frame of "pandas" or "polars"."""
        if transform is not None:
            self._container = transform
        return self

    def contained(self, vectors: NDArray[np.float64], columns: tuple[str, ...]) -> Any:
        """Vectors [n, dim] as :meth:`set_output` asks for, else as scikit-learn is configured.

        Raises
        ------
        UsageError
            If that is not known.
        """
        # Whoever has not imported scikit-learn has not configured it.
        configured = sys.modules["sklearn"].get_config()["transform_output"] if "sklearn" in sys.modules else "default"
        container = self._container or configured
        if container == "default":
            return vectors
        if container not in _FRAMES:
            raise UsageError(f"set_output(transform=...) takes default, {', '.join(_FRAMES)}; got {container!r}")
        return _FRAMES[container](vectors, columns)

    def __sklearn_tags__(self) -> Any:
        """A transformer that needs no target."""
        from sklearn.utils import Tags, TargetTags, TransformerTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=False), transformer_tags=TransformerTags())

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __repr__(self) -> str:
        parameters = signature(type(self)).parameters
        given = [(name, value) for name, value in self.get_params().items() if value != parameters[name].default]
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given)})"


def _pandas_frame(vectors: NDArray[np.float64], columns: tuple[str, ...]) -> Any:
    import pandas

    return pandas.DataFrame(vectors, columns=list(columns))


def _polars_frame(vectors: NDArray[np.float64], columns: tuple[str, ...]) -> Any:
    import polars

    return polars.DataFrame(vectors, schema=list(columns))


_FRAMES: Mapping[str, Any] = {"pandas": _pandas_frame, "polars": _polars_frame}
