"""The field's public data sets by name: from a local folder, from the cache, or downloaded once and checked.

The folder ``MATSCOUT_DATA`` (environment variable, no default) comes first; a download goes into the user's cache
folder, is written whole or not at all, and must have the SHA-256 of the catalogue. Addresses and checksums of the sets
that matminer distributes (matbench, JARVIS and Materials Project snapshots, ...) are those of the installed matminer.
"""

from __future__ import annotations

import difflib
import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from matscout.data.dataset import Dataset, Target
from matscout.data.files import atomic_write
from matscout.data.reading import read, read_materials
from matscout.data.stated_digests import digest_of_file
from matscout.errors import InputError, MissingExtraError, UsageError
from matscout.progress import Progress, silent

_CHUNK = 1 << 20
_TIMEOUT_S = 60


@dataclass(frozen=True)
class PublicSet:
    """One entry of the catalogue.

    Parameters
    ----------
    name, title
        What to call it, and what it is.
    n_rows
        Rows of the original.
    target
        Target column of the original; "" where there are several to choose from.
    unit
        Its unit, "" if it has none.
    licence, citation
        As its authors state them.
    address
        Where the original lies; "" if only matminer knows and it is not installed.
    sha256
        Of the original, hexadecimal.
    local
        Path of a copy below ``MATSCOUT_DATA``, "" where none is usual there.
    context, groups
        Columns of measuring conditions and of groups (papers).
    local_names
        Column of the original -> what it is called in the copy, where that differs.
    page
        Where a person finds the original, if it cannot be downloaded and checked from here.
    energy_scheme
        Which calculation its formation energies come from (see :mod:`matscout.simulate.energy_schemes`), if the target
        is one of phases that may be the references of a hull; "" otherwise.
    """

    name: str
    title: str
    n_rows: int
    target: str = ""
    unit: str = ""
    licence: str = "not stated"
    citation: str = ""
    address: str = ""
    sha256: str = ""
    local: str = ""
    context: tuple[str, ...] = ()
    groups: str | None = None
    local_names: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    energy_scheme: str = ""

    @property
    def file_name(self) -> str:
        """The name of the downloaded file."""
        suffixes = Path(self.address.rsplit("/", 1)[-1]).suffixes
        return self.name + ("".join(suffixes) or ".json.gz")


def _matbench(task: str, title: str, n_rows: int, target: str, unit: str = "") -> PublicSet:
    """A task of matbench v0.1; local copies call the target "target"."""
    return PublicSet(
        f"matbench_{task}",
        title,
        n_rows,
        target,
        unit,
        licence="MIT (matbench repository)",
        citation="doi:10.1038/s41524-020-00406-3",
        local=f"matbench/{task}.csv.gz",
        local_names={target: "target"},
    )


