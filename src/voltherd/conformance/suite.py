"""What the suite holds: cases that have a test, cases that wait for something, and the ids that there are.

The tests are known from their marker (`plugin.py` collects them); the rest is data beside them, per version:
`pending*.toml` names cases that cannot be tested with the reason, `ids.txt` every official id. The cases of a station
lie in a suite of their own; its `ids.txt` tells the certification profiles too: `TC_B_20_CS | Core M | ISO 15118 C`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from voltherd.domain.errors import VoltherdError

State = Literal["passed", "failed", "pending"]
Side = Literal["csms", "station"]
"""Who is under test."""
Weight = Literal["mandatory", "conditional"]
"""What a certification profile asks; conditional: where the station has the feature."""
VERSIONS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}
"""Version and the folder of its cases."""
OPTION = "--conformance-results"
"""The plugin's option: the file that it writes."""
NOT_WRITTEN = "not written yet"
BLOCKS_2X = {
    "A": "Security",
    "B": "Provisioning",
    "C": "Authorization",
    "D": "Local authorization list",
    "E": "Transactions",
    "F": "Remote control",
    "G": "Availability",
    "H": "Reservation",
    "I": "Tariff and cost",
    "J": "Meter values",
    "K": "Smart charging",
    "L": "Firmware management",
    "M": "Certificate management",
    "N": "Diagnostics",
    "O": "Display message",
    "P": "Data transfer",
    "Q": "Bidirectional charging",
    "R": "DER control",
    "S": "Battery swap",
}


class ConformanceError(VoltherdError):
    """The suite cannot be run, or is not in order."""

    title = "The conformance suite cannot be run"


class Case(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One certification case and how it stands."""

    id: str
    version: str
    block: str
    title: str = ""
    state: State = "pending"
    reason: str = ""
    """Why it is pending, or what failed first."""
    test: str = ""
    """Where its test is."""
    profiles: Mapping[str, Weight] = {}
    """The certification profiles that it belongs to."""


class _Pending(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    title: str
    reason: str
    block: str = ""


class _PendingFile(msgspec.Struct, forbid_unknown_fields=True):
    case: list[_Pending]


def block_of(case_id: str, block: str = "") -> str:
    """Give the block's name; that of a 2.x case (`TC_A_01_CSMS`) follows from its letter."""
    letter = case_id.split("_")[1]
    return block or (f"{letter} {BLOCKS_2X[letter]}" if letter in BLOCKS_2X else "Other")


def complete(root: Path, tested: Iterable[Case], versions: Sequence[str]) -> list[Case]:
    """Join the cases that have a test with those that wait and those that nobody wrote yet.

    Raises:
        ConformanceError: a case is listed as pending although it has a test, or is listed twice.
    """
    found = {(case.version, case.id): case for case in tested}
    for version in versions:
        folder = root / VERSIONS[version]
        for case in pending(folder, version):
            if (version, case.id) in found:
                raise ConformanceError(f"{case.id} of {version} is listed as pending, but is there already.")
            found[version, case.id] = case
        for case_id, profiles in listed(folder).items():
            block = block_of(case_id, next(iter(profiles), "") if version == "1.6" else "")
            waiting = Case(id=case_id, version=version, block=block, reason=NOT_WRITTEN)
            case = found.get((version, case_id), waiting)
            found[version, case_id] = msgspec.structs.replace(case, profiles=profiles)
    order = list(VERSIONS)
    return sorted(found.values(), key=lambda case: (order.index(case.version), natural(case.id)))


def pending(folder: Path, version: str) -> list[Case]:
    """Read the cases of a version that wait, with their reasons."""
    found: list[Case] = []
    for file in sorted(folder.glob("pending*.toml")):
        try:
            listed = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _PendingFile)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise ConformanceError(f"{file}: {error}.") from None
        found += [
            Case(
                id=one.id,
                version=version,
                block=block_of(one.id, one.block),
                title=one.title,
                reason=one.reason,
            )
            for one in listed.case
        ]
    return found


def ids(folder: Path) -> list[str]:
    """Read the official ids of a version; none where there is no list."""
    return [line.partition("|")[0].strip() for line in _lines(folder)]


def listed(folder: Path) -> dict[str, dict[str, Weight]]:
    """Read the official ids of a version with their certification profiles."""
    found: dict[str, dict[str, Weight]] = {}
    for line in _lines(folder):
        case_id, *profiles = (part.strip() for part in line.split("|"))
        found[case_id] = {name[:-2]: "mandatory" if name.endswith(" M") else "conditional" for name in profiles}
    return found


def _lines(folder: Path) -> list[str]:
    file = folder / "ids.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def natural(case_id: str) -> tuple[Any, ...]:
    """Order ids as people do: TC_9 before TC_10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in case_id.split("_"))


def counted(cases: Iterable[Case]) -> Mapping[str, int]:
    """Count total, passed, failed and pending."""
    counts = {"total": 0, "passed": 0, "failed": 0, "pending": 0}
    for case in cases:
        counts["total"] += 1
        counts[case.state] += 1
    return counts
