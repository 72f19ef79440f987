"""The command line: which verbs there are, and how a run ends."""

from __future__ import annotations

import io
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Annotated

import typer

from matscout.app.commands.arrange import arrange
from matscout.app.commands.cache import cache
from matscout.app.commands.campaign import campaign
from matscout.app.commands.check import check
from matscout.app.commands.check_force_field import check_force_field
from matscout.app.commands.datasets import datasets
from matscout.app.commands.defects import defects
from matscout.app.commands.demo import demo
from matscout.app.commands.dynamics import dynamics
from matscout.app.commands.embed import embed
from matscout.app.commands.evaluate import evaluate
from matscout.app.commands.fit import fit
from matscout.app.commands.generate import generate
from matscout.app.commands.hull import hull
from matscout.app.commands.index import index
from matscout.app.commands.info import info
from matscout.app.commands.map import map  # noqa: A004 - the verb is called so
from matscout.app.commands.predict import predict
from matscout.app.commands.pretrain import pretrain
from matscout.app.commands.recommend import recommend
from matscout.app.commands.relax import relax
from matscout.app.commands.representations import representations
from matscout.app.commands.reproduce import reproduce
from matscout.app.commands.run import run as run_workflow
from matscout.app.commands.scout import scout
from matscout.app.commands.screen import screen
from matscout.app.commands.search import search
from matscout.app.commands.view import view
from matscout.app.commands.workflow import workflow
from matscout.app.common_options import add_common_options
from matscout.app.console import complain, say
from matscout.app.faults import words_of_fault
from matscout.app.session import PARTLY, begin, may_replace, session, write_document
from matscout.errors import MatscoutError, UsageError
from matscout.made import set_command
from matscout.mentions import speaking_to
from matscout.version import __version__
from matscout.workers import one_thread
from matscout.workflow.places import asking_before_replacing

COMMANDS: tuple[Callable[..., None], ...] = (
    demo,
    check,
    fit,
    predict,
    evaluate,
    scout,
    campaign,
    arrange,
    search,
    recommend,
    screen,
    run_workflow,
    embed,
    hull,
    relax,
    dynamics,
    check_force_field,
    view,
    map,
    pretrain,
    reproduce,
    info,
    representations,
    datasets,
)

OF_MANY_THREADS = {"pretrain", "reproduce"}
"""Commands that train networks; all others give equal bytes on equal input, for which libraries have one thread."""

FAULT = 4
"""Exit code after an error that matscout did not foresee."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it: 128 + the signal's number."""

app = typer.Typer(
    name="matscout",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"matscout {__version__}")
        raise typer.Exit


@app.callback()
def matscout(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """From a handful of labels to trustworthy predictions and a ranked shortlist of materials."""


for _command in COMMANDS:
    app.command(name="run" if _command is run_workflow else None)(_command)
add_common_options(app)
_GROUPS = (
    (generate, "generate"),
    (index, "index"),
    (defects, "defects"),
    (workflow, "workflow"),
    (cache, "cache"),
)
for _group, _name in _GROUPS:
    add_common_options(_group, _name)
    app.add_typer(_group, name=_name)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 all went well; 1 the input cannot be used; 2 the command line is wrong; 3 a part was done, such as the rows that
    can be predicted; 4 a fault of matscout; 130 interrupted by Ctrl-C. Whatever is raised ends in one paragraph on
    standard error (with ``--json`` also in the document on standard output); ``--debug`` before the command's name
    shows the traceback besides.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    _show_any_text()
    words = sys.argv[1:] if arguments is None else list(arguments)
    begin(as_json="--json" in words)
    set_command(shlex.join(["matscout", *words]))
    with speaking_to("command line"), asking_before_replacing(may_replace):
        try:
            app(args=words, prog_name="matscout")
        except SystemExit as leaving:
            code = _finished(leaving.code)
            return _ended(code, "the command line cannot be read" if code == 2 else "", "UsageError")
        except BaseException as error:
            return _ended(_failed(error, words), str(error) or type(error).__name__, type(error).__name__)
        return _ended(0)


def _ended(code: int, error: str = "", kind: str = "") -> int:
    """The exit code of a run, and its document where one was asked for (help and version are none)."""
    ran = session()
    code = PARTLY if code == 0 and ran.partly else code
    if ran.as_json and (ran.command or code):
        write_document(code, error, kind)
    return code


def _show_any_text() -> None:
    """Letters that the terminal cannot show are replaced, so that they end no run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _failed(error: BaseException, words: Sequence[str]) -> int:
    """Say why a run ended; gives its exit code."""
    if isinstance(error, KeyboardInterrupt):
        return _finished(INTERRUPTED)
    if "--debug" in takewhile(lambda word: word.startswith("-"), words):
        traceback.print_exception(error)
    match error:
        case MatscoutError():
            complain(str(error))
            return 2 if isinstance(error, UsageError) else 1
        case OSError():
            complain(f"{error.strerror or error}: {error.filename or 'a file'}")
            return 1
    complain(words_of_fault(error, [word for word in words if word != "--debug"]))
    return FAULT


def _finished(code: str | int | None) -> int:
    if code == INTERRUPTED:
        complain("interrupted; unfinished files have not been written")
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry point of the program ``matscout``."""
    if not OF_MANY_THREADS & set(sys.argv):
        one_thread()
    sys.exit(run())