_GITHUB = "https://raw.githubusercontent.com"
_OWN = (
    PublicSet(
        "estm",
        "Thermoelectric properties of 880 compositions at 10-1275 K (experiments from 197 papers)",
        5205,
        target="ZT",
        citation="doi:10.1038/s41524-022-00897-2",
        address=f"{_GITHUB}/KRICT-DATA/SIMD/428c37b0df576a38f9436f7689e27cabafb6e398/dataset/estm.xlsx",
        sha256="f3853d4e25cc471e8e07734fd520ce27402d3a3da16fb5917a412d3cdf28b850",
        local="thermoelectrics/estm.csv.gz",
        context=("temperature",),
        groups="reference",
        local_names={"reference": "reference_doi", "seebeck_coefficient": "seebeck_uV_per_K"},
    ),
    PublicSet(
        "supercon",
        "Superconducting critical temperatures (SuperCon, cleaned by Stanev et al.)",
        16414,
        target="Tc",
        unit="K",
        citation="doi:10.1038/s41524-018-0085-8",
        address=f"{_GITHUB}/vstanev1/Supercon/de55874c0c5c22d69d46ba2c7a3352193e48390c/Supercon_data.csv",
        sha256="b34a955cc59f7a1556bc92c4b9db559bfd634c03227b7e95337a2e5d69227dd6",
        local="superconductors/supercon_formulas.csv.gz",
    ),
    PublicSet(
        "metallic_glass_trg",
        "Reduced glass transition temperatures of metallic glasses, from experiment",
        584,
        target="Trg",
        citation="D. Morgan, Machine Learning Materials Datasets (2018), doi:10.6084/m9.figshare.7017254",
        local="metallic_glasses/trg.csv",
        page="https://figshare.com/articles/dataset/MAST-ML_Education_Datasets/7017254",
    ),
    _matbench("expt_gap", "Experimental band gaps", 4604, "gap expt", "eV"),
    _matbench("expt_is_metal", "Metal or not, from experiment", 4921, "is_metal"),
    _matbench("glass", "Metallic glass forming ability, from experiment", 5680, "gfa"),
    _matbench("dielectric", "Refractive index (DFPT)", 4764, "n"),
    _matbench("jdft2d", "Exfoliation energy of layers (DFT)", 636, "exfoliation_en", "meV/atom"),
    _matbench("log_gvrh", "Logarithm of the shear modulus (DFT)", 10987, "log10(G_VRH)", "log10(GPa)"),
    _matbench("log_kvrh", "Logarithm of the bulk modulus (DFT)", 10987, "log10(K_VRH)", "log10(GPa)"),
    _matbench("perovskites", "Formation energy of perovskite cells (DFT)", 18928, "e_form", "eV/cell"),
    _matbench("mp_gap", "Band gaps of the Materials Project (PBE)", 106113, "gap pbe", "eV"),
    _matbench("mp_is_metal", "Metal or not in the Materials Project (PBE)", 106113, "is_metal"),
    replace(
        _matbench("mp_e_form", "Formation energies of the Materials Project (DFT)", 132752, "e_form", "eV/atom"),
        energy_scheme="corrected-mp-legacy",
    ),
    PublicSet(
        "mp_structures",
        "Crystals of the Materials Project with formation energies (PBE and PBE+U, an old release)",
        36737,
        target="formation_energy_per_atom",
        unit="eV/atom",
        licence="MIT (crysxpp repository); the values CC-BY 4.0 (Materials Project)",
        citation="doi:10.1063/1.4812323",
        local="mp_structures/properties.csv.gz",
        page="https://github.com/kdmsit/crysxpp",
        energy_scheme="corrected-mp-legacy",
    ),
    PublicSet(
        "mp_nostruct_20181018",
        "The Materials Project of October 2018 without structures: formation energies, hull, gaps (DFT)",
        83989,
        target="e_form",
        unit="eV/atom",
        licence="CC-BY 4.0 (Materials Project)",
        citation="doi:10.1063/1.4812323",
        address="https://ndownloader.figshare.com/files/13309253",
        sha256="48481abc390e0772defbbfa68d7db3b9bdef2519d407b82a581f2298f7df080f",
        energy_scheme="corrected-mp-legacy",
    ),
)


def list_datasets() -> tuple[PublicSet, ...]:
    """Every public set that can be loaded by name, sorted; those only matminer knows are listed if it is installed."""
    known = {entry.name: entry for entry in _OWN}
    for name, record in _matminer_catalogue().items():
        own = known.get(name, PublicSet(name, _first_sentence(record["description"]), int(record["num_entries"])))
        citation = own.citation or " ".join(str(record["reference"]).split())
        address, digest = str(record["url"]), str(record["hash"])
        known[name] = replace(own, citation=citation, address=address, sha256=digest)
    return tuple(known[name] for name in sorted(known))


def _first_sentence(description: str) -> str:
    return " ".join(description.split()).split(". ")[0].rstrip(".")


def _matminer_catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Matminer's own table of data sets, read as a file: importing matminer takes seconds."""
    spec = find_spec("matminer")
    if spec is None or spec.origin is None:
        return {}
    path = Path(spec.origin).parent / "datasets" / "dataset_metadata.json"
    catalogue: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return catalogue


