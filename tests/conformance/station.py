"""What cases are written with: a server, stations of it, and tokens."""

import base64
import itertools
import secrets
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conformance.checked import CheckedPeer
from support.api import Api, until
from support.certificates import Authority
from support.payloads import BOOT_2X, BOOT_16
from support.peer import Answer, ServerCall, dial

RUN = secrets.token_hex(3).upper()
"""Makes identities and tokens of this run different from those of earlier runs on the same server."""
_numbers = itertools.count(1)
BOOTS: dict[str, dict[str, Any]] = {"1.6": BOOT_16, "2.0.1": BOOT_2X, "2.1": BOOT_2X}


@dataclass(frozen=True)
class Csms:
    """The server under test. Without `servers` and `stations` its certificates are not ours to make."""

    ocpp: str
    http: str
    api_key: str
    ocpp_tls: str = ""
    servers: Authority | None = None
    """Who signed the server's certificates."""
    stations: Authority | None = None
    """Who signs those of stations."""
    folder: Path = field(default=Path())

    def tls(self, common_name: str = "", *, ciphers: str = "") -> ssl.SSLContext:
        """A client that trusts the server; with a certificate of that name; with TLS 1.2 and these ciphers only."""
        if self.servers is None or self.stations is None:
            pytest.skip("needs a server whose certificates are the suite's own")
        context = ssl.create_default_context(cafile=str(self.servers.file))
        if common_name:
            context.load_cert_chain(*self.stations.issue(common_name))
        if ciphers:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
        return context


class Commanded(NamedTuple):
    """What a command came to: its record, and the calls that the station got for it."""

    record: dict[str, Any]
    calls: list[ServerCall]

    @property
    def call(self) -> ServerCall:
        """The only call."""
        [call] = self.calls
        return call


class RawCall(NamedTuple):
    """What a raw call came to: the call as the station got it, the API's answer, the record."""

    call: ServerCall
    result: dict[str, Any]
    record: dict[str, Any]


