"""The OCPP message log as the API shows it."""

from msgspec import Struct

from voltherd.domain.message import LoggedMessage
from voltherd.domain.time import format_ms


class MessageView(Struct, kw_only=True):
    """One frame as it went over the wire; `in` came from the station."""

    id: str
    station_id: str
    at: str
    direction: str
    message_type: str
    message_id: str
    action: str | None
    frame: str


def message_view(message: LoggedMessage, identity: str) -> MessageView:
    """Show a logged frame of the station `identity`."""
    return MessageView(
        id=str(message.id),
        station_id=identity,
        at=format_ms(message.at_ms),
        direction=message.direction,
        message_type=message.message_type,
        message_id=message.message_id,
        action=message.action or None,
        frame=message.frame,
    )
