"""The pytest plugin that collects what became of each certification case, and writes it to a file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from voltherd.conformance.suite import OPTION, Case, State, block_of

_RANK: dict[State, int] = {"passed": 0, "pending": 1, "failed": 2}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file."""
    parser.addoption(OPTION, type=Path, required=True, help="where the results go, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to collect."""
    config.pluginmanager.register(Results(config.getoption(OPTION)), "conformance-results")


class Results:
    """A case holds when each of its tests passed; one failure fails it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._cases: dict[tuple[str, str], Case] = {}
        self._of_test: dict[str, tuple[str, str]] = {}
        self._seen: set[tuple[str, str]] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Learn the cases from the markers of the tests."""
        for item in items:
            marker = item.get_closest_marker("case")
            if marker is not None:
                self._learn(item, marker)

    def _learn(self, item: pytest.Item, marker: pytest.Mark) -> None:
        named = marker.kwargs
        key = named["version"], named["id"]
        self._of_test[item.nodeid] = key
        self._cases.setdefault(
            key,
            Case(
                id=named["id"],
                version=named["version"],
                block=block_of(named["id"], named["block"]),
                title=named["title"],
                reason="not run",
                test=item.nodeid.partition("[")[0],
            ),
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in what became of one step of one test."""
        key = self._of_test.get(report.nodeid)
        if key is None:
            return
        if report.failed:
            self._note(key, "failed", _failure(report))
        elif report.skipped:
            self._note(key, "pending", _skipped(report))
        elif report.when == "call":
            self._note(key, "passed", "")

    def _note(self, key: tuple[str, str], state: State, reason: str) -> None:
        known = self._cases[key]
        if key not in self._seen or _RANK[state] > _RANK[known.state]:
            self._cases[key] = msgspec.structs.replace(known, state=state, reason=reason)
        self._seen.add(key)

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        self.file.write_bytes(msgspec.json.encode(list(self._cases.values())))


def _failure(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else report.longreprtext
    first = next((line for line in text.splitlines() if line.strip()), "failed")
    return first if report.when == "call" else f"{report.when}: {first}"


def _skipped(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return text.removeprefix("Skipped: ")
