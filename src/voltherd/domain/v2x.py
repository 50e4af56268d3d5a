"""V2X: vehicles that feed energy back (functional block Q)."""

from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

Number = int | float
EnergyTransferMode = Literal[
    "DC",
    "AC_single_phase",
    "AC_two_phase",
    "AC_three_phase",
    "AC_BPT",
    "AC_BPT_DER",
    "AC_DER",
    "DC_BPT",
    "DC_ACDP",
    "DC_ACDP_BPT",
    "WPT",
]
OperationMode = Literal[
    "Idle",
    "ChargingOnly",
    "CentralSetpoint",
    "ExternalSetpoint",
    "ExternalLimits",
    "CentralFrequency",
    "LocalFrequency",
    "LocalLoadBalancing",
]
CURVE_POINTS: Final = 2
"""A curve has at least so many points (Q08.FR.02)."""


class FreqWattPoint(Struct, kw_only=True, forbid_unknown_fields=True):
    """The power that is added to the baseline at a frequency."""

    frequency_hz: Number
    power_w: Number


class SignalWattPoint(Struct, kw_only=True, forbid_unknown_fields=True):
    """The power that is added at a value of the grid operator's signal."""

    signal: int
    power_w: Number


class NotifyAllowedEnergyTransfer(Command):
    """Change which kinds of energy transfer a session may use; the station renegotiates with the vehicle."""

    name = "notify-allowed-energy-transfer"
    summary = "Allow kinds of energy transfer"
    example: ClassVar[dict[str, Any]] = {"transaction_id": "b7d3", "allowed_energy_transfer": ["DC", "DC_BPT"]}
    transaction_id: str
    allowed_energy_transfer: Annotated[list[EnergyTransferMode], Meta(min_length=1)]


class AfrrSignal(Command):
    """Pass on a frequency restoration signal of the grid operator, for now unless `at` says another instant."""

    name = "afrr-signal"
    summary = "Pass on a grid signal"
    example: ClassVar[dict[str, Any]] = {"signal": 20}
    signal: int
    at: str | None = None


class SetV2xOperation(Command):
    """Put a session (or, without one, all of an EVSE) into an operation mode, with what that mode needs.

    Sent as a charging profile with one period. Powers in W: positive towards the vehicle, negative back from it.
    """

    name = "set-v2x-operation"
    summary = "Set the operation mode"
    example: ClassVar[dict[str, Any]] = {
        "evse_id": 1,
        "transaction_id": "b7d3",
        "operation_mode": "CentralSetpoint",
        "setpoint_w": -5000,
        "profile_id": 700,
    }
    evse_id: Annotated[int, Meta(ge=0)]
    operation_mode: OperationMode
    transaction_id: str | None = None
    profile_id: Annotated[int, Meta(ge=1, le=0x7FFF_FFFF)] | None = None
    """Its number on the station; none: the command's own. The same number replaces what was set before."""
    stack_level: Annotated[int, Meta(ge=0)] = 0
    limit_w: Number | None = None
    discharge_limit_w: Number | None = None
    """Zero or below."""
    setpoint_w: Number | None = None
    setpoint_reactive_var: Number | None = None
    baseline_w: Number | None = None
    freq_watt_curve: Annotated[list[FreqWattPoint], Meta(max_length=20)] = field(default_factory=list)
    signal_watt_curve: Annotated[list[SignalWattPoint], Meta(max_length=20)] = field(default_factory=list)
    preconditioning: bool | None = None
    evse_sleep: bool | None = None
    duration_s: Annotated[int, Meta(ge=1)] | None = None
    """Then the next profile below counts; of a dynamic one since its last update (Q04, Q07.FR.04)."""
    dynamic: bool | None = None
    """Whether values are updated on the way; none: as the mode wants it."""
    dynamic_update_interval_s: Annotated[int, Meta(ge=1)] | None = None
    """The station asks for updates so often."""
    max_offline_duration_s: Annotated[int, Meta(ge=0)] | None = None
    """For so long it holds without a connection (Q11)."""
    invalid_after_offline: bool | None = None
    """Whether it ends for good when that time is over (Q12)."""


