"""What came of a scenario, and how it is told: for people, as JSON, as JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from xml.etree import ElementTree as Xml

from msgspec import Struct

from voltherd.simulator.scenarios.marks import Mark

Status = Literal["passed", "failed", "skipped"]


class StepDone(Struct, kw_only=True):
    """One step that was done; `seconds` are real ones."""

    step: str
    file: str
    line: int
    seconds: float
    note: str = ""


class Outcome(Struct, kw_only=True):
    """What came of one scenario in one version.

    Attributes:
        problem: what was expected and seen; `file` and `line` say where.
        frames: the last that were said before a failure: time, who, text.
    """

    name: str
    title: str
    ocpp: str
    status: Status
    seconds: float
    problem: str = ""
    file: str = ""
    line: int = 0
    steps: list[StepDone]
    frames: list[tuple[str, str, str]] = []

    @property
    def mark(self) -> Mark:
        """Where it failed."""
        return Mark(self.file, self.line)

    def text(self) -> str:
        """A failure as people read it: file, line, what was expected, what was seen."""
        return f"{self.mark}: {self.problem}" if self.line else self.problem


def junit(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as JUnit XML."""
    suite = Xml.Element(
        "testsuite",
        name="voltherd scenario",
        tests=str(len(outcomes)),
        failures=str(sum(one.status == "failed" for one in outcomes)),
        skipped=str(sum(one.status == "skipped" for one in outcomes)),
        errors="0",
        time=f"{sum(one.seconds for one in outcomes):.3f}",
    )
    for one in outcomes:
        case = Xml.SubElement(
            suite, "testcase", classname=one.name, name=f"{one.title} [OCPP {one.ocpp}]", time=f"{one.seconds:.3f}"
        )
        if one.status == "failed":
            case.set("file", one.file)
            case.set("line", str(one.line))
            failure = Xml.SubElement(case, "failure", message=_clean(f"{one.mark}: {one.problem.splitlines()[0]}"))
            frames = "\n".join(f"{at} {who}: {text}" for at, who, text in one.frames)
            failure.text = _clean(f"{one.text()}\n\nLast frames:\n{frames}")
        elif one.status == "skipped":
            Xml.SubElement(case, "skipped", message=_clean(one.problem))
        if one.steps:
            done = "\n".join(f"{step.file}:{step.line} {step.step} ({step.seconds:.2f} s)" for step in one.steps)
            Xml.SubElement(case, "system-out").text = _clean(done)
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 has no way to write."""
    return "".join(c if c in "\t\n" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) < 0xFFFE else "\ufffd" for c in text)
