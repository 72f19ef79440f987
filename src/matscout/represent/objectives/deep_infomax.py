"""Deep InfoMax: a vector shall tell what it was pooled from apart from what it was not, for sites and for crystals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.crystal_batches import CrystalBatch, taken
from matscout.represent.crystal_encoder import require_site_width
from matscout.represent.site_features import SIZE, SiteFeatures
from matscout.represent.trainable import EncoderOutput, Objective
from matscout.represent.views.false_crystals import TRUE

LOCAL, GLOBAL = "local", "global"
OTHER = "other"
"""The false sample that gives the bound: something of another crystal."""


class DeepInfomax(Objective):
    r"""Jensen-Shannon losses of local and global constituents with learned noise (doi:10.1039/D4DD00202D, eq. 2-6).

    Locally z is the vector of a site and c a raw pair, the features of a neighbour and its distance; globally z is the
    vector of a crystal and c the vector of a site, from which no gradient returns. Of ``J(z, c, c') =
    softplus(-u_z(z) . u_c(c)) + softplus(u_z(z) . u_c(c'))`` the mean over constituents and kinds of false samples is
    taken, with z disturbed by noise of the variance v that the encoder tells, and ``KL = mean(z^2 + v - ln v)``.

    Parameters
    ----------
    widths
        Encoder -> length of its crystal vectors; there is one encoder.
    site_width
        Length of its site vectors.
    false_weights
        Kind of false sample -> weight: ``other``, and kinds of the view ``false-crystals``; 0 leaves one out.
        ``permutation`` is global only.
    noise
        beta, the weight of KL.
    near
        Whether pairs count by (1 + d)^-2 (the authors' code) or equally (the paper).
    """

    needs: ClassVar[Needs | None] = "structure"

    def __init__(
        self,
        widths: Mapping[str, int],
        site_width: int = 64,
        false_weights: Mapping[str, float] | None = None,
        noise: float = 0.1,
        *,
        near: bool = False,
    ) -> None:
        weights = dict(false_weights or {OTHER: 1.0, "polymorph": 1.0, "composition": 1.0, "permutation": 1.0})
        super().__init__(widths=dict(widths), site_width=site_width, false_weights=weights, noise=noise, near=near)
        if not weights.get(OTHER, 0.0) > 0:
            raise UsageError(f"objective.false_weights needs {OTHER} above 0, which gives the bound; got {weights}")
        if noise < 0 or min(weights.values()) < 0:
            raise UsageError(f"objective.noise and objective.false_weights are not below 0; got {noise:g}, {weights}")
        (width,) = widths.values()
        self.site_width, self.noise, self.near = site_width, noise, near
        self.false = {kind: weight for kind, weight in weights.items() if weight > 0}
        self.of_site, self.of_crystal = _scaled(site_width), _scaled(width)
        self.of_pair, self.of_constituent = _scaled(SIZE + 1), _scaled(site_width)
        self.features = SiteFeatures()

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Loss, and each kind's share of it, locally and globally."""
        batch: CrystalBatch = batches[TRUE]
        output = outputs[TRUE]
        require_site_width(output, self.site_width)
        parts = self._local(output, batch) | self._global(output, outputs, batches)
        return {"loss": self._mean(parts, LOCAL) + self._mean(parts, GLOBAL), **parts}

    def _mean(self, parts: Mapping[str, Tensor], scale: str) -> Tensor:
        """Weighted mean over the kinds of false samples, and the noise, equations 5 and 6."""
        used = {kind: weight for kind, weight in self.false.items() if f"{scale} {kind}" in parts}
        losses = torch.stack([weight * parts[f"{scale} {kind}"] for kind, weight in used.items()])
        return losses.sum() / sum(used.values()) + self.noise * parts[f"{scale} noise"]

    def _local(self, output: EncoderOutput, batch: CrystalBatch) -> dict[str, Tensor]:
        assert output.sites is not None
        assert output.site_log_variance is not None
        assert batch.others is not None
        pairs, chosen = batch.pairs, batch.others.pairs
        shares = pairs.shares
        if self.near:
            shares = shares / (1.0 + pairs.distances) ** 2
            shares = shares / batch.over_pairs(shares)[pairs.rows]
        acting = self._acting(self.of_site(_noisy(output.sites, output.site_log_variance)), batch)
        species, other = pairs.kinds, pairs.kinds[chosen]
        near, far = pairs.distances, pairs.distances[chosen]
        true = self._hidden(batch, species, near)
        samples = {
            OTHER: lambda: taken(true, chosen),
            "polymorph": lambda: self._hidden(batch, species, far),
            "composition": lambda: self._hidden(batch, other, near),
        }
        truth = functional.softplus(-_scores(true, acting))
        found = {}
        for kind in (kind for kind in samples if kind in self.false):
            loss = truth + functional.softplus(_scores(samples[kind](), acting))
            found[f"{LOCAL} {kind}"] = batch.over_rows(batch.over_pairs(shares * loss)).mean()
        spread = _divergence(output.sites, output.site_log_variance)
        return {**found, f"{LOCAL} noise": batch.over_rows(spread).mean()}

    def _hidden(self, batch: CrystalBatch, species: Tensor, distances: Tensor) -> Tensor:
        """u_c of pairs of such species and distances up to its last layer, [k, 64]."""
        features = torch.cat([taken(self.features(batch), species), distances[:, None]], dim=1)
        return torch.as_tensor(self.of_pair[:-1](features))

    def _acting(self, z: Tensor, batch: CrystalBatch) -> Tensor:
        """u_z(z) with the last layer of u_c before it, [k, 65]: there are fewer rows than pairs."""
        last = self.of_pair[-1]
        assert isinstance(last, nn.Linear)
        return taken(z @ torch.cat([last.weight, last.bias[:, None]], dim=1), batch.pairs.rows)

    def _global(
        self, output: EncoderOutput, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]
    ) -> dict[str, Tensor]:
        batch: CrystalBatch = batches[TRUE]
        assert output.log_variance is not None
        assert output.sites is not None
        assert batch.others is not None
        z = taken(self.of_crystal(_noisy(output.crystal, output.log_variance)), batch.row_crystals)
        constituents = self.of_constituent(output.sites.detach())
        true = (z * constituents).sum(dim=1)
        false = {OTHER: taken(constituents, batch.others.rows)}
        for kind in (kind for kind in self.false if kind != OTHER):
            if kind not in outputs:
                raise UsageError(f"objective.false_weights names {kind}, and the view makes {', '.join(outputs)} only")
            sites, compared = outputs[kind].sites, batches[kind].compared
            assert sites is not None
            false[kind] = self.of_constituent((sites if compared is None else sites[compared]).detach())
        found = {}
        for kind, wrong in false.items():
            loss = functional.softplus(-true) + functional.softplus((z * wrong).sum(dim=1))
            mean = _mean_of_counted(loss, batch, batches.get(kind))
            if len(mean):
                found[f"{GLOBAL} {kind}"] = mean.mean()
        return {**found, f"{GLOBAL} noise": _divergence(output.crystal, output.log_variance).mean()}


def _scores(hidden: Tensor, acting: Tensor) -> Tensor:
    """u_z(z) . u_c(c), [k], of u_c up to its last layer and what that layer makes of u_z."""
    return (hidden * acting[:, :-1]).sum(dim=1) + acting[:, -1]


def _mean_of_counted(loss: Tensor, batch: CrystalBatch, false: CrystalBatch | None) -> Tensor:
    """Mean over the sites of each crystal; rows that happen to be true do not count, nor crystals of only such rows."""
    if false is None or false.counted is None:
        return batch.over_rows(loss)
    counted = false.counted.to(loss.dtype)
    share = batch.over_rows(counted)
    some = share > 0
    return torch.as_tensor(batch.over_rows(loss * counted)[some] / share[some])


def _noisy(z: Tensor, log_variance: Tensor) -> Tensor:
    """The vectors with noise, z + sqrt(v) y with y from N(0, 1), equation 3."""
    return z + torch.exp(0.5 * log_variance) * torch.randn_like(z)


def _divergence(z: Tensor, log_variance: Tensor) -> Tensor:
    """Mean over the components of z^2 + v - ln v, equation 4, one for each vector."""
    return (z.square() + log_variance.exp() - log_variance).mean(dim=1)


def _scaled(inputs: int) -> nn.Sequential:
    """u: a network [64, 128], after which a scalar product tells what belongs together."""
    return nn.Sequential(nn.Linear(inputs, 64), nn.SiLU(), nn.LayerNorm(64), nn.Linear(64, 128))
