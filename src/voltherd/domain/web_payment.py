"""Payment over a QR code at the station: the one-time password in it, and what else its address says (2.1 C25)."""

import hashlib
import hmac
import re
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from voltherd.domain.errors import Invalid

VERSION_1: Final = "v1"
_FULL: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABETS: Final = (_FULL.replace("o", ""), _FULL)
"""The published algorithm names 62 characters and lists 61, without the small o; stations may have either."""
_PLACE: Final = re.compile(r"\{([A-Za-z]+)\}")
_KNOWN: Final = frozenset({"totp", "version", "chargingstationid", "evse", "roamingevseid"})
MAX_LENGTH: Final = 2048


class Scanned(NamedTuple):
    """What the address in a QR code says."""

    totp: str
    version: str
    station_id: str = ""
    evse_id: int | None = None
    roaming_evse_id: str = ""
    max_cost: float | None = None
    max_energy_wh: float | None = None
    max_time_s: int | None = None


def one_time_password(secret: str, at_s: int, *, validity_s: int, length: int, alphabet: str = _FULL) -> str:
    """Give the password of the interval in which an instant (epoch seconds) lies: algorithm version 1."""
    interval = (at_s // validity_s).to_bytes(8, "big")
    found = hmac.digest(secret.encode(), interval, hashlib.sha256)
    offset = found[-1] & 0x0F
    return "".join(alphabet[found[(offset + place) % len(found)] % len(alphabet)] for place in range(length))


def is_valid(password: str, secret: str, at_s: int, *, validity_s: int, length: int) -> bool:
    """Whether a password holds now, or one interval earlier or later (C25.FR.07)."""
    valid = False
    for instant in (at_s - validity_s, at_s, at_s + validity_s):
        for alphabet in ALPHABETS:
            own = one_time_password(secret, instant, validity_s=validity_s, length=length, alphabet=alphabet)
            valid |= hmac.compare_digest(own.encode(), password.encode())
    return valid


def check_template(template: str) -> None:
    """Raise ValueError unless a template names password, version and station (C25.FR.50)."""
    names = {name.lower() for name in _PLACE.findall(template)}
    missing = {"totp", "version"} - names
    if missing:
        raise ValueError(f"url_template: {{{min(missing)}}} is missing")
    if not names & {"chargingstationid", "roamingevseid"}:
        raise ValueError("url_template: {chargingstationid} or {roamingevseid} is missing")
    unknown = names - _KNOWN
    if unknown:
        raise ValueError(f"url_template: {{{min(unknown)}}} means nothing")


def read_address(template: str, address: str) -> Scanned:
    """Read the address in a QR code by the template that the station filled in (C25.FR.09, .59). Raises Invalid."""
    if len(address) > MAX_LENGTH:
        raise Invalid(f"The address has more than {MAX_LENGTH} characters.")
    wanted, got = urlsplit(template), urlsplit(address)
    found = _match(wanted.path.rstrip("/"), got.path.rstrip("/"))
    if found is None or (wanted.scheme, wanted.netloc.lower()) != (got.scheme, got.netloc.lower()):
        raise Invalid("The address is not made of the template of the setting web_payments.")
    query = {name.lower(): value for name, value in parse_qsl(got.query)}
    for name, value in parse_qsl(wanted.query):
        place = _PLACE.fullmatch(value)
        if place is not None:
            found[place[1].lower()] = query.get(name.lower(), "")
    return Scanned(
        totp=found.get("totp", ""),
        version=found.get("version", ""),
        station_id=found.get("chargingstationid", ""),
        evse_id=_whole(found["evse"], "evse") if found.get("evse") else None,
        roaming_evse_id=found.get("roamingevseid", ""),
        max_cost=_amount(query["maxcost"]) if query.get("maxcost") else None,
        max_energy_wh=_whole(query["maxenergy"], "maxenergy") if query.get("maxenergy") else None,
        max_time_s=_whole(query["maxtime"], "maxtime") if query.get("maxtime") else None,
    )


def _match(template: str, path: str) -> dict[str, str] | None:
    """Match a path with a template; each place holds what stands between its neighbours."""
    pieces = _PLACE.split(template)
    names = [name.lower() for name in pieces[1::2]]
    pattern = "([^/]+)".join(re.escape(text) for text in pieces[::2])
    match = re.fullmatch(pattern, path)
    return None if match is None else {name: unquote(value) for name, value in zip(names, match.groups(), strict=True)}


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) <= 0x7FFF_FFFF and len(text) <= 10):
        raise Invalid(f"{name}: {text!r} is no whole number above zero.")
    return int(text)


def _amount(text: str) -> float:
    if re.fullmatch(r"\d{1,9}(\.\d{1,4})?", text) is None or float(text) == 0:
        raise Invalid(f"maxcost: {text!r} is no amount.")
    return float(text)
