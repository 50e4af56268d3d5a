"""Reading the meters: at the ends of a transaction, in between, by the clock, on demand (OCPP 2.0.1 J; 1.6, 4.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.hardware import Reading
from voltherd.station.measurands import ENERGY, MEASURANDS, ONLY_IN_16, SINCE_21
from voltherd.station.meter_key import MeterKeys
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.timers import Timer
from voltherd.station.transaction import Context, Sampled, Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

MOST_KEPT: Final = 200
"""Readings kept for the last message of a transaction; beyond that every second one in between is dropped."""

_SAMPLED: Final = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"


def _measurands(name: str, default: str, key: str | None, path: str | None) -> Setting:
    return text(name, default, key, path, kind="MemberList", values=MEASURANDS)


def _length(name: str, key: str) -> Setting:
    return number(name, len(MEASURANDS), key, unit=None, access="ReadOnly")


class MeterValues(Struct, frozen=True, eq=False):
    """Readings outside of a transaction's events; `evse` None is the main meter."""

    evse: Evse | None
    values: tuple[Sampled, ...]


class Metering(Function):
    """Takes samples."""

    __slots__ = ("_aligned_timers", "_kept", "_keys", "_timers")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("sampled_available", True, None, "SampledDataCtrlr.Available", access="ReadOnly"),
        switch("sampled_enabled", True, None, "SampledDataCtrlr.Enabled", access="ReadOnly"),
        number("meter_interval_s", 60, "MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval"),
        _measurands("measurands", _SAMPLED, "MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands"),
        _measurands("started_measurands", _SAMPLED, None, "SampledDataCtrlr.TxStartedMeasurands"),
        _measurands("stop_measurands", _SAMPLED, None, "SampledDataCtrlr.TxEndedMeasurands"),
        number("ended_interval_s", 0, None, "SampledDataCtrlr.TxEndedInterval"),
        _measurands("stop_sampled", "", "StopTxnSampledData", None),
        switch("sign_sampled", False, None, "SampledDataCtrlr.SignReadings"),
        switch("sign_sampled_16", False, "MeterValuesSignReadings"),
        _length("measurands_max", "MeterValuesSampledDataMaxLength"),
        _length("stop_sampled_max", "StopTxnSampledDataMaxLength"),
        _length("aligned_max", "MeterValuesAlignedDataMaxLength"),
        _length("stop_aligned_max", "StopTxnAlignedDataMaxLength"),
        switch("whole_registers", True, None, "SampledDataCtrlr.RegisterValuesWithoutPhases", access="ReadOnly"),
        switch("aligned_available", True, None, "AlignedDataCtrlr.Available", access="ReadOnly"),
        switch("aligned_enabled", True, None, "AlignedDataCtrlr.Enabled", access="ReadOnly"),
        number("aligned_interval_s", 0, "ClockAlignedDataInterval", "AlignedDataCtrlr.Interval"),
        _measurands("aligned_measurands", _SAMPLED, "MeterValuesAlignedData", "AlignedDataCtrlr.Measurands"),
        number("aligned_ended_interval_s", 0, None, "AlignedDataCtrlr.TxEndedInterval"),
        _measurands("aligned_ended_measurands", ENERGY, None, "AlignedDataCtrlr.TxEndedMeasurands"),
        _measurands("stop_aligned", "", "StopTxnAlignedData", None),
        switch("aligned_only_idle", False, None, "AlignedDataCtrlr.SendDuringIdle"),
        switch("sign_aligned", False, None, "AlignedDataCtrlr.SignReadings"),
        text(
            "public_key_with",
            "EveryMeterValue",
            None,
            "OCPPCommCtrlr.PublicKeyWithSignedMeterValue",
            kind="OptionList",
            values=("Never", "OncePerTransaction", "EveryMeterValue"),
        ),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._timers: dict[int, list[Timer]] | None = None
        self._aligned_timers: list[Timer] = []
        self._kept: dict[int, list[Sampled]] | None = None
        self._keys = MeterKeys(core)

    def restore(self) -> None:
        """The clock runs."""
        self._align()

    def objects_to(self, name: str, value: str) -> str | None:
        """2.x has no word for what 1.6 calls Temperature, and only 2.1 has those for what is offered both ways."""
        if self.core.settings.setting(name).values != MEASURANDS:
            return None
        others = () if self.core.is_v21 else SINCE_21
        others = (*others, *ONLY_IN_16) if self.core.dialect.family == "2.x" else others
        unknown = [one for one in map(str.strip, value.split(",")) if one in others]
        return f"There is no measurand {unknown[0]}" if unknown else None

    # Reading ---------------------------------------------------------------------------------

    def sample(self, evse: Evse, context: Context, setting: str = "measurands") -> Sampled:
        """Read the meter of an EVSE now; `setting` names the measurands that are told."""
        core = self.core
        reading = evse.hardware.read(core.now)
        measurands = core.settings.members(setting)
        if core.is_v21:
            measurands = core.v2x.with_more(evse, setting, measurands)
        sampled = Sampled(at=core.clock.text(core.now), context=context, reading=reading, measurands=measurands)
        if ENERGY in measurands and self._is_signed(context):
            return self._keys.sign(evse, sampled)
        return sampled

    def _is_signed(self, context: Context) -> bool:
        settings = self.core.settings
        if self.core.dialect.family == "1.6":
            return settings.switch("sign_sampled_16") and context != "Trigger"
        return settings.switch("sign_aligned" if context == "Sample.Clock" else "sign_sampled") and context != "Trigger"

    def public_key(self, evse_id: int) -> str:
        """The key of an EVSE's meter, as `publicKey` of OCPP tells it."""
        return self._keys.signer(self.core.evses[evse_id]).public_key_text

    def note(self, evse: Evse) -> None:
        """Remember the register, for the case that the power goes."""
        transaction = evse.transaction
        if transaction is not None:
            transaction.meter_last_wh = round(evse.hardware.read(self.core.now).energy_import_wh)

    def at_start(self, evse: Evse) -> tuple[Sampled, ...]:
        """What is told when a transaction begins (OCPP 2.0.1 E01.FR.09)."""
        for setting in ("stop_sampled", "stop_aligned"):
            if self.core.dialect.family == "1.6" and self.core.settings.text(setting):
                self._keep(evse, self.sample(evse, "Transaction.Begin", setting))
        sampled = self.sample(evse, "Transaction.Begin", "started_measurands")
        return (sampled,) if sampled.measurands else ()

    def at_end(self, evse: Evse, transaction: Transaction) -> tuple[Sampled, ...]:
        """What is told when a transaction ends: what was kept for it, and the last reading (OCPP 2.0.1 E06.FR.11)."""
        setting = "stop_measurands"
        if self.core.dialect.family == "1.6":
            setting = "stop_sampled" if self.core.settings.text("stop_sampled") else "stop_aligned"
        sampled = self.sample(evse, "Transaction.End", setting)
        transaction.meter_last_wh = round(sampled.reading.energy_import_wh)
        kept = self._kept.pop(evse.id, []) if self._kept else []
        self._kept = self._kept or None
        return (*kept, sampled) if sampled.measurands else tuple(kept)

    def _keep(self, evse: Evse, sampled: Sampled) -> None:
        """Keep a reading for the last message; too many are thinned out (OCPP 2.0.1 J02.FR.20)."""
        self._kept = self._kept or {}
        kept = self._kept.setdefault(evse.id, [])
        kept.append(sampled)
        if len(kept) > MOST_KEPT:
            del kept[1:-1:2]

    # During a transaction --------------------------------------------------------------------

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """Sample from now on."""
        self._sample_later(evse)

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Sample no more."""
        self._stop_sampling(evse)

    def setting_changed(self, name: str) -> None:
        """A new interval counts at once."""
        if name in ("meter_interval_s", "ended_interval_s"):
            for evse in self.core.evses.values():
                if evse.transaction is not None:
                    self._sample_later(evse)
        elif name in ("aligned_interval_s", "aligned_ended_interval_s"):
            self._align()

    def clock_changed(self) -> None:
        """What is aligned to the clock follows it."""
        self._align()

    def _stop_sampling(self, evse: Evse) -> None:
        for timer in self._timers.pop(evse.id, ()) if self._timers else ():
            timer.cancel()

    def _sample_later(self, evse: Evse) -> None:
        self._stop_sampling(evse)
        settings = self.core.settings
        self._every(evse, settings.number("meter_interval_s"), self._sample)
        if self.core.dialect.family == "2.x":
            self._every(evse, settings.number("ended_interval_s"), self._sample_for_the_end)

    def _every(self, evse: Evse, interval_s: int, act: Callable[[Evse], None]) -> None:
        if interval_s <= 0:
            return
        self._timers = self._timers or {}
        timers = self._timers.setdefault(evse.id, [])

        def run() -> None:
            timers.remove(timer)
            self._every(evse, interval_s, act)
            act(evse)

        timer = self.core.timers.at(self.core.now + interval_s, run)
        timers.append(timer)

    def _sample(self, evse: Evse) -> None:
        self.note(evse)
        if self.core.dialect.family == "1.6" and self.core.settings.text("stop_sampled"):
            self._keep(evse, self.sample(evse, "Sample.Periodic", "stop_sampled"))
        self.core.charging.updated(evse, "MeterValuePeriodic", self.sample(evse, "Sample.Periodic"))
        self.core.charging.look(evse)

    def _sample_for_the_end(self, evse: Evse) -> None:
        sampled = self.sample(evse, "Sample.Periodic", "stop_measurands")
        if sampled.measurands:
            self._keep(evse, sampled)

    # By the clock ----------------------------------------------------------------------------

    def _align(self) -> None:
        for timer in self._aligned_timers:
            timer.cancel()
        self._aligned_timers = []
        self._at_next("aligned_interval_s", self._tell_aligned)
        if self.core.dialect.family == "2.x":
            self._at_next("aligned_ended_interval_s", partial(self._keep_aligned, "aligned_ended_measurands"))

    def _at_next(self, setting: str, act: Callable[[], None]) -> None:
        """Do something at the next multiple of an interval since midnight (OCPP 2.0.1 AlignedDataInterval)."""
        interval_s = self.core.settings.number(setting)
        if interval_s <= 0:
            return
        wall = self.core.clock.wall(self.core.now + 0.001)
        since_s = (wall - wall.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(seconds=1)
        when = self.core.now + 0.001 + interval_s - since_s % interval_s

        def run() -> None:
            self._aligned_timers.remove(timer)
            self._at_next(setting, act)
            act()

        timer = self.core.timers.at(when, run)
        self._aligned_timers.append(timer)

    def _tell_aligned(self) -> None:
        """Tell what all meters show (OCPP 2.0.1 J01.FR.14, J01.FR.19, J01.FR.20, J01.FR.22)."""
        core = self.core
        if core.dialect.family == "1.6" and core.settings.text("stop_aligned"):
            self._keep_aligned("stop_aligned")
        if core.charging.is_busy and core.settings.switch("aligned_only_idle"):
            return
        samples = {evse.id: self.sample(evse, "Sample.Clock", "aligned_measurands") for evse in core.evses.values()}
        for evse in core.evses.values():
            if not samples[evse.id].measurands:
                return
            if evse.transaction is not None:
                self.note(evse)
                core.charging.updated(evse, "MeterValueClock", samples[evse.id])
            else:
                core.say(MeterValues(evse, (samples[evse.id],)))
        core.say(MeterValues(None, (self._total(list(samples.values())),)))

    def _total(self, samples: list[Sampled]) -> Sampled:
        """What the main meter shows: the sum over the EVSEs (OCPP 2.0.1 J01.FR.03, J01.FR.04)."""
        readings = [sampled.reading for sampled in samples]
        total = Reading(
            energy_import_wh=sum(reading.energy_import_wh for reading in readings),
            energy_export_wh=sum(reading.energy_export_wh for reading in readings),
            power_w=sum(reading.power_w for reading in readings),
        )
        return Sampled(
            at=samples[0].at, context="Sample.Clock", reading=total, measurands=(ENERGY, "Power.Active.Import")
        )

    def _keep_aligned(self, setting: str) -> None:
        for evse in self.core.evses.values():
            if evse.transaction is not None:
                sampled = self.sample(evse, "Sample.Clock", setting)
                if sampled.measurands:
                    self._keep(evse, sampled)
