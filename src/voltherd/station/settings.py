"""What can be read and set on a station: one table with both names, of 1.6 and of the device model of 2.x."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

from msgspec import Struct

Access = Literal["ReadOnly", "WriteOnly", "ReadWrite"]
SetOutcome = Literal["Accepted", "Rejected", "RebootRequired", "Unknown"]


class Setting(Struct, frozen=True, kw_only=True):
    """One setting. `key` is its name in 1.6, `component` and `variable` that in 2.x; None where it has none."""

    name: str
    default: str
    kind: Literal["string", "decimal", "integer", "boolean", "OptionList", "SequenceList", "MemberList"]
    key: str | None = None
    component: str | None = None
    variable: str | None = None
    instance: str | None = None
    access: Access = "ReadWrite"
    unit: str | None = None
    least: float | None = None
    reboot: bool = False
    values: tuple[str, ...] = ()


MEASURANDS: Final = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Current.Offered",
    "Power.Offered",
    "Voltage",
    "SoC",
)
_SAMPLED: Final = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"


def _number(name: str, default: int, key: str | None, path: str | None, unit: str | None = "s") -> Setting:
    component, variable, instance = _path(path)
    return Setting(
        name=name,
        default=str(default),
        kind="integer",
        key=key,
        component=component,
        variable=variable,
        instance=instance,
        unit=unit,
        least=0,
    )


def _switch(name: str, default: str, key: str | None, path: str | None, access: Access = "ReadWrite") -> Setting:
    component, variable, instance = _path(path)
    return Setting(
        name=name,
        default=default,
        kind="boolean",
        key=key,
        component=component,
        variable=variable,
        instance=instance,
        access=access,
    )


def _path(path: str | None) -> tuple[str | None, str | None, str | None]:
    if path is None:
        return None, None, None
    component, _, rest = path.partition(".")
    variable, _, instance = rest.partition("/")
    return component, variable, instance or None


def _list(name: str, key: str, path: str) -> Setting:
    component, variable, _ = _path(path)
    return Setting(
        name=name,
        default=_SAMPLED,
        kind="MemberList",
        key=key,
        component=component,
        variable=variable,
        values=MEASURANDS,
    )


TABLE: Final[tuple[Setting, ...]] = (
    _number("heartbeat_interval_s", 300, "HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval"),
    _number("meter_interval_s", 60, "MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval"),
    _list("measurands", "MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands"),
    _list("stop_measurands", "StopTxnSampledData", "SampledDataCtrlr.TxEndedMeasurands"),
    _number("connection_timeout_s", 60, "ConnectionTimeOut", "TxCtrlr.EVConnectionTimeOut"),
    _number(
        "message_attempts", 3, "TransactionMessageAttempts", "OCPPCommCtrlr.MessageAttempts/TransactionEvent", None
    ),
    _number(
        "message_retry_s",
        10,
        "TransactionMessageRetryInterval",
        "OCPPCommCtrlr.MessageAttemptInterval/TransactionEvent",
    ),
    _number("websocket_ping_s", 0, "WebSocketPingInterval", "OCPPCommCtrlr.WebSocketPingInterval"),
    _switch("authorize_remote", "false", "AuthorizeRemoteTxRequests", "AuthCtrlr.AuthorizeRemoteStart"),
    _switch("offline_unknown", "true", "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
    _switch("stop_on_invalid", "true", "StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId"),
    _switch("stop_on_unplug", "true", "StopTransactionOnEVSideDisconnect", "TxCtrlr.StopTxOnEVSideDisconnect"),
    _switch("unlock_on_unplug", "true", "UnlockConnectorOnEVSideDisconnect", None),
    _switch("cache_enabled", "true", "AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled"),
    _switch("authorize_enabled", "true", None, "AuthCtrlr.Enabled"),
    Setting(
        name="password",
        default="",
        kind="string",
        key="AuthorizationKey",
        component="SecurityCtrlr",
        variable="BasicAuthPassword",
        access="WriteOnly",
    ),
    Setting(
        name="security_profile",
        default="1",
        kind="integer",
        key="SecurityProfile",
        component="SecurityCtrlr",
        variable="SecurityProfile",
        access="ReadOnly",
    ),
    Setting(
        name="profiles",
        default="Core,RemoteTrigger,Reservation",
        kind="SequenceList",
        key="SupportedFeatureProfiles",
        access="ReadOnly",
    ),
    Setting(name="get_max_keys", default="100", kind="integer", key="GetConfigurationMaxKeys", access="ReadOnly"),
    Setting(name="connectors", default="1", kind="integer", key="NumberOfConnectors", access="ReadOnly"),
    Setting(
        name="items_per_report",
        default="20",
        kind="integer",
        component="DeviceDataCtrlr",
        variable="ItemsPerMessage",
        instance="GetReport",
        access="ReadOnly",
    ),
    Setting(
        name="items_per_get",
        default="100",
        kind="integer",
        component="DeviceDataCtrlr",
        variable="ItemsPerMessage",
        instance="GetVariables",
        access="ReadOnly",
    ),
    Setting(
        name="tx_start_point",
        default="PowerPathClosed",
        kind="MemberList",
        component="TxCtrlr",
        variable="TxStartPoint",
        access="ReadOnly",
    ),
    Setting(
        name="tx_stop_point",
        default="PowerPathClosed",
        kind="MemberList",
        component="TxCtrlr",
        variable="TxStopPoint",
        access="ReadOnly",
    ),
    Setting(
        name="time_source",
        default="Heartbeat",
        kind="SequenceList",
        component="ClockCtrlr",
        variable="TimeSource",
        values=("Heartbeat",),
    ),
)


class Settings:
    """The values in force. `on_change` hears the name of each setting that was set."""

    def __init__(self, first: Mapping[str, str] | None = None) -> None:
        self._values = {setting.name: setting.default for setting in TABLE}
        self._by_key = {s.key.casefold(): s for s in TABLE if s.key is not None}
        self._by_path = {
            (s.component.casefold(), s.variable.casefold(), (s.instance or "").casefold()): s
            for s in TABLE
            if s.component is not None and s.variable is not None
        }
        self.on_change: Callable[[str], None] = lambda _name: None
        for name, value in (first or {}).items():
            if name not in self._values:
                raise ValueError(f"There is no setting {name!r}")
            self._values[name] = value

    def __iter__(self) -> Iterator[Setting]:
        return iter(TABLE)

    def text(self, name: str) -> str:
        """The value as text."""
        return self._values[name]

    def number(self, name: str) -> int:
        """The value of an integer setting."""
        return int(self._values[name])

    def switch(self, name: str) -> bool:
        """The value of a boolean setting."""
        return self._values[name].casefold() == "true"

    def members(self, name: str) -> tuple[str, ...]:
        """The value of a list setting."""
        return tuple(part.strip() for part in self._values[name].split(",") if part.strip())

    def by_key(self, key: str) -> Setting | None:
        """The setting with that 1.6 name, whatever its case (OCPP 1.6, 9)."""
        return self._by_key.get(key.casefold())

    def by_path(self, component: str, variable: str, instance: str | None) -> Setting | None:
        """The setting with that name in the device model."""
        return self._by_path.get((component.casefold(), variable.casefold(), (instance or "").casefold()))

    def has_component(self, component: str) -> bool:
        """Whether any setting belongs to the component."""
        return any(path[0] == component.casefold() for path in self._by_path)

    def fix(self, name: str, value: str) -> None:
        """Set a value from inside, whatever its access."""
        self._values[name] = value

    def set(self, setting: Setting, value: str) -> SetOutcome:
        """Set a value from outside, if it makes sense."""
        if setting.access == "ReadOnly" or not _fits(setting, value):
            return "Rejected"
        self._values[setting.name] = value
        self.on_change(setting.name)
        return "RebootRequired" if setting.reboot else "Accepted"


def _fits(setting: Setting, value: str) -> bool:
    if setting.kind == "boolean":
        return value.casefold() in ("true", "false")
    if setting.kind == "integer":
        try:
            number = int(value)
        except ValueError:
            return False
        return setting.least is None or number >= setting.least
    if setting.values:
        return all(part.strip() in setting.values for part in value.split(",") if part.strip())
    return True
