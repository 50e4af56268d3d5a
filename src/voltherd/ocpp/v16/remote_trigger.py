"""Remote trigger profile of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.v16.enums import MessageTrigger, TriggerMessageStatus


class TriggerMessageRequest(WireType, kw_only=True):
    """Asks the station to send a message now. CSMS to station."""

    requested_message: MessageTrigger
    connector_id: int | UnsetType = UNSET


class TriggerMessageResponse(WireType, kw_only=True):
    """Answer to `TriggerMessage`."""

    status: TriggerMessageStatus
