"""Deep InfoMax: match each vector with what it was pooled from and with nothing else, for sites and for crystals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.crystal_batches import CrystalBatch, in_parts, summed, taken
from matscout.represent.crystal_encoder import require_site_width
from matscout.represent.site_features import SiteFeatures
from matscout.represent.site_properties import SIZE
from matscout.represent.trainable import EncoderOutput, Objective
from matscout.represent.views.false_crystals import TRUE

LOCAL, GLOBAL = "local", "global"
OTHER = "other"
"""The false sample that gives the bound: something of another crystal."""
OWN = "own"
FALSE_PAIRS = {OTHER: (OTHER, OTHER), "polymorph": (OWN, OTHER), "composition": (OTHER, OWN)}
"""Whose species and whose distance a false pair has."""


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

    def lost_to_false(self, scores: Tensor) -> Tensor:
        """The half of equation 2 that is about false constituents, given u_z . u_c of each."""
        return torch.as_tensor(functional.softplus(scores))

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
        features, acting = self.features(batch), self._acting(_noisy(output.sites, output.site_log_variance))
        pair_columns = (pairs.kinds, pairs.distances)
        columns = (*pair_columns, *(column[chosen] for column in pair_columns), self._shares(batch))
        losses = []
        for rows, owning, species, near, others, far, shares in in_parts(pairs.offsets, acting, *columns):
            lost = self._lost(taken(rows, owning), features, (species, near), (others, far))
            losses.append(summed((lost * shares).T, owning, len(rows)))
        means = batch.over_rows(torch.cat(losses)).mean(dim=0)
        spread = _divergence(output.sites, output.site_log_variance)
        terms = {f"{LOCAL} {kind}": mean for kind, mean in zip(self._local_kinds, means, strict=True)}
        return {**terms, f"{LOCAL} noise": batch.over_rows(spread).mean()}

    def _shares(self, batch: CrystalBatch) -> Tensor:
        """How much each pair counts in its row, [k]."""
        pairs = batch.pairs
        if not self.near:
            return pairs.shares
        shares = pairs.shares / (1.0 + pairs.distances) ** 2
        return shares / batch.over_pairs(shares)[pairs.rows]

    @property
    def _local_kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in FALSE_PAIRS if kind in self.false)

    def _lost(
        self, acting: Tensor, features: Tensor, own: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]
    ) -> Tensor:
        """Loss of each kind on p pairs, given species and distances of them and of other pairs, [kinds, p]."""
        pairs = {OWN: own, OTHER: other}
        chosen = [(OWN, OWN), *(FALSE_PAIRS[kind] for kind in self._local_kinds)]
        pairings = [(features[pairs[first][0]], pairs[second][1][:, None]) for first, second in chosen]
        # u_c up to its last layer, which stands in front of u_z.
        hidden = self.of_pair[:-1](torch.cat([torch.cat(columns, dim=1) for columns in pairings]))
        scores = (hidden.view(len(chosen), len(acting), -1) * acting[:, :-1]).sum(dim=2) + acting[:, -1]
        return functional.softplus(-scores[:1]) + self.lost_to_false(scores[1:])

    def _acting(self, z: Tensor) -> Tensor:
        """u_z(z) with the last layer of u_c before it, [r, 65]: there are fewer rows than pairs."""
        last = self.of_pair[-1]
        assert isinstance(last, nn.Linear)
        return torch.as_tensor(self.of_site(z) @ torch.cat([last.weight, last.bias[:, None]], dim=1))

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
                raise UsageError(f"objective.false_weights names {kind}, but the view makes {', '.join(outputs)} only")
            sites, compared = outputs[kind].sites, batches[kind].compared
            assert sites is not None
            false[kind] = self.of_constituent((sites if compared is None else sites[compared]).detach())
        terms = {}
        for kind, wrong in false.items():
            loss = functional.softplus(-true) + self.lost_to_false((z * wrong).sum(dim=1))
            mean = _mean_of_counted(loss, batch, batches.get(kind))
            if len(mean):
                terms[f"{GLOBAL} {kind}"] = mean.mean()
        return {**terms, f"{GLOBAL} noise": _divergence(output.crystal, output.log_variance).mean()}


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