def load_dataset(
    name: str,
    folder: Path | None = None,
    *,
    target: str | Sequence[str] = (),
    base_url: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Dataset:
    """Load a public set.

    Parameters
    ----------
    name
        Name in :func:`list_datasets`.
    folder
        Where copies lie; the environment variable ``MATSCOUT_DATA`` if not given.
    target
        Target columns, as the original calls them; by default the usual one. Sets without a usual one come without
        targets then.
    base_url
        Download from this address plus "/" plus the file's name instead of the original address (a mirror).
    cache
        Where downloads are kept; the user's cache folder if not given.
    progress
        Told the bytes downloaded so far.

    Raises
    ------
    UsageError
        If there is no such set.
    InputError
        If it is not there and cannot be downloaded, or the download is damaged.
    MissingExtraError
        If only matminer knows where it is, and it is not installed.
    """
    entry = _find(name)
    path = local_copy(entry, folder)
    names = {} if path is None else entry.local_names
    if path is None:
        path = _download(entry, cache or _user_cache(), base_url, progress)
    usual = (names.get(entry.target, entry.target),) if entry.target else ()
    groups = None if entry.groups is None else names.get(entry.groups, entry.groups)
    wanted = (target,) if isinstance(target, str) and target else tuple(target)
    if wanted or usual:
        dataset = read(
            path, target=[names.get(one, one) for one in wanted] or usual, context=entry.context, groups=groups
        )
    else:
        dataset = read_materials(path)
    provenance = replace(dataset.provenance, source=entry.name, licence=entry.licence, citation=entry.citation)
    asked = wanted or ((entry.target,) if usual else ())
    targets = [_called(entry, name, one) for name, one in zip(asked, dataset.targets.values(), strict=True)]
    return replace(dataset, targets={one.name: one for one in targets}, provenance=provenance)


def _called(entry: PublicSet, name: str, target: Target) -> Target:
    """A target under the name that was asked for; the usual one with the unit of the catalogue."""
    return replace(target, name=name, unit=(entry.unit if name == entry.target else "") or target.unit)


def local_copy(entry: PublicSet, folder: Path | None = None) -> Path | None:
    """The copy of a set below ``folder`` or, without one, below ``MATSCOUT_DATA``; None if there is none."""
    named = os.environ.get("MATSCOUT_DATA", "") if folder is None else str(folder)
    path = Path(named, *entry.local.split("/"))
    return path if named and entry.local and path.is_file() else None


def _find(name: str) -> PublicSet:
    known = {entry.name: entry for entry in list_datasets()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
    raise UsageError(f"there is no public data set {name!r}; {hint}")


def _user_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("matscout") / "datasets"


def _download(entry: PublicSet, cache: Path, base_url: str | None, progress: Progress) -> Path:
    """The downloaded file, from the cache if it is there undamaged."""
    if entry.page:
        raise InputError(
            f"{entry.name} cannot be downloaded automatically: get it from {entry.page} and put it, with the columns "
            f"formula and {entry.target}, at {entry.local} below the folder MATSCOUT_DATA"
        )
    if not entry.address:
        raise MissingExtraError("matminer", "datasets")
    path = cache / entry.file_name
    if path.is_file() and digest_of_file(path) == entry.sha256:
        return path
    address = entry.address if base_url is None else f"{base_url.rstrip('/')}/{entry.file_name}"
    with atomic_write(path) as unfinished:
        try:
            _fetch(address, unfinished, entry.name, progress)
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            hint = f", or save a copy as {entry.local} in the folder MATSCOUT_DATA" if entry.local else ""
            raise InputError(
                f"{entry.name} cannot be downloaded from {address}: {error}; try again later{hint}"
            ) from error
        if digest_of_file(unfinished) != entry.sha256:
            raise InputError(f"the file from {address} is not {entry.name} (its SHA-256 differs); nothing was saved")
    return path


def _fetch(address: str, path: Path, name: str, progress: Progress) -> None:
    with urllib.request.urlopen(address, timeout=_TIMEOUT_S) as answer, path.open("wb") as file:
        total = int(answer.headers.get("Content-Length") or 0)
        while block := answer.read(_CHUNK):
            file.write(block)
            progress(f"download {name}", file.tell(), total)
