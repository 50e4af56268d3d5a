"""Commands: what an operator wants of a station, free of any OCPP version, and the record of what became of it."""

from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct, field

from voltherd.domain.document import Document
from voltherd.domain.station import DEFAULT_TENANT

CommandState = Literal["queued", "sent", "accepted", "rejected", "effect_seen", "expired", "failed"]
OPEN_STATES: tuple[CommandState, ...] = ("queued", "sent", "accepted")


class CommandRecord(Struct, kw_only=True):
    """The life of one command: sent, answered, effect observed or expired (interop traps 41, 42)."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    station_id: int
    name: str
    request: str
    """JSON as it was asked."""
    state: CommandState = "queued"
    requested_by: str = ""
    created_at_ms: int
    not_after_ms: int
    sent_at_ms: int | None = None
    answered_at_ms: int | None = None
    effect_at_ms: int | None = None
    answer: str | None = None
    """JSON of the station's answer."""
    error: str | None = None
    """JSON of what went wrong: `title`, `detail`, `ocpp_code`."""
    effect: str | None = None
    """What was observed, in words."""


NO_ANSWER: Final = "NoAnswer"
"""The status of an item that was asked for and that the station's answer leaves out."""


class Outcome(Struct, kw_only=True):
    """How the station answered: `accepted`, its status word and the answer's payload."""

    accepted: bool
    status: str
    answer: dict[str, Any] = field(default_factory=dict)


class Command(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of all commands; `name` is the path segment of the API."""

    name: ClassVar[str]
    summary: ClassVar[str]
    example: ClassVar[dict[str, Any]] = {}
    """A body for the API's reference."""
    gone_is_done: ClassVar[bool] = False
    """Whether its effect is that the station leaves and does not come back before the deadline."""


class RemoteStart(Command):
    """Start a transaction for a token. Limits hold in 2.1 only (F07): the station learns them with its first event."""

    name = "remote-start"
    summary = "Start charging for a token"
    example: ClassVar[dict[str, Any]] = {"id_token": "04A2B3C4", "evse_id": 1}
    id_token: str
    id_token_type: str = "Central"
    evse_id: int | None = None
    connector_id: int | None = None
    group_id_token: str | None = None
    charging_profile: dict[str, Any] | None = None
    """A ChargingProfileType of 2.x or, for 1.6 stations, a ChargingProfile of 1.6; its purpose is TxProfile."""
    max_cost: Annotated[float, Meta(gt=0)] | None = None
    """In the currency of the station's tariff."""
    max_energy_wh: Annotated[float, Meta(gt=0)] | None = None
    max_time_s: Annotated[int, Meta(gt=0)] | None = None
    max_soc_percent: Annotated[int, Meta(gt=0, le=100)] | None = None


class RemoteStop(Command):
    """Stop a transaction; `transaction_id` is the record's id or the id on the wire."""

    name = "remote-stop"
    summary = "Stop a running session"
    example: ClassVar[dict[str, Any]] = {"transaction_id": "1757419000001234"}
    transaction_id: str


class Reset(Command):
    """Restart a station or, in 2.x, one EVSE.

    `soft`/`on_idle` let sessions end, `hard`/`immediate` end them, `immediate_and_resume` (2.1) interrupts them.
    """

    name = "reset"
    summary = "Restart the station"
    example: ClassVar[dict[str, Any]] = {"type": "soft"}
    type: Literal["soft", "hard", "immediate", "on_idle", "immediate_and_resume"] = "soft"
    evse_id: int | None = None


class Unlock(Command):
    """Unlock a connector."""

    name = "unlock"
    summary = "Unlock the cable"
    example: ClassVar[dict[str, Any]] = {"evse_id": 1, "connector_id": 1}
    evse_id: int
    connector_id: int = 1


class ChangeAvailability(Command):
    """Take a station, EVSE or connector out of service, or bring it back."""

    name = "change-availability"
    summary = "Take in or out of service"
    example: ClassVar[dict[str, Any]] = {"operational": False, "evse_id": 1}
    operational: bool
    evse_id: int | None = None
    connector_id: int | None = None


class Trigger(Command):
    """Ask a station to send a message (2.x names; the 1.6 name is found)."""

    name = "trigger"
    summary = "Ask for a message"
    example: ClassVar[dict[str, Any]] = {"message": "StatusNotification", "evse_id": 1}
    message: str
    evse_id: int | None = None
    connector_id: int | None = None
    custom: str | None = None


class ClearCache(Command):
    """Empty the station's authorisation cache."""

    name = "clear-cache"
    summary = "Empty the authorisation cache"


class DataTransfer(Command):
    """Send vendor data; `data` is a string in 1.6, any JSON in 2.x."""

    name = "data-transfer"
    summary = "Send vendor data"
    example: ClassVar[dict[str, Any]] = {"vendor_id": "com.example", "message_id": "hello", "data": "world"}
    vendor_id: str
    message_id: str | None = None
    data: Any = None


class VariableName(Struct, kw_only=True, forbid_unknown_fields=True):
    """One variable; a 1.6 configuration key is `variable` alone."""

    variable: str
    variable_instance: str | None = None
    component: str = ""
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    attribute: Literal["Actual", "Target", "MinSet", "MaxSet"] | None = None


class VariableValue(VariableName, kw_only=True):
    """One variable and the value wanted."""

    value: str


class GetVariables(Command):
    """Read variables (2.x) or configuration keys (1.6; none named: all)."""

    name = "get-variables"
    summary = "Read configuration"
    example: ClassVar[dict[str, Any]] = {"variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}]}
    variables: list[VariableName] = field(default_factory=list)


class SetVariables(Command):
    """Write variables (2.x) or configuration keys (1.6).

    What the station would refuse by its own report (read-only, wrong type, out of range) is not sent, unless `force`.
    """

    name = "set-variables"
    summary = "Change configuration"
    example: ClassVar[dict[str, Any]] = {
        "variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}]
    }
    variables: list[VariableValue]
    force: bool = False


class GetReport(Command):
    """Fetch the device model: base report of 2.x, all configuration keys of 1.6."""

    name = "get-report"
    summary = "Read the whole configuration"
    example: ClassVar[dict[str, Any]] = {"base": "FullInventory"}
    base: Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"] = "FullInventory"


COMMANDS: tuple[type[Command], ...] = (
    RemoteStart,
    RemoteStop,
    Reset,
    Unlock,
    ChangeAvailability,
    Trigger,
    ClearCache,
    DataTransfer,
    GetVariables,
    SetVariables,
    GetReport,
)
"""The commands of this file; `domain.catalogue` has those of all nouns."""
DOCUMENTS: tuple[type[Document], ...] = ()
