"""What handlers and translations of OCPP 1.6 share."""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET, UnsetType

from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.id_token import Authorization
from voltherd.domain.metering import MeterSample, sample
from voltherd.domain.time import format_ms, parse_timestamp
from voltherd.ocpp.v16.enums import AuthorizationStatus
from voltherd.ocpp.v16.types import IdTagInfo, MeterValue, TransactionData
from voltherd.services.clocks import told_instant_ms

MAX_ID_TAG: Final = 20
_STATUS: Final[dict[str, AuthorizationStatus]] = {
    "Accepted": "Accepted",
    "Blocked": "Blocked",
    "Expired": "Expired",
    "ConcurrentTx": "ConcurrentTx",
    "NoCredit": "Blocked",
}
"""Every other verdict is `Invalid`: 1.6 has no word for a token that nobody knows."""


def text(value: str | UnsetType) -> str:
    """Give an optional text, empty where it was left out."""
    return value if value is not UNSET else ""


def id_tag_info(verdict: Authorization) -> IdTagInfo:
    """Put a verdict into the words of 1.6. A group whose id is too long is left out: cut, it might be another's."""
    expires_at_ms, group = verdict.expires_at_ms, verdict.group_id
    return IdTagInfo(
        status=_STATUS.get(verdict.status, "Invalid"),
        expiry_date=UNSET if expires_at_ms is None else format_ms(expires_at_ms),
        parent_id_tag=group if group and len(group) <= MAX_ID_TAG else UNSET,
    )


def samples(
    values: Sequence[MeterValue | TransactionData], received_ms: int, zone: str | None = None
) -> list[MeterSample]:
    """Normalise sampled values, each at its reading's instant; the instant of receipt where that cannot be read.

    `zone`: where the station stands, if it writes local time without a zone.
    """
    found: list[MeterSample] = []
    for value in values:
        at_ms = parse_timestamp(value.timestamp) if zone is None else told_instant_ms(value.timestamp, zone)
        if at_ms is None:
            at_ms = received_ms
        for item in value.sampled_value:
            found.append(  # noqa: PERF401 - this is the hottest loop of all
                sample(
                    at_ms,
                    item.value,
                    item.measurand or "",
                    item.unit or "",
                    item.phase or "",
                    item.location or "",
                    item.context or "",
                    item.format == "SignedData",
                )
            )
    return found


def connector_of(evse_id: int, connector_id: int | None = None) -> int:
    """Give the connector that an EVSE is in 1.6. Raises PayloadInvalid where there can be none."""
    if evse_id < 1:
        raise PayloadInvalid("In OCPP 1.6 evse_id is the connector's number and begins with 1.", _RANGE)
    if connector_id not in (None, 1):
        raise PayloadInvalid("In OCPP 1.6 every connector counts as an EVSE of its own with connector 1.", _RANGE)
    return evse_id


def checked_id_tag(token: str) -> str:
    """Give a token that fits in 1.6. Raises PayloadInvalid."""
    if len(token) > MAX_ID_TAG:
        words = f"A token has at most {MAX_ID_TAG} characters in OCPP 1.6; {token!r} has {len(token)}."
        raise PayloadInvalid(words, _RANGE)
    return token


_RANGE: Final = "PropertyConstraintViolation"
