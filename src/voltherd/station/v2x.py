"""Bidirectional power transfer: setpoints that follow the grid (OCPP 2.1 block Q).

Setpoints and limits that the CSMS or an external system tell are in the charging profiles; here is what a station works
out by itself: LocalFrequency (Q08) and LocalLoadBalancing (Q09). Without the CSMS it goes on so (Q11), as long as
`maxOfflineDuration` lets the profile hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, cast, get_args

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.hardware import EnergyTransferMode
from voltherd.station.measurands import MEASURANDS
from voltherd.station.remote_control import Refusal
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.smart_charging.profile import ChargingSchedulePeriod, CurvePoint, OperationMode
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

FREQUENCY_LOOK_S: Final = 1.0
"""How often the frequency of the grid is looked at, while somebody follows it."""

_CTRLR: Final = "V2XChargingCtrlr"
_BOUNDS: Final = ("UpperThreshold", "LowerThreshold", "UpperOffset", "LowerOffset")


def _bound(instance: str) -> Setting:
    return Setting(
        name=f"load_{instance}",
        default="",
        kind="decimal",
        component=_CTRLR,
        variable="LocalLoadBalancing",
        instance=instance,
        unit="W",
        since_v21=True,
    )


def _more(when: str, mode: str) -> Setting:
    path = f"{_CTRLR}.Tx{when}Measurands/{mode}"
    return text(f"v2x_{when}_{mode}", "", None, path, kind="MemberList", values=MEASURANDS, since_v21=True)


_WHEN: Final = {"measurands": "Updated", "started_measurands": "Started", "stop_measurands": "Ended"}


class V2X(Function):
    """Works out setpoints."""

    __slots__ = ("_followed_hz", "_load_w", "_setpoints", "_signal", "_timer")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("v2x", True, None, f"{_CTRLR}.Enabled", since_v21=True),
        text(
            "v2x_transfer_modes",
            "AC_single_phase,AC_three_phase,DC,AC_BPT,DC_BPT",
            None,
            f"{_CTRLR}.SupportedEnergyTransferModes",
            kind="MemberList",
            values=get_args(EnergyTransferMode),
            access="ReadOnly",
            since_v21=True,
        ),
        text(
            "v2x_operation_modes",
            ",".join(get_args(OperationMode)),
            None,
            f"{_CTRLR}.SupportedOperationModes",
            kind="MemberList",
            values=get_args(OperationMode),
            access="ReadOnly",
            since_v21=True,
        ),
        number(
            "frequency_threshold_mhz",
            10,
            None,
            f"{_CTRLR}.LocalFrequencyUpdateThreshold",
            unit="mHz",
            since_v21=True,
        ),
        *(_bound(instance) for instance in _BOUNDS),
        *(_more(when, mode) for when in _WHEN.values() for mode in get_args(OperationMode)),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._timer: Timer | None = None
        self._followed_hz: float | None = None
        self._load_w: float | None = None
        self._signal = 0
        self._setpoints: dict[int, float] | None = None

    @property
    def is_offered(self) -> bool:
        """Whether any EVSE may take power from a vehicle."""
        return any(evse.max_discharge_w != 0 for evse in self.core.config.evses)

    def modes(self) -> tuple[OperationMode, ...]:
        """The operation modes that are supported (Q01.FR.30)."""
        if not self.is_offered:
            return ("ChargingOnly",)
        named = self.core.settings.members("v2x_operation_modes")
        return tuple(mode for mode in get_args(OperationMode) if mode in named)

    def may_discharge(self, evse: Evse) -> bool:
        """Whether the vehicle of an EVSE may give power: both sides can, and the CSMS has not said otherwise."""
        if not (self.core.is_v21 and self.core.settings.switch("v2x")) or evse.config.max_discharge_w == 0:
            return False
        vehicle = evse.vehicle
        return vehicle is not None and (vehicle.needs is None or "BPT" in self.core.charging_needs.agreed(evse))

    def with_more(self, evse: Evse, setting: str, measurands: tuple[str, ...]) -> tuple[str, ...]:
        """Give the measurands of a setting, and those that the operation mode adds to them (Q01.FR.33 - FR.35)."""
        when = _WHEN.get(setting)
        if when is None:
            return measurands
        more = self.core.settings.members(f"v2x_{when}_{self.core.smart_charging.execution.mode_of(evse)}")
        return tuple(dict.fromkeys((*measurands, *more))) if more else measurands

    # Setpoints -------------------------------------------------------------------------------

    def setpoint_w(self, evse: Evse, period: ChargingSchedulePeriod) -> float | None:
        """What an EVSE is to keep to, in modes in which the station works it out; else None."""
        if period.operation_mode == "LocalFrequency":
            return self._by_frequency(evse, period)
        if period.operation_mode == "LocalLoadBalancing":
            return (self._setpoints or {}).get(evse.id, 0.0)
        return None

    def _by_frequency(self, evse: Evse, period: ChargingSchedulePeriod) -> float:
        """Baseline, plus the curve at the frequency measured, plus what a signal asks for (Q08.FR.06, FR.10)."""
        frequency_hz = evse.hardware.read(self.core.now).frequency_hz
        self._followed_hz = frequency_hz
        if self._timer is None:
            self._timer = self.core.timers.at(self.core.now + FREQUENCY_LOOK_S, self._look)
        curve = [(point.frequency or 0.0, point.power) for point in period.v2x_freq_watt_curve or ()]
        setpoint_w = (period.v2x_baseline or 0.0) + interpolated(curve, frequency_hz)
        if period.v2x_signal_watt_curve:
            setpoint_w += interpolated(_signals(period.v2x_signal_watt_curve), self._signal)
        return setpoint_w

    def _look(self) -> None:
        """See whether the frequency has moved enough to matter (Q08.FR.07)."""
        self._timer = None
        followers = self._followers("LocalFrequency")
        if not followers:
            self._followed_hz = None
            return
        frequency_hz = followers[0].hardware.read(self.core.now).frequency_hz
        moved_mhz = abs(frequency_hz - (self._followed_hz or 0.0)) * 1000
        if round(moved_mhz, 6) >= max(self.core.settings.number("frequency_threshold_mhz"), 1):
            self.core.smart_charging.execution.refresh()
        if self._timer is None:
            self._timer = self.core.timers.at(self.core.now + FREQUENCY_LOOK_S, self._look)

    def _followers(self, mode: OperationMode) -> list[Evse]:
        execution = self.core.smart_charging.execution
        return [evse for evse in self.core.evses.values() if execution.mode_of(evse) == mode]

    # Signals and loads -----------------------------------------------------------------------

    def signalled(self, signal: int, timestamp: str) -> Refusal | None:
        """Follow a signal of the grid operator from its time on; gives why not, if so (Q08.FR.10, FR.11)."""
        execution = self.core.smart_charging.execution
        rulings = [(execution.rulings or {}).get(evse.id) for evse in self._followers("LocalFrequency")]
        if not any(ruling is not None and ruling.period.v2x_signal_watt_curve for ruling in rulings):
            return Refusal("NoSignalWattCurve", "No charging schedule period with a v2xSignalWattCurve is active")
        at = self.core.clock.at(timestamp, self.core.now)

        def follow() -> None:
            self._signal = signal
            execution.refresh()

        self.core.timers.at(self.core.now if at is None else max(at, self.core.now), follow)
        return None

    def load_measured(self, load_w: float, now: float) -> None:
        """The meter of the building tells its load, positive when it takes from the grid (Q09.FR.03, FR.04)."""
        self.core.now = now
        self._load_w = load_w
        balancing = self._followers("LocalLoadBalancing")
        if not balancing or not self.balances_load():
            return
        delta_w = self._missing_w(load_w) / len(balancing)
        offers = {evse.id: evse.offer for evse in balancing}
        self._setpoints = {
            evse_id: min(
                max((self._setpoints or {}).get(evse_id, 0.0) + delta_w, -o.discharge_limit_w), o.charge_limit_w
            )
            for evse_id, o in offers.items()
        }
        self.core.smart_charging.execution.refresh()

    def balances_load(self) -> bool:
        """Whether thresholds and offsets are set, and make sense (Q09.FR.02)."""
        values = [self.core.settings.text(f"load_{name}") for name in _BOUNDS]
        return all(values) and float(values[0]) > float(values[1])

    def _missing_w(self, load_w: float) -> float:
        upper, lower, upper_offset, lower_offset = (self.core.settings.decimal(f"load_{name}") for name in _BOUNDS)
        if load_w > upper:
            return upper + upper_offset - load_w
        if load_w < lower:
            return lower + lower_offset - load_w
        return 0.0

    def setting_changed(self, name: str) -> None:
        """What is switched off gives no power any more."""
        if name == "v2x":
            self.core.smart_charging.execution.refresh()

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """A setpoint is that of one vehicle."""
        if self._setpoints is not None:
            self._setpoints = {key: value for key, value in self._setpoints.items() if key != evse.id} or None


def interpolated(curve: Sequence[tuple[float, float]], at: float) -> float:
    """Give the value of a curve of points in order of x; beyond its ends it stays level."""
    if at <= curve[0][0]:
        return curve[0][1]
    if at >= curve[-1][0]:
        return curve[-1][1]
    index = bisect_right(curve, at, key=lambda point: point[0])
    (x0, y0), (x1, y1) = curve[index - 1], curve[index]
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)


def _signals(curve: Sequence[CurvePoint]) -> list[tuple[float, float]]:
    return [(float(cast("int", point.signal)), point.power) for point in curve]
