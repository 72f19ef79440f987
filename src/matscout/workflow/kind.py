"""A kind of step: what can be set, what goes in, what comes out; one file in ``workflow/steps`` each."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from matscout.data.reading_settings import ReadingSettings
from matscout.progress import Progress, WorkPart, silent
from matscout.registry import name_of
from matscout.settings.fields import SettingField, apart, entry_of, fields_of, without_none
from matscout.store import Store, key_of

NOUNS: Mapping[str, str] = {
    "Dataset": "labelled rows, or materials",
    "Embedding": "vectors of materials",
    "Model": "a fitted model of one target",
    "Evaluation": "scores on unseen rows",
    "LearningCurve": "scores at growing numbers of labels",
    "BackTest": "a replay of the search among the labels",
    "StrategyComparison": "campaigns of several strategies on the labels",
    "Candidates": "materials that might be made",
    "Ranking": "candidates in the order in which to try them",
    "RoundReview": "outcomes of the proposals of earlier rounds",
    "Table": "a table",
    "Report": "files to read",
    "Map": "a map of materials",
    "Models": "a folder of models, for predict and for scout --use",
    "Index": "materials that can be searched by similarity",
    "Run": "trained weights, or a figure of a paper",
}
"""What a step may give -> what that is."""


@dataclass(frozen=True)
class Input:
    """Marks a setting that names another step, or several: ``labels: Annotated[str, Input("Dataset")]``.

    A setting whose default is ``""`` (or ``("",)``) must name a step; where it does not, the nearest one above that
    gives the noun is meant, of a list all of them.

    Parameters
    ----------
    noun
        What that step must give, see :data:`NOUNS`.
    """

    noun: str


@dataclass(frozen=True)
class SourceFile:
    """Marks a setting that names a file or folder which is read: it counts by its name and what is in it."""


@dataclass(frozen=True)
class StepWork:
    """What a step may use while it runs.

    Parameters
    ----------
    folder
        Where paths of the workflow begin.
    scratch
        An empty folder for files that become part of the result.
    store
        Where parts of the work may be kept, so that a step that was stopped need not begin anew; None for nowhere.
    progress
        Told how far the work is.
    seconds
        How long all steps took that it rests on, when they were made.
    """

    folder: Path
    scratch: Path
    store: Path | None = None
    progress: Progress = silent
    seconds: float = 0.0

    def lasting(self, kind: str, *made_from: object) -> Path:
        """A folder that a run which was stopped finds again, for what goes on where it was; else the scratch folder."""
        return self.scratch if self.store is None else Store(self.store).growing_folder(kind, key_of(*made_from))

    def source(self, path: Path | str) -> Path:
        """Where a file of the workflow lies.

        Raises
        ------
        InputError
            If nothing is there.
        """
        from matscout.workflow.parsing import existing

        return existing(self.folder / path)


@dataclass(frozen=True)
class WrittenFiles:
    """Files as the result of a step.

    Parameters
    ----------
    folder
        Where they lie.
    first
        The one to open first, a name in the folder; "" for none.
    words
        What they are, in a line.
    """

    folder: Path
    first: str = ""
    words: str = ""

    loaded_by: ClassVar[str] = "matscout.workflow.kind:load_files"

    def save(self, folder: Path) -> None:
        """Copy them into a folder that is made."""
        shutil.copytree(self.folder, folder / "files")
        (folder / "first.txt").write_text(f"{self.first}\n{self.words}", encoding="utf-8")


def load_files(folder: Path) -> WrittenFiles:
    """What :meth:`WrittenFiles.save` wrote."""
    first, _, words = (folder / "first.txt").read_text(encoding="utf-8").partition("\n")
    return WrittenFiles(folder / "files", first, words)


class StepKind(ABC):
    """A kind of step: a frozen dataclass whose fields are its settings; those marked :class:`Input` name other steps.

    The name of the kind is that of its file, with hyphens.
    """

    output: ClassVar[str]
    """The noun of its result, see :data:`NOUNS`."""

    information: ClassVar[str] = ""
    """What it keeps of what it gets and which symmetries it respects, in a sentence; "" where nothing is lost."""

    predicts: ClassVar[bool] = False
    """Whether models or representations take part, that are chosen by name: their code counts for the key."""

    divides: ClassVar[bool] = False
    """Whether its work has parts that other processes may do, see :meth:`parts`."""

    def parts(self, inputs: Mapping[str, Any], work: StepWork) -> Sequence[WorkPart]:
        """Parts that may be done before it runs, side by side; they are kept in the store of ``work``.

        Parameters are those of :meth:`run`. Asked twice, it gives the same parts in the same order.
        """
        return ()

    @abstractmethod
    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Any:
        """The result.

        Parameters
        ----------
        inputs
            Name of a setting that is an input -> the result of the step that it names; a tuple where it names several;
            what is not named is None.
        work
            What may be used.
        """

    @abstractmethod
    def summary(self, result: Any) -> str:
        """The result in one line."""

    def write(self, result: Any, folder: Path) -> None:
        """Write what people read of a result into an empty folder; of files these, of everything else nothing."""
        if isinstance(result, WrittenFiles):
            shutil.copytree(result.folder, folder, dirs_exist_ok=True)

    def moved(self, move: Callable[[Any], Any]) -> StepKind:
        """The same, described from another folder.

        Parameters
        ----------
        move
            Turns a path, or several, into those that lead to the same place from there.
        """
        moved = {name: move(getattr(self, name)) for name in files_of(type(self))}
        if isinstance(self, ReadingSettings):
            moved["structure"] = move(self.structure)
        return replace(self, **moved)  # type: ignore[type-var]

    def origin(self, folder: Path) -> object:
        """What the result depends on besides settings, inputs, code and files: the state of a database, weights."""
        return None


def kind_name(kind: type[StepKind] | StepKind) -> str:
    """What a kind is called in a workflow."""
    return name_of(kind if isinstance(kind, type) else type(kind))


@dataclass(frozen=True)
class InputField:
    """A setting that names steps.

    Parameters
    ----------
    field
        The setting.
    noun
        What the steps must give.
    several
        Whether it names a list of steps.
    """

    field: SettingField
    noun: str
    several: bool

    @property
    def required(self) -> bool:
        """Whether a step must be named, if only by being the nearest one."""
        return self.field.default not in (None, ())


def inputs_of(kind: type[StepKind]) -> Mapping[str, InputField]:
    """Name of each field that is an input -> what it takes."""
    fields = {}
    for field in fields_of(kind):
        annotation = without_none(field.annotation)
        several = entry_of(annotation) is not None
        for mark in (*apart(field.annotation)[1], *apart(annotation)[1], *apart(entry_of(annotation))[1]):
            if isinstance(mark, Input):
                fields[field.name] = InputField(field, mark.noun, several)
    return fields


def files_of(kind: type[StepKind]) -> tuple[str, ...]:
    """The fields that name files which are read."""
    return tuple(
        field.name
        for field in fields_of(kind)
        for mark in (*apart(field.annotation)[1], *apart(without_none(field.annotation))[1])
        if isinstance(mark, SourceFile)
    )


def named_steps(kind: StepKind) -> Mapping[str, tuple[str, ...]]:
    """Name of each field that is an input -> the steps that it names."""
    named: dict[str, tuple[str, ...]] = {}
    for name in inputs_of(type(kind)):
        value: str | Sequence[str] | None = getattr(kind, name)
        given = () if value is None else (value,) if isinstance(value, str) else tuple(value)
        named[name] = tuple(other for other in given if other)
    return named


def placed_address(address: str, folder: Path) -> str:
    """``NAME=FOLDER`` with the way to the folder, if it lies in ``folder``; other addresses stay."""
    name, given, place = address.rpartition("=")
    return f"{name}={folder / place}" if given and (folder / place).exists() else address


def moved_address(address: str, move: Callable[[Any], Any]) -> str:
    """``NAME=FOLDER`` with the way to the folder as seen from another place; other addresses stay."""
    name, given, folder = address.rpartition("=")
    return f"{name}={move(folder)}" if given else address
