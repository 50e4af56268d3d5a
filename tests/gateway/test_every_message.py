"""Every message of every version, in both directions: handled, or sent by a command; and any may be sent raw."""

from pathlib import Path

import pytest

from messages_page import is_handled, page, routes_of, sent_by
from voltherd.domain.catalogue import COMMANDS
from voltherd.ocpp.version import MessageSpec, OcppVersion, messages

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "messages.md"


def specs(*senders: str) -> list[tuple[OcppVersion, MessageSpec]]:
    every = ((version, spec) for version in OcppVersion for spec in messages(version).values())
    return [(version, spec) for version, spec in every if spec.sender in senders]


def named(case: object) -> str:
    return case.value if isinstance(case, OcppVersion) else case.action if isinstance(case, MessageSpec) else ""


@pytest.mark.parametrize(("version", "spec"), specs("station", "both"), ids=named)
def test_every_message_of_a_station_has_a_handler(version: OcppVersion, spec: MessageSpec) -> None:
    assert is_handled(version, spec.action), f"{spec.action} of OCPP {version} is answered NotSupported"


@pytest.mark.parametrize(("version", "spec"), specs("csms", "both"), ids=named)
def test_every_message_to_a_station_is_sent_by_a_command(version: OcppVersion, spec: MessageSpec) -> None:
    by = sent_by(version, spec.action)
    assert by, f"no command sends {spec.action} of OCPP {version}"
    assert by <= set(COMMANDS)


def test_every_command_is_sent_in_some_version() -> None:
    translated = {kind.name for version in OcppVersion for kind in routes_of(version).translations}
    assert translated == set(COMMANDS)


def test_the_page_of_messages_is_what_the_code_says() -> None:
    assert page() == PAGE.read_text("utf-8"), "run `.venv/bin/python tools/messages_page.py`"