class V2xSession(Document):
    """What a session may do and does with the vehicle's battery.

    `status` is `charging-only`, `bidirectional` (a kind of transfer that feeds back is allowed), `refused` (the station
    refused what was allowed) or `ended`. Where the station does not say which operation mode is in force, it is null.
    """

    kind = "v2x-sessions"
    title = "V2X session"
    example: ClassVar[dict[str, Any]] = {
        "state": "bidirectional",
        "evse_no": 1,
        "transaction_id": "b7d3",
        "allowed": ["DC", "DC_BPT"],
        "requested": "DC_BPT",
        "available": ["DC", "DC_BPT"],
        "authorised_by": "token 04A2B3C4",
        "wanted_mode": "CentralSetpoint",
        "operation_mode": "CentralSetpoint",
        "setpoint_w": -5000.0,
        "limit_w": None,
        "discharge_limit_w": None,
        "profile_id": 700,
        "answer": "Accepted",
    }
    transaction_id: str
    """Empty: what holds for every session on the EVSE."""
    allowed: list[str] = field(default_factory=list)
    requested: str | None = None
    """The kind of transfer that vehicle and station agreed on."""
    available: list[str] = field(default_factory=list)
    authorised_by: str = ""
    wanted_mode: str | None = None
    """What was set last and accepted."""
    operation_mode: str | None = None
    """What the station reported last."""
    setpoint_w: float | None = None
    limit_w: float | None = None
    discharge_limit_w: float | None = None
    profile_id: int | None = None
    answer: str = ""
    """The station's word on what was wanted last."""

    @property
    def key(self) -> str:
        """One per session, one per EVSE for what holds for all of its sessions."""
        return self.transaction_id or f"EVSE {self.evse_no}"


class Operation(Struct, frozen=True, kw_only=True):
    """The operation mode of a charging profile's first period, and its values in W."""

    mode: str
    setpoint_w: float | None = None
    limit_w: float | None = None
    discharge_limit_w: float | None = None


_VALUES: Final = ("limit_w", "discharge_limit_w", "setpoint_w", "setpoint_reactive_var")
_REQUIRED: Final[dict[str, frozenset[str]]] = {
    "ChargingOnly": frozenset({"limit_w"}),
    "CentralSetpoint": frozenset({"setpoint_w"}),
    "CentralFrequency": frozenset({"setpoint_w"}),
}
_ALLOWED: Final[dict[str, frozenset[str]]] = {
    "Idle": frozenset(),
    "ChargingOnly": frozenset({"limit_w"}),
    "CentralSetpoint": frozenset({"setpoint_w", "setpoint_reactive_var"}),
    "CentralFrequency": frozenset({"setpoint_w"}),
    "LocalFrequency": frozenset(),
    "ExternalSetpoint": frozenset({"limit_w", "discharge_limit_w"}),
    "ExternalLimits": frozenset(),
    "LocalLoadBalancing": frozenset({"limit_w", "discharge_limit_w"}),
}
DYNAMIC: Final = frozenset({"CentralFrequency", "ExternalSetpoint", "ExternalLimits"})
"""Modes whose values change on the way (Q05, Q07.FR.02)."""


def is_dynamic(command: SetV2xOperation) -> bool:
    """Whether values are updated after the profile was set."""
    if command.dynamic is None:
        return command.operation_mode in DYNAMIC or command.dynamic_update_interval_s is not None
    return command.dynamic


def problem_of(command: SetV2xOperation) -> str | None:
    """Say what the mode does not allow or needs (Q02.FR.02, Q03.FR.02, Q07.FR.03, Q08.FR.01, Q10.FR.01), or None."""
    mode = command.operation_mode
    given = {name for name in _VALUES if getattr(command, name) is not None}
    missing = sorted(_REQUIRED.get(mode, frozenset()) - given)
    excess = sorted(given - _ALLOWED[mode])
    if missing:
        return f"{mode} needs {missing[0]}"
    if excess:
        return f"{mode} has no {excess[0]}"
    if mode == "CentralFrequency" and not is_dynamic(command):
        return "CentralFrequency is always dynamic"
    return _problem_of_curves(command) or _problem_of_rest(command)


def _problem_of_curves(command: SetV2xOperation) -> str | None:
    if command.operation_mode != "LocalFrequency":
        curves = command.freq_watt_curve or command.signal_watt_curve or command.baseline_w is not None
        return f"{command.operation_mode} has no curves and no baseline_w" if curves else None
    if len(command.freq_watt_curve) < CURVE_POINTS or command.baseline_w is None:
        return "LocalFrequency needs baseline_w and a freq_watt_curve of at least two points"
    if len(command.signal_watt_curve) == 1:
        return "signal_watt_curve needs at least two points"
    return None


def _problem_of_rest(command: SetV2xOperation) -> str | None:
    idle = command.operation_mode == "Idle"
    if not idle and (command.preconditioning is not None or command.evse_sleep is not None):
        return f"{command.operation_mode} has neither preconditioning nor evse_sleep"
    if command.dynamic_update_interval_s is not None and not is_dynamic(command):
        return "dynamic_update_interval_s belongs to dynamic profiles"
    if command.discharge_limit_w is not None and command.discharge_limit_w > 0:
        return "discharge_limit_w is zero or below, as power back from the vehicle is"
    if command.transaction_id is not None and command.evse_id == 0:
        return "a session is on one EVSE, so evse_id is not 0"
    return None


def is_bidirectional(mode: str) -> bool:
    """Whether a kind of energy transfer can feed back."""
    return "BPT" in mode


COMMANDS: tuple[type[Command], ...] = (NotifyAllowedEnergyTransfer, AfrrSignal, SetV2xOperation)
DOCUMENTS: tuple[type[Document], ...] = (V2xSession,)
