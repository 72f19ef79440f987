"""Structures in a folder or an archive: which of its files hold one, what each is called, and what is not read."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

from matscout.data.budgets import BUDGET
from matscout.data.calculation_folders import names_of, stem_of, superseded
from matscout.data.encodings import decoded
from matscout.data.guards import words_of
from matscout.data.structure_bytes import head_of, head_of_file, too_large
from matscout.data.structure_calculations import TRAJECTORY_BEGINS
from matscout.data.structure_entries import Packed, Refused, StructureEntry
from matscout.data.structure_texts import begins_like_a_structure
from matscout.data.unpacking import bare
from matscout.errors import InputError
from matscout.made import MADE
from matscout.remarks import Remark

STRUCTURE_SUFFIXES = frozenset(
    {".cif", ".mcif", ".vasp", ".poscar", ".contcar", ".xyz", ".extxyz", ".json", ".res", ".ins", ".xsf", ".gen"}
    | {".pdb", ".cell", ".pwi", ".pwo", ".struct", ".traj"}
)
ARCHIVE_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_NAMED_LIKE = ("POSCAR", "CONTCAR", "XDATCAR", "OUTCAR", "VASPRUN.XML", "GEOMETRY.IN")
DEEPEST = 4
"""Folders within each other that are looked through."""

_KINDS = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".svg", ".tif", ".tiff", ".bmp", ".eps", ".webp"), "picture"),
    ".pdf": "PDF",
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xls", ".ods", ".parquet", ".jsonl"), "table"),
    **dict.fromkeys((".txt", ".md", ".rst", ".doc", ".docx", ".log", ".out"), "text"),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".tbz2", ".txz", ".7z", ".rar"), "archive"),
    **dict.fromkeys((".db", ".npz"), "collection of structures"),
    **dict.fromkeys((".py", ".sh", ".ipynb", ".bib", ".tex", ".yaml", ".yml", ".toml"), "script or setting"),
}


class Unread:
    """A tally of what lies beside structures and is not read, by kind."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._superseded: Counter[tuple[str, str]] = Counter()

    def add(self, kind: str) -> None:
        """Count one more."""
        self._counts[kind] += 1

    def add_superseded(self, better: Mapping[str, str]) -> None:
        """Count files that are not read because another one of their folder is, ``{"a/POSCAR": "CONTCAR"}``."""
        self._superseded.update((PurePosixPath(place).name, read) for place, read in better.items())

    def remarks(self) -> tuple[Remark, ...]:
        """Sentences that list what is not read."""
        kinds = [f"{count} {_plural(kind, count)}" for kind, count in self._counts.most_common()]
        nothing = f"Not read, since no structure was recognised in it: {', '.join(kinds)}."
        older = [f"{count} {left} ({read} beside it)" for (left, read), count in self._superseded.most_common()]
        earlier = f"Not read, since another file of the folder holds the last geometry: {', '.join(older)}."
        return (
            *([Remark("files-without-structure", nothing)] if kinds else []),
            *([Remark("earlier-geometries-not-read", earlier)] if older else []),
        )


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return kind
    return kind.replace("collection", "collections") if "collection" in kind else f"{kind.replace(' or', 's or')}s"


def _kind_of(name: str) -> str:
    suffix = PurePosixPath(bare(name).name).suffix.lower()
    return _KINDS.get(suffix, f"{suffix} file" if suffix else "file without ending")


def is_archive(path: Path) -> bool:
    """Whether the name is that of a zip or tar archive."""
    return path.name.lower().endswith(ARCHIVE_ENDINGS)


def is_named_like_a_structure(name: str) -> bool:
    """Whether a file of this name should hold a structure; the ending of its compression does not count."""
    file = bare(name)
    return file.suffix.lower() in STRUCTURE_SUFFIXES or file.name.upper().startswith(_NAMED_LIKE)


