"""Reading the meters: at the ends of a transaction, in between, and on demand (OCPP 2.0.1 J; OCPP 1.6, 4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.setting import Setting, number, text
from voltherd.station.timers import Timer
from voltherd.station.transaction import Context, Sampled, Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

MEASURANDS: Final = (
    "Current.Import",
    "Current.Offered",
    "Energy.Active.Export.Register",
    "Energy.Active.Import.Register",
    "Frequency",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Offered",
    "SoC",
    "Temperature",
    "Voltage",
)
_SAMPLED: Final = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"


class MeterValues(Struct, frozen=True, eq=False):
    """Readings of an EVSE outside of a transaction's events."""

    evse: Evse
    values: tuple[Sampled, ...]


class Metering(Function):
    """Takes samples while transactions go on."""

    __slots__ = ("_timers",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("meter_interval_s", 60, "MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval"),
        text(
            "measurands",
            _SAMPLED,
            "MeterValuesSampledData",
            "SampledDataCtrlr.TxUpdatedMeasurands",
            kind="MemberList",
            values=MEASURANDS,
        ),
        text(
            "stop_measurands",
            _SAMPLED,
            "StopTxnSampledData",
            "SampledDataCtrlr.TxEndedMeasurands",
            kind="MemberList",
            values=MEASURANDS,
        ),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._timers: dict[int, Timer] = {}

    def sample(self, evse: Evse, context: Context, setting: str = "measurands") -> Sampled:
        """Read the meter of an EVSE now; `setting` names the measurands that are told."""
        core = self.core
        return Sampled(
            at=core.clock.text(core.now),
            context=context,
            reading=evse.hardware.read(core.now),
            measurands=core.settings.members(setting),
        )

    def note(self, evse: Evse) -> None:
        """Remember the register, for the case that the power goes."""
        transaction = evse.transaction
        if transaction is not None:
            transaction.meter_last_wh = round(evse.hardware.read(self.core.now).energy_import_wh)

    def at_start(self, evse: Evse) -> tuple[Sampled, ...]:
        """What is told when a transaction begins."""
        return (self.sample(evse, "Transaction.Begin"),)

    def at_end(self, evse: Evse, transaction: Transaction) -> tuple[Sampled, ...]:
        """What is told when a transaction ends."""
        sampled = self.sample(evse, "Transaction.End", "stop_measurands")
        transaction.meter_last_wh = round(sampled.reading.energy_import_wh)
        return (sampled,)

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """Sample from now on."""
        self._sample_later(evse)

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Sample no more."""
        self._stop_sampling(evse)

    def setting_changed(self, name: str) -> None:
        """A new interval counts at once."""
        if name == "meter_interval_s":
            for evse in self.core.evses.values():
                if evse.transaction is not None:
                    self._sample_later(evse)

    def _stop_sampling(self, evse: Evse) -> None:
        timer = self._timers.pop(evse.id, None)
        if timer is not None:
            timer.cancel()

    def _sample_later(self, evse: Evse) -> None:
        self._stop_sampling(evse)
        interval_s = self.core.settings.number("meter_interval_s")
        if interval_s > 0:
            self._timers[evse.id] = self.core.timers.at(self.core.now + interval_s, lambda: self._sample(evse))

    def _sample(self, evse: Evse) -> None:
        self.note(evse)
        self.core.charging.updated(evse, "MeterValuePeriodic", self.sample(evse, "Sample.Periodic"))
        self._sample_later(evse)
        self.core.charging.look(evse)
