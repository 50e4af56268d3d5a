"""The verdict our types are held against: the official schema of each message and version.

The schemas come from the PyPI package `ocpp` and are compiled by `fastjsonschema` in the draft each of them names.
Formats are demanded: `date-time` as RFC 3339 section 5.6 says, leap seconds included; `uri` as RFC 3986 says.
Numbers are judged as decimals, so that 0.3 is a multiple of 0.1.
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import fastjsonschema

from voltherd.ocpp.version import OcppVersion

PACKAGES = {OcppVersion.V16: "v16", OcppVersion.V201: "v201", OcppVersion.V21: "v21"}


@cache
def schemas(version: OcppVersion) -> dict[str, dict[str, Any]]:
    """Message name (ending in Request or Response) -> official schema."""
    found = {}
    for path in resources.files(f"ocpp.{PACKAGES[version]}").joinpath("schemas").iterdir():
        if path.name.endswith(".json"):
            stem = path.name.removesuffix(".json")
            name = stem if stem.endswith(("Request", "Response")) else f"{stem}Request"
            found[name] = json.loads(path.read_text("utf-8-sig"))
    return dict(sorted(found.items()))


@cache
def judge(version: OcppVersion, message: str) -> Callable[[Any], bool]:
    """A function that says whether the official schema accepts a payload."""
    check = fastjsonschema.compile(
        schemas(version)[message],
        formats={"date-time": is_date_time, "uri": is_uri},
        use_default=False,
        detailed_exceptions=False,
    )

    def accepts(payload: Any) -> bool:
        try:
            check(payload)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return accepts


def is_date_time(text: str) -> bool:
    """RFC 3339, section 5.6: full date, T, full time; the T and Z may be lower case."""
    date, separator, time = text[:10], text[10:11], text[11:]
    return separator in ("T", "t") and _is_date(date) and _is_time(date, time)


def _is_date(text: str) -> bool:
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    parts = (text[:4], text[5:7], text[8:])
    if not all(part.isascii() and part.isdigit() for part in parts):
        return False
    year, month, day = map(int, parts)
    # Year 0 is a leap year, which the calendar module does not know.
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 4, month)[1]


def _is_time(date: str, text: str) -> bool:
    clock, zone = (text[:-1], "+00:00") if text[-1:] in ("Z", "z") else (text[:-6], text[-6:])
    offset = _minutes(zone[1:]) if zone[:1] in ("+", "-") else None
    start, fraction = _minutes(clock[:5]), clock[8:]
    seconds = clock[6:8]
    if offset is None or start is None or clock[5:6] != ":" or not (len(seconds) == 2 and _digits(seconds)):
        return False
    if fraction and not (fraction[0] == "." and _digits(fraction[1:])):
        return False
    if seconds == "60":
        return (start - int(f"{zone[0]}1") * offset) % (24 * 60) == 24 * 60 - 1
    return int(seconds) < 60


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _minutes(text: str) -> int | None:
    if len(text) != 5 or text[2] != ":" or not (_digits(text[:2]) and _digits(text[3:])):
        return None
    hours, minutes = int(text[:2]), int(text[3:])
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None


def is_uri(text: str) -> bool:
    """RFC 3986: a scheme, then only characters of the grammar, each in a place where it may stand."""
    scheme, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return False
    if not re.fullmatch(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*", rest) or rest.count("#") > 1:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    outside = parts.path + parts.query + parts.fragment
    return not set("[]") & set(outside) and parts.netloc.count("@") < 2 and (port is None or port >= 0)