def begins_with_a_structure(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a structure, whatever it is called."""
    return head.startswith(TRAJECTORY_BEGINS) or begins_like_a_structure(decoded(head))


def is_structure_file(path: Path) -> bool:
    """Whether a file holds a structure, by its name or its first bytes."""
    return is_named_like_a_structure(path.name) or begins_with_a_structure(head_of_file(path))


def folder_paths(folder: Path, unread: Unread | None = None) -> list[Path]:
    """The files of a folder, and of folders within, that hold a structure each, by name.

    Raises
    ------
    InputError
        If there is no file at all, or more than are read.
    """
    paths = list(islice(_files_below(folder, unread, DEEPEST), BUDGET.entries + 1))
    if len(paths) > BUDGET.entries:
        raise InputError(f"the folder {folder} holds more than {BUDGET.entries:,} files; split it")
    if not paths:
        raise InputError(f"the folder {folder} holds no files; put one structure file per material into it")
    kept = []
    for path in paths:
        if is_structure_file(path):
            kept.append(path)
        elif unread is not None:
            unread.add(_kind_of(path.name))
    places = [place_in(folder, path) for path in kept]
    older = superseded(places, [path.stat().st_size for path in kept])
    if unread is not None:
        unread.add_superseded(older)
    return [path for place, path in zip(places, kept, strict=True) if place not in older]


def place_in(folder: Path, path: Path) -> str:
    """Where a file lies in a folder, as in archives."""
    return path.relative_to(folder).as_posix()


def _files_below(folder: Path, unread: Unread | None, deepest: int) -> Iterator[Path]:
    """Files, by name; folders in more than ``deepest`` others are counted, links to folders are not followed."""
    for path in sorted(folder.iterdir()):
        # How a folder of results was made is no structure.
        if path.name.startswith(".") or path.name in ("__MACOSX", MADE):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink() and deepest > 0:
            yield from _files_below(path, unread, deepest - 1)
        elif unread is not None:
            unread.add("folder")


def deeper_files(folder: Path) -> dict[str, Path]:
    """The structures in folders within a folder, by what they are called and by their places."""
    if not any(path.is_dir() for path in folder.iterdir()):
        return {}
    paths = folder_paths(folder)
    places = [place_in(folder, path) for path in paths]
    named = [*zip(names_of(places), paths, strict=True), *zip(places, paths, strict=True)]
    return {name: path for name, path in named if path.parent != folder}


def folder_entries(folder: Path, unread: Unread) -> Iterator[StructureEntry]:
    """One entry for each structure of a folder; what else it holds is counted."""
    paths = folder_paths(folder, unread)
    for name, path in zip(names_of([place_in(folder, path) for path in paths]), paths, strict=True):
        yield StructureEntry(name, path)


def archive_entries(path: Path, unread: Unread) -> Iterator[StructureEntry]:
    """One entry for each structure of an archive; nothing is written to disk, and the sum of all sizes is limited.

    Raises
    ------
    InputError
        If the archive cannot be read.
    """
    members = _zip_entries if path.name.lower().endswith(".zip") else _tar_entries
    n_entries = 0
    try:
        for entry in members(path, unread):
            yield entry
            n_entries += 1
    except Exception as error:
        # zipfile and tarfile raise a dozen kinds for damaged archives.
        if not n_entries:
            raise InputError(f"{path} is not a readable archive ({words_of(error)}); pack it again") from error
        reason = f"the archive is damaged after its structure {n_entries} ({words_of(error)})"
        yield StructureEntry(path.name, Refused(reason, "pack the archive again"))


def zip_places(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of an archive but for folders and helpers of operating systems."""
    return [member for member in archive.infolist() if not member.is_dir() and _is_entry(member.filename)]


def _is_entry(name: str) -> bool:
    place = PurePosixPath(name)
    return bool(place.name) and not place.name.startswith(".") and "__MACOSX" not in place.parts


class _Purse:
    """What an archive may still unpack."""

    def __init__(self) -> None:
        self.bytes, self.entries = BUDGET.bytes_unpacked, BUDGET.entries

    def spend(self, size: int) -> bool:
        """Whether one more member of this size is within the budget, which it then takes."""
        self.bytes -= max(0, size)
        self.entries -= 1
        return self.bytes >= 0 and self.entries >= 0


def _over_budget(name: str) -> StructureEntry:
    gigabytes = BUDGET.bytes_unpacked / 1e9
    reason = f"the archive unpacks to more than {gigabytes:g} GB or {BUDGET.entries} files; it is read up to this point"
    return StructureEntry(name, Refused(reason, "split the archive"))


def _zip_entries(path: Path, unread: Unread) -> Iterator[StructureEntry]:
    with zipfile.ZipFile(path) as archive:
        kept = []
        for member in zip_places(archive):
            if is_named_like_a_structure(member.filename) or begins_with_a_structure(_zip_head(archive, member)):
                kept.append(member)
            else:
                unread.add(_kind_of(member.filename))
        older = superseded([member.filename for member in kept], [member.file_size for member in kept])
        unread.add_superseded(older)
        kept = [member for member in kept if member.filename not in older]
        purse = _Purse()
        for name, member in zip(names_of([member.filename for member in kept]), kept, strict=True):
            if not purse.spend(min(member.file_size, BUDGET.bytes_per_structure)):
                yield _over_budget(name)
                return
            yield StructureEntry(name, _packed(member.file_size, lambda: archive.open(member)))  # noqa: B023 - called at once


def _zip_head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as file:
            return head_of(file)
    except Exception:
        return b""


def _tar_entries(path: Path, unread: Unread) -> Iterator[StructureEntry]:
    plain = path.name.lower().endswith(".tar")
    purse, taken = _Purse(), set[str]()
    # A compressed archive is read from front to end, so that it is unpacked once.
    with tarfile.open(path, "r:" if plain else "r|*") as archive:
        for member in archive:
            # Members that are refused are unpacked all the same to get to the next one, unless one can step over them.
            if not purse.spend(min(member.size, BUDGET.bytes_per_structure) if plain else member.size):
                yield _over_budget(member.name)
                return
            if not member.isfile() or not _is_entry(member.name):
                continue
            content = _packed(member.size, lambda: archive.extractfile(member))  # noqa: B023 - called at once
            if not is_named_like_a_structure(member.name) and not _begins(content):
                unread.add(_kind_of(member.name))
                continue
            stem = stem_of(member.name)
            name = member.name if stem in taken else stem
            taken.add(name)
            yield StructureEntry(name, content)
        if archive.fileobj is not None and archive.fileobj.tell() < archive.offset + tarfile.BLOCKSIZE:
            # Cut within the head of a member, it would look like one that ends there.
            raise EOFError("it ends without its end mark")


def _begins(content: Packed | Refused) -> bool:
    return isinstance(content, Packed) and begins_with_a_structure(head_of(io.BytesIO(content.content)))


def _packed(size: int, open_member: Callable[[], IO[bytes] | None]) -> Packed | Refused:
    if size > BUDGET.bytes_per_structure:
        return Refused(too_large().reason, too_large().advice)
    try:
        file = open_member()
        return Packed(b"" if file is None else file.read())
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        # How zipfile says that a member is encrypted, packed in a way it does not know, or damaged; others can be read.
        return Refused(f"it cannot be unpacked ({error})", "pack the archive again")
