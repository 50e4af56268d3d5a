"""Network profiles: to which CSMS a station connects, and how (functional block B)."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

State = Literal["set", "rejected", "failed"]
Interface = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3", "Any"
]  # fmt: skip
HIDDEN = "***"
"""In place of passwords, which are sent and never kept."""
_URL_EXAMPLE = "wss://csms.example/ocpp"

Url = Annotated[str, Meta(pattern=r"^wss?://[^\s/]+\S*$", max_length=2000)]


class Vpn(Struct, kw_only=True, forbid_unknown_fields=True):
    """A virtual private network between station and CSMS."""

    server: Annotated[str, Meta(max_length=2000)]
    user: Annotated[str, Meta(max_length=50)]
    password: Annotated[str, Meta(max_length=64)]
    key: Annotated[str, Meta(max_length=255)]
    type: Literal["IKEv2", "IPSec", "L2TP", "PPTP"]
    group: Annotated[str, Meta(max_length=50)] | None = None


class Apn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Access to a mobile network."""

    apn: Annotated[str, Meta(max_length=2000)]
    authentication: Literal["PAP", "CHAP", "NONE", "AUTO"]
    user_name: Annotated[str, Meta(max_length=50)] | None = None
    password: Annotated[str, Meta(max_length=64)] | None = None
    sim_pin: int | None = None
    preferred_network: Annotated[str, Meta(max_length=6)] | None = None
    use_only_preferred_network: bool | None = None


class Connection(Struct, kw_only=True, forbid_unknown_fields=True):
    """How a station reaches a CSMS."""

    csms_url: Url
    security_profile: Annotated[int, Meta(ge=0, le=3)]
    interface: Interface = "Wired0"
    """`Any` in 2.1 only."""
    message_timeout_s: Annotated[int, Meta(ge=1)] = 30
    transport: Literal["JSON", "SOAP"] = "JSON"
    ocpp_version: Literal["1.6", "2.0.1", "2.1"] | None = None
    """2.0.1 stations are told `OCPP20` for every 2.x; left out: theirs."""
    identity: Annotated[str, Meta(max_length=48)] | None = None
    """2.1: the station's name at that CSMS."""
    basic_auth_password: Annotated[str, Meta(max_length=64)] | None = None
    """2.1: its password there; sent, never kept."""
    vpn: Vpn | None = None
    apn: Apn | None = None

    def without_secrets(self) -> "Connection":
        """Give it as it may be kept and shown."""
        replace = msgspec.structs.replace
        vpn, apn = self.vpn, self.apn
        return replace(
            self,
            basic_auth_password=HIDDEN if self.basic_auth_password is not None else None,
            vpn=replace(vpn, password=HIDDEN, key=HIDDEN) if vpn is not None else None,
            apn=replace(apn, password=_hidden(apn.password), sim_pin=None) if apn is not None else None,
        )


def _hidden(text: str | None) -> str | None:
    return None if text is None else HIDDEN


_CONNECTION_EXAMPLE: dict[str, Any] = {
    "csms_url": _URL_EXAMPLE,
    "security_profile": 2,
    "interface": "Wired0",
    "message_timeout_s": 30,
}


class SetNetworkProfile(Command):
    """Store how to reach a CSMS in one of the station's configuration slots (2.x, B09).

    It is used once the slot stands in NetworkConfigurationPriority and the station starts anew. Passwords are sent and
    not kept.
    """

    name = "set-network-profile"
    summary = "Store a network profile"
    example: ClassVar[dict[str, Any]] = {"slot": 1, "connection": _CONNECTION_EXAMPLE}
    slot: Annotated[int, Meta(ge=0)]
    connection: Connection


class MigrateCsms(Command):
    """Move a station to another CSMS, with the present one to fall back to (2.x, B09, B10).

    The profile goes into a free slot, the slot first into NetworkConfigurationPriority, then the station restarts once
    it is idle. Where a step is refused, what was changed is put back. `answer.steps` tells what happened.
    """

    name = "migrate-csms"
    gone_is_done = True
    summary = "Move to another CSMS"
    example: ClassVar[dict[str, Any]] = {"connection": _CONNECTION_EXAMPLE}
    connection: Connection
    slot: Annotated[int, Meta(ge=0)] | None = None
    """None: the first slot of the station that is not in use."""
    restart: bool = True
    """False: prepared only; the station moves with its next start."""


class NetworkProfile(Document, kw_only=True):
    """A network profile that a station was given, by configuration slot; passwords are never kept."""

    kind = "network-profiles"
    title = "network profile"
    example: ClassVar[dict[str, Any]] = {
        "state": "set",
        "evse_no": 0,
        "slot": 1,
        "connection": {**_CONNECTION_EXAMPLE, "basic_auth_password": HIDDEN},
        "sent_at_ms": 1757419000000,
        "reason": "",
    }
    slot: int
    connection: dict[str, Any]
    """As in the command, without passwords."""
    sent_at_ms: int
    reason: str = ""
    """Why it was refused, where the station said so."""

    @property
    def key(self) -> str:
        return str(self.slot)


COMMANDS: tuple[type[Command], ...] = (SetNetworkProfile, MigrateCsms)
DOCUMENTS: tuple[type[Document], ...] = (NetworkProfile,)
