"""Commands as the API shows them: what was asked, how far it came, what the station answered, what was seen."""

from msgspec import Raw, Struct

from voltherd.api.views.listed import instant
from voltherd.domain.commands import CommandRecord
from voltherd.domain.time import format_ms


class CommandAccepted(Struct, kw_only=True):
    """The command was taken; follow it under `/commands/{command_id}` or on the stream."""

    command_id: str


class CommandView(Struct, kw_only=True):
    """The life of one command: queued, sent, accepted or rejected, effect_seen; or expired, failed."""

    command_id: str
    station_id: str
    name: str
    state: str
    requested_by: str
    created_at: str
    sent_at: str | None
    answered_at: str | None
    effect_at: str | None
    not_after: str
    """It is not sent after this instant, and its effect not waited for any longer."""
    request: Raw
    answer: Raw | None
    error: Raw | None
    effect: str | None


def command_view(record: CommandRecord, identity: str) -> CommandView:
    """Show a command to the station `identity`."""
    return CommandView(
        command_id=str(record.id),
        station_id=identity,
        name=record.name,
        state=record.state,
        requested_by=record.requested_by,
        created_at=format_ms(record.created_at_ms),
        sent_at=instant(record.sent_at_ms),
        answered_at=instant(record.answered_at_ms),
        effect_at=instant(record.effect_at_ms),
        not_after=format_ms(record.not_after_ms),
        request=_json(record.request) or Raw(b"{}"),
        answer=_json(record.answer),
        error=_json(record.error),
        effect=record.effect,
    )


def _json(text: str | None) -> Raw | None:
    return Raw(text.encode()) if text else None
