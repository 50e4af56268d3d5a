"""How a command ended that an endpoint waited for, told as the error that it would have been."""

from typing import Any

import msgspec

from voltherd.domain.commands import CommandRecord
from voltherd.domain.errors import (
    AnswerInvalid,
    CallRefused,
    NoAnswer,
    NotSent,
    NotSupportedByVersion,
    PayloadInvalid,
    StationError,
    StationOffline,
)

_KINDS: dict[str, type[StationError]] = {
    kind.title: kind for kind in (AnswerInvalid, NoAnswer, NotSent, NotSupportedByVersion, StationOffline, StationError)
}


def fail_as_recorded(record: CommandRecord) -> None:
    """Give nothing where the station answered, be it with a refusal. Raises StationError as the record tells it."""
    if record.state in ("queued", "sent"):
        raise NoAnswer(f"The station has not answered yet; follow command {record.id}.")
    if record.state not in ("failed", "expired"):
        return
    error: dict[str, Any] = msgspec.json.decode(record.error or "{}")
    words = str(error.get("detail") or record.effect or "The command could not be carried out.")
    code = str(error.get("ocpp_code", ""))
    if error.get("title") == CallRefused.title:
        raise CallRefused(words, code)
    if error.get("title") == PayloadInvalid.title:
        raise PayloadInvalid(words, code)
    raise _KINDS.get(str(error.get("title")), StationError)(words)