class Station:
    """A station by hand: the wire on one side (`peer`), what the API shows on the other."""

    def __init__(self, csms: Csms, api: Api, version: str, identity: str) -> None:
        self.csms = csms
        self.api = api
        self.version = version
        self.identity = identity
        self.answers: dict[str, Answer] = {}
        """What it answers to an action by itself, on every connection."""
        self.peers: list[CheckedPeer] = []

    @property
    def peer(self) -> CheckedPeer:
        """The connection made last."""
        return self.peers[-1]

    # -- the wire -------------------------------------------------------------------------------------------------

    async def connect(
        self, *protocols: str, url: str = "", password: str | None = None, user: str = "", **options: Any
    ) -> CheckedPeer:
        """Connect, with Basic auth where there is a password. Raises InvalidStatus where the server refuses."""
        if password is not None:
            token = base64.b64encode(f"{user or self.identity}:{password}".encode()).decode()
            options["additional_headers"] = {"Authorization": f"Basic {token}"}
        offered = protocols or (f"ocpp{self.version}",)
        peer = await dial(
            url or self.csms.ocpp, self.identity, *offered, answers=self.answers, kind=CheckedPeer, **options
        )
        assert isinstance(peer, CheckedPeer)
        self.peers.append(peer)
        return peer

    async def reconnect(self, **options: Any) -> CheckedPeer:
        """Close the connection and make a new one, as after a restart."""
        await self.peer.close()
        return await self.connect(**options)

    async def call(self, action: str, payload: dict[str, Any] | None = None, message_id: str | None = None) -> Any:
        """Send a call and give the server's answer. Raises CallErrorAnswer."""
        return await self.peer.call(action, payload or {}, message_id)

    async def boot(self, **more: Any) -> Any:
        """Send the boot notification and give its answer."""
        return await self.call("BootNotification", BOOTS[self.version] | more)

    # -- what the operator does -----------------------------------------------------------------------------------

    async def command(
        self, name: str, body: dict[str, Any] | None = None, answers: dict[str, Answer] | None = None, **query: Any
    ) -> Commanded:
        """Send a command and wait until the station has answered with `answers`; gives record and calls."""
        self.peer.taken_calls()
        self.answers.update(answers or {})
        record = await self.api.command(self.identity, name, body, **query)
        return Commanded(record, self.peer.taken_calls())

    async def raw(self, action: str, payload: dict[str, Any], answer: Answer, **query: Any) -> RawCall:
        """Send a raw call, which the station answers; gives the call as it came, the API's answer and the record."""
        self.peer.taken_calls()
        self.answers[action] = answer
        result = await self.api.post(f"/stations/{self.identity}/calls/{action}", payload, **query)
        [call] = self.peer.taken_calls()
        [record] = [item for item in await self.commands() if item["name"] == f"call:{action}"][:1]
        return RawCall(call, result["result"], record)

    async def become(self, record: dict[str, Any], *states: str) -> dict[str, Any]:
        """Wait until a command's record has one of the states; gives it."""
        return await self.eventually(lambda: self.api.get(f"/commands/{record['command_id']}"), states)

    @staticmethod
    async def eventually(ask: Callable[[], Awaitable[Any]], states: tuple[str, ...]) -> Any:
        """Ask until what comes is in one of the states."""
        return await until(ask, lambda found: found["state"] in states)

    # -- what the API shows ---------------------------------------------------------------------------------------

    async def shown(self) -> dict[str, Any]:
        """The station."""
        found: dict[str, Any] = await self.api.get(f"/stations/{self.identity}")
        return found

    async def evse(self, evse_id: int = 1) -> dict[str, Any]:
        """One of its EVSEs."""
        [found] = [item for item in (await self.shown())["evses"] if item["evse_id"] == evse_id]
        return dict(found)

    async def connector(self, evse_id: int = 1) -> dict[str, Any]:
        """The first connector of an EVSE."""
        return dict((await self.evse(evse_id))["connectors"][0])

    async def transactions(self) -> list[Any]:
        """Its transactions, oldest first."""
        return await self.api.transactions(self.identity)

    async def transaction(self) -> dict[str, Any]:
        """Its only transaction."""
        [found] = await self.transactions()
        return dict(found)

    async def commands(self) -> list[Any]:
        """What was asked of it, newest first."""
        return await self.api.items("/commands", station_id=self.identity)

    async def documents(self, kind: str, **query: Any) -> list[Any]:
        """What it holds of a kind (`reservations`, `charging-profiles`), newest first."""
        return await self.api.items(f"/stations/{self.identity}/{kind}", **query)

    async def messages(self, action: str) -> list[Any]:
        """Frames of an action and its answers in the message log, oldest first."""
        return list(reversed(await self.api.items(f"/stations/{self.identity}/messages", action=action)))

    # -- the end --------------------------------------------------------------------------------------------------

    async def close(self) -> list[str]:
        """Close all connections; gives what broke the schemas."""
        for peer in self.peers:
            await peer.close()
        return [f"{self.identity}: {found}" for peer in self.peers for found in peer.violations]


MakeStation = Callable[..., Awaitable[Station]]
"""The fixture `make_station`: version, `connected`, `booted`, and what goes into `PUT /stations/{id}`."""


def fresh_identity(version: str) -> str:
    """Give an identity that no station has."""
    return f"C{version.replace('.', '')}-{RUN}-{next(_numbers)}"


class Tokens:
    """Makes tokens that no other case uses, at most 20 characters long."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def make(self, status: str = "accepted", **fields: Any) -> str:
        """Give a token that the server knows; `fields` as in `PUT /tokens/{token}` (`group_id`, `expires_at`)."""
        token = self.unknown()
        await self._api.put(f"/tokens/{token}", status=status, **fields)
        return token

    @staticmethod
    def unknown() -> str:
        """Give a token that the server does not know."""
        return f"TAG{RUN}{next(_numbers):04}"
