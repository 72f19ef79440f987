"""What was skipped, counted by reason at the end; with ``--skip-budget`` a skip that nobody expects fails the run."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

EXPECTED = {
    r"a small file system cannot be mounted here": "needs the right to mount",
    r"needs the browser chromium": "a package of the system",
    r"needs node to read JavaScript": "a package of the system",
    r"this build of ASE comes without samples": "ASE ships them in some builds only",
    r"could not import 'gemmi'": "a second opinion on CIF files, of a licence that matscout's tests do not ask for",
    r"no data at .*|no .*/data/.*": "the shared data folder is not public",
    r"the benchmark has not been run.*": "its results are not committed",
    r"needs network|network": "tests never use one by default",
}
"""Regular expression of a reason -> why the test may be skipped where everything is installed."""


def reason_of(report: Any) -> str:
    """Why a test, or a whole file, was skipped."""
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(told).removeprefix("Skipped: ").split("\n")[0]


def is_expected(reason: str) -> bool:
    """Whether it is one of the reasons above."""
    return any(re.match(pattern, reason) for pattern in EXPECTED)


def counted(config: pytest.Config) -> Counter[str]:
    """Reason -> how many tests, or files, were skipped for it."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return Counter(reason_of(report) for report in reports if not hasattr(report, "wasxfail"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--skip-budget", action="store_true", help="fail if a test is skipped for an unexpected reason")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--skip-budget") and not all(map(is_expected, counted(session.config))):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    skips = counted(config)
    if skips:
        unexpected = sum(number for reason, number in skips.items() if not is_expected(reason))
        terminalreporter.section(f"skips: {skips.total()}, unexpected: {unexpected}")
    for reason, number in skips.most_common():
        terminalreporter.line(f"{number:5} {'expected  ' if is_expected(reason) else 'UNEXPECTED'} {reason}")
