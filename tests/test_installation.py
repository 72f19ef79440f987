"""What is installed: extras without drift, and a version pinned of everything that they bring."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {name: [Requirement(text) for text in texts] for name, texts in PROJECT["optional-dependencies"].items()}
CORE = [Requirement(text) for text in PROJECT["dependencies"]]
OF_PYTHON = {"pip", "setuptools", "wheel"}
"""Bring themselves, with the virtual environment."""


def pinned(file: str = "constraints.txt") -> dict[str, str]:
    """Package -> version, as a file of constraints has it."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {str(canonicalize_name(name)): version for name, version in pairs}


def asked_for(extra: str) -> list[Requirement]:
    """The requirements of an extra, those of the extras that it is composed of included."""
    found = []
    for requirement in EXTRAS[extra]:
        if requirement.name == "matscout":
            found += [inner for name in requirement.extras for inner in asked_for(name)]
        else:
            found.append(requirement)
    return found


def brought_by(requirements: list[Requirement]) -> set[str]:
    """Every installed distribution that these need, directly or not."""
    names: set[str] = set()
    waiting = [(requirement, extra) for requirement in requirements for extra in (*requirement.extras, "")]
    done = set()
    while waiting:
        requirement, extra = waiting.pop()
        name = str(canonicalize_name(requirement.name))
        if (name, extra) in done or name == "matscout":
            continue
        done.add((name, extra))
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        names.add(name)
        for inner in map(Requirement, needs):
            if inner.marker is None or inner.marker.evaluate({"extra": extra}):
                waiting += [(inner, further) for further in (*inner.extras, "")]
    return names


def test_every_package_is_asked_for_in_one_way() -> None:
    """An extra that repeats a package of another one has the same bounds."""
    bounds: dict[str, set[str]] = {}
    for requirement in [*CORE, *(one for extra in EXTRAS.values() for one in extra if one.name != "matscout")]:
        bounds.setdefault(canonicalize_name(requirement.name), set()).add(str(requirement.specifier))
    assert {name: found for name, found in bounds.items() if len(found) > 1} == {}


def test_slow_brings_every_extra() -> None:
    asked = {requirement.name for requirement in asked_for("slow")}
    assert {one.name for extra in EXTRAS.values() for one in extra} - asked == {"matscout"}


def test_dev_repeats_nothing_of_the_extras_that_it_is_composed_of() -> None:
    for composed in ("dev", "slow"):
        own = {one.name for one in EXTRAS[composed] if one.name != "matscout"}
        others = {one.name for name, extra in EXTRAS.items() if name not in {"dev", "slow"} for one in extra}
        assert own & (others | {one.name for one in CORE}) == set()


def test_a_version_is_pinned_of_everything_that_is_installed() -> None:
    found = brought_by([*CORE, *asked_for("slow")])
    assert len(found) > 100
    assert sorted(found - set(pinned()) - OF_PYTHON) == []


def test_pins_are_names_and_versions_only() -> None:
    for file in ("constraints.txt", "constraints-lowest.txt"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            assert line.startswith("# ") or re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line


def test_every_pin_is_within_its_bounds() -> None:
    versions = pinned()
    for requirement in [*CORE, *(one for one in asked_for("slow"))]:
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} and {version}"


def test_the_lowest_versions_are_those_that_are_tested() -> None:
    """A bound that `make test-lowest` does not install says nothing."""
    tested = pinned("constraints-lowest.txt")
    for requirement in [*CORE, *EXTRAS["small"]]:
        (bound,) = [one.version for one in requirement.specifier if one.operator == ">="]
        assert Version(tested[canonicalize_name(requirement.name)]) == Version(bound), requirement


def test_every_tested_python_is_promised() -> None:
    promised = {name.removeprefix("Programming Language :: Python :: ") for name in PROJECT["classifiers"]}
    assert {"3.11", "3.12", "3.13"} <= promised
    assert PROJECT["requires-python"] == ">=3.11"


def test_the_small_suite_is_all_that_is_marked_so() -> None:
    """The Makefile names its files, since to collect the others more must be installed."""
    marked = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "pytestmark = pytest.mark.small" in path.read_text(encoding="utf-8").splitlines()
    }
    (line,) = [
        line for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if line.startswith("SMALL")
    ]
    assert set(line.split(" := ")[1].split()) == marked


def test_all_environment_variables_are_documented() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "matscout").rglob("*.py"))
    page = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    assert set(re.findall(r"MATSCOUT_[A-Z_]+", source)) == set(
        re.findall(r"^\| `(MATSCOUT_[A-Z_]+)` \|", page, re.MULTILINE)
    )


def test_the_image_is_for_a_user_without_rights_and_copies_what_is_there() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER matscout$", text, re.MULTILINE)
    copied = {
        name for names in re.findall(r"^COPY (?!--from)(.*) \./?\S*$", text, re.MULTILINE) for name in names.split()
    }
    sent = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)
    (extras,) = re.findall(r"\.\[([\w,]+)\]", text)
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras.split(",")) <= set(known)
