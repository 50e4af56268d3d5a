"""A hand-made station that holds every frame of both sides against the official schemas of its OCPP version."""

import asyncio
import json
from decimal import Decimal
from functools import cache
from typing import Any

from jsonschema import FormatChecker
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from schema_reference import is_date_time, is_uri, schemas
from websockets.asyncio.client import ClientConnection

from support.peer import Answer, Peer, ServerCall
from voltherd.ocpp.errors import ErrorCode, spelled
from voltherd.ocpp.version import OcppVersion

CALL, RESULT, ERROR, RESULT_ERROR, SEND = 2, 3, 4, 5, 6
LENGTHS = {CALL: 4, RESULT: 3, ERROR: 5, RESULT_ERROR: 5, SEND: 4}
MAX_ID_LENGTH = 36
FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time")(lambda text: not isinstance(text, str) or is_date_time(text))
FORMATS.checks("uri")(lambda text: not isinstance(text, str) or is_uri(text))


@cache
def validator(version: OcppVersion, message: str) -> Validator | None:
    """Give the check of a message (`HeartbeatRequest`), None where the version has none of that name."""
    schema = schemas(version).get(message)
    if schema is None:
        return None
    exact = json.loads(json.dumps(schema), parse_float=Decimal)
    return validator_for(exact)(exact, format_checker=FORMATS)


def violation(version: OcppVersion, message: str, payload: Any) -> str | None:
    """Say what is wrong with a payload; None: nothing. Numbers are judged as decimals."""
    check = validator(version, message)
    if check is None:
        return f"{message} is no message of OCPP {version}"
    exact = json.loads(json.dumps(payload), parse_float=Decimal)
    error = next(iter(check.iter_errors(exact)), None)
    return None if error is None else f"{message} {error.json_path}: {error.message}"


class CheckedPeer(Peer):
    """A connection whose `violations` name what broke the schema, on either side."""

    def __init__(self, socket: ClientConnection, answers: dict[str, Answer]) -> None:
        version = OcppVersion.from_subprotocol(socket.subprotocol or "")
        assert version is not None, f"the server chose the subprotocol {socket.subprotocol}"
        self.version = version
        self.violations: list[str] = []
        self._actions: dict[str, str] = {}
        super().__init__(socket, answers)

    # -- from the server ------------------------------------------------------------------------------------------

    async def _take(self, frame: str) -> None:
        message = json.loads(frame)
        if self._is_frame(message):
            self._check_frame(message, frame)
            await super()._take(frame)
        else:
            self.violations.append(f"no frame of OCPP {self.version}: {frame[:200]}")

    def _is_frame(self, message: Any) -> bool:
        if not isinstance(message, list) or not message or len(message) != LENGTHS.get(message[0]):
            return False
        return message[0] not in (RESULT_ERROR, SEND) or self.version is OcppVersion.V21

    def _check_frame(self, message: list[Any], frame: str) -> None:
        kind, message_id = message[0], message[1]
        if not isinstance(message_id, str) or len(message_id) > MAX_ID_LENGTH:
            self.violations.append(f"the message id is not a text of at most {MAX_ID_LENGTH}: {frame[:200]}")
        if kind in (CALL, SEND):
            self._note("the server's", f"{message[2]}Request", message[3])
        elif kind == RESULT and message_id in self._actions:
            self._note("the server's", f"{self._actions[message_id]}Response", message[2])
        elif kind == ERROR and message[2] not in {spelled(code, self.version) for code in ErrorCode}:
            self.violations.append(f"OCPP {self.version} has no error code {message[2]!r}")

    # -- from the test --------------------------------------------------------------------------------------------

    def begin(self, action: str, payload: dict[str, Any], message_id: str | None = None) -> "asyncio.Future[Any]":
        self._note("the test's", f"{action}Request", payload)
        future = super().begin(action, payload, message_id)
        self._actions[json.loads(future.frame)[1]] = action  # type: ignore[attr-defined]
        return future

    async def answer(self, call: ServerCall, payload: dict[str, Any]) -> None:
        self._note("the test's", f"{call.action}Response", payload)
        await super().answer(call, payload)

    def _note(self, whose: str, message: str, payload: Any) -> None:
        found = violation(self.version, message, payload)
        if found is not None:
            self.violations.append(f"{whose} {found}")

    def taken_calls(self) -> list[ServerCall]:
        """Give the server's calls that nobody has looked at yet, without waiting."""
        found = []
        while not self._calls.empty():
            found.append(self._calls.get_nowait())
        return found
