"""Extremely randomised trees on representations that you choose: trees=drfp, or joined: trees=drfp+reaction-rdkit."""

from __future__ import annotations

from typing import ClassVar

from matscout.predict.base import Metric
from matscout.predict.labels import Labels
from matscout.predict.learner import Floats
from matscout.predict.learners.judged_trees import JudgedTrees, JudgedTreesClassifier
from matscout.predict.tabular import FittedClasses, FittedNumbers, Tabular
from matscout.represent.addresses import with_whole_path
from matscout.represent.embedding import make_representation


class Trees(Tabular):
    """``trees=REPRESENTATION+REPRESENTATION``, ...

    400 trees on all rows (100 if ``fast``); predicts the median over trees for ``mae``, the mean for ``rmse``.

    As many bootstrapped trees judge it: those that have not seen a row (nor any other row of its group, or of its
    composition where there are no groups) predict it, and these out-of-bag residuals, divided by the spread over the
    same trees, give conformal intervals. They are a little wide, because bootstrapped trees err a little more.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`.
    weights
        The representations, with ``+`` between them.
    """

    n_trees: ClassVar[tuple[int, int]] = (400, 100)
    """Of a forest, usually and if it is to be fast; fewer serve to see what is written, not how good it is."""

    def __init__(
        self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0, weights: str = "element-fraction"
    ) -> None:
        self.joined = tuple(with_whole_path(address) for address in weights.split("+"))
        for address in self.joined:
            make_representation(address)
        super().__init__(metric=metric, fast=fast, seed=seed)

    @property
    def representations(self) -> tuple[str, ...]:  # type: ignore[override]
        """What it learns from."""
        return self.joined

    @property
    def address(self) -> str:
        """With the representations."""
        return f"{self.name}={self.weights}"

    @property
    def origin(self) -> str:
        """Digests of weights of the user's own."""
        return "".join(make_representation(address).version for address in self.joined)

    @property
    def weights(self) -> str:
        """The representations, with ``+`` between them."""
        return "+".join(self.joined)

    @property
    def _n_trees(self) -> int:
        return self.n_trees[self.fast]

    def _new_regressor(self) -> JudgedTrees:
        return JudgedTrees(n_trees=self._n_trees, seed=self.seed)

    def _fit_numbers(self, vectors: Floats, values: Floats, labels: Labels) -> FittedNumbers:
        forest = self._new_regressor().fit(vectors, values, labels.weights, labels.units)
        return FittedNumbers(forest, self._centre(forest.out_of_bag), forest.out_of_bag.std)

    def _fit_classes(self, vectors: Floats, labels: Labels) -> FittedClasses:
        forest = JudgedTreesClassifier(n_trees=self._n_trees, seed=self.seed)
        n_classes = len(labels.target.classes)
        forest.fit(vectors, labels.classes, n_classes, labels.weights, labels.units)
        return FittedClasses(forest, forest.out_of_bag)
