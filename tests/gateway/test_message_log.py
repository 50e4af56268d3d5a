"""The log of frames holds no passwords, however their names are spelled (A01.FR.09)."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from support.desk import NOON_MS, Desk
from voltherd.domain.ids import IdSource
from voltherd.domain.message import MessageType
from voltherd.gateway.message_log import MessageLog
from voltherd.gateway.session import Session

SET = '{"component":{"name":"securityctrlr"},"variable":{"name":"BASICAUTHPASSWORD"},"attributeValue":"3039"}'
REPORT = '{"variable":{"name":"basicAuthPassword"},"variableAttribute":[{"value":"3039"}]}'


async def logged(desk: Desk, message_type: MessageType, action: str, frame: str) -> str:
    """Give a frame as the store has it once it was logged."""
    log = MessageLog(desk.store.journal, IdSource(lambda: NOON_MS), lambda: NOON_MS)
    session = cast("Session", SimpleNamespace(state=desk.state, frames=[]))
    log.add(session, "in", message_type, "1", action, frame.encode())
    log.flush()
    await asyncio.wait_for(desk.store.journal.flush(), 5)
    page: Any = await desk.store.records.messages(1, desk.state.station.id)
    return str(page.items[0].frame)


@pytest.mark.parametrize(
    ("message_type", "action", "frame"),
    [
        ("call", "ChangeConfiguration", '[2,"1","ChangeConfiguration",{"key":"AUTHORIZATIONKEY","value":"3039"}]'),
        ("call", "ChangeConfiguration", '[2,"1","ChangeConfiguration",{"key":"authorizationkey","value":"3039"}]'),
        ("result", "GetConfiguration", '[3,"1",{"configurationKey":[{"key":"authorizationKEY","value":"3039"}]}]'),
        ("call", "SetVariables", f'[2,"1","SetVariables",{{"setVariableData":[{SET}]}}]'),
        ("call", "NotifyReport", f'[2,"1","NotifyReport",{{"reportData":[{REPORT}]}}]'),
        ("call", "", f'[2,"1","NotifyReport",{{"reportData":[{REPORT}]}}]'),
    ],
)
async def test_a_logged_frame_holds_no_password_however_its_name_is_spelled(
    v16: Desk, message_type: MessageType, action: str, frame: str
) -> None:
    assert await logged(v16, message_type, action, frame) == frame.replace('"3039"', '"***"')


async def test_frames_without_secrets_are_logged_as_they_came(v16: Desk) -> None:
    frame = '[2,"1","Heartbeat",{"odd":"AuthorizationKey","value":"1"}]'
    assert await logged(v16, "call", "Heartbeat", frame) == frame
