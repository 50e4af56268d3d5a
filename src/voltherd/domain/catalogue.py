"""Every command and every kind of document there is, by name."""

from voltherd.domain import (
    availability,
    battery_swap,
    certificate,
    charging_profile,
    commands,
    data_transfer,
    der_control,
    diagnostics,
    display_message,
    event_stream,
    firmware,
    local_list,
    monitoring,
    network_profile,
    report,
    reservation,
    tariff,
    transaction,
    v2x,
)
from voltherd.domain.commands import Command
from voltherd.domain.document import Document

_NOUNS = (
    commands,
    availability,
    battery_swap,
    certificate,
    charging_profile,
    data_transfer,
    der_control,
    diagnostics,
    display_message,
    event_stream,
    firmware,
    local_list,
    monitoring,
    network_profile,
    report,
    reservation,
    tariff,
    transaction,
    v2x,
)

COMMANDS: dict[str, type[Command]] = {kind.name: kind for noun in _NOUNS for kind in noun.COMMANDS}
DOCUMENTS: dict[str, type[Document]] = {kind.kind: kind for noun in _NOUNS for kind in noun.DOCUMENTS}
