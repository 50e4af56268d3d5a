"""What a test's hand can do to the station under test since OCPP 2.1. Like `hand.py`, it knows the station's API."""

from dataclasses import replace
from typing import Any, Literal

from conformance.stations.hand import Hand
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import MODELS, EvseRating, Vehicle
from voltherd.station import EvseConfig
from voltherd.station.battery_swap import Battery
from voltherd.station.payment import Company, Receipt, Settlement
from voltherd.station.smart_charging.profile import ScheduleUpdate
from voltherd.station.transaction import Limits

DC_BIDIRECTIONAL = EvseConfig(max_power_w=22_000.0, phases=0, connectors=("cCCS2",))
V2G_W = 20_000.0


def equip(station: Hand, *evses: EvseConfig, max_discharge_w: float = 0.0) -> None:
    """Build the station with other EVSEs, which speak ISO 15118; before it is switched on first."""
    station.config = replace(station.config, evses=evses)
    station._hardware = {
        number: SimulatedEvse(EvseRating.of(one, max_discharge_w=max_discharge_w, iso15118=True))
        for number, one in enumerate(evses, 1)
    }


def talking(name: str, **state: Any) -> Vehicle:
    """A vehicle of a kind that speaks ISO 15118."""
    [model] = [one for one in MODELS if one.name == name]
    return Vehicle(model, evcc_id="02A1B2C3D4E5", **state)


def v2g_vehicle(**state: Any) -> Vehicle:
    """A vehicle that gives energy back, over DC and under dynamic control (ISO 15118-20)."""
    return talking("Rondo V2G", **({"soc": 0.6, "floor_soc": 0.2} | state))


def driver_sets_limits(station: Hand, evse_id: int = 1, **limits: Any) -> None:
    """The driver limits the transaction at the display: `energy_wh`, `time_s`, `cost`, `soc_percent`."""
    core = station.running.core
    core.now = station.clock.now()
    core.transaction_limits.ask(core.evses[evse_id], Limits(**limits))
    station.running.pump()


def driver_wants_priority(station: Hand, *, activate: bool, evse_id: int = 1) -> bool:
    """The driver switches priority charging on or off at the display; whether it can be had."""
    had = station.running.core.priority_charging.use_here(evse_id, activate=activate, now=station.clock.now())
    station.running.pump()
    return had


def renegotiates(station: Hand, evse_id: int = 1, **changes: Any) -> None:
    """The vehicle's needs change, and it tells them anew."""
    hardware = station.running.hardware[evse_id]
    assert hardware.car is not None
    for name, value in changes.items():
        setattr(hardware.car, name, value)
    hardware.ask_again()
    station.running.wake()


def grid_frequency(station: Hand, hz: float) -> None:
    """The frequency of the grid changes."""
    for hardware in station.running.hardware.values():
        hardware.frequency_hz = hz
    station.running.wake()


def exported_wh(station: Hand, evse_id: int = 1) -> float:
    """What the meter has counted from the vehicle."""
    return float(station.running.hardware[evse_id].read(station.clock.now()).energy_export_wh)


def grid_load(station: Hand, load_w: float) -> None:
    """A meter upstream tells the load of the site."""
    station.running.core.v2x.load_measured(load_w, station.clock.now())
    station.running.pump()


# -- battery swap -------------------------------------------------------------------------------------------------


def put_in(station: Hand, slot: int, serial_number: str, soc: float = 0.3) -> None:
    """A battery goes into a slot."""
    running = station.running
    running.hardware[slot].plug(Vehicle(MODELS[2], soc=soc), 1, station.clock.now())
    battery = Battery(serial_number=serial_number, soc_percent=soc * 100)
    assert running.core.battery_swap.inserted({slot: battery}, station.clock.now())
    running.pump()


def take_out(station: Hand, slot: int) -> None:
    """A battery is taken out of a slot."""
    station.running.hardware[slot].unplug(station.clock.now())
    station.running.core.battery_swap.removed(slot, station.clock.now())
    station.running.pump()


def present_for_swap(station: Hand, token: Any) -> None:
    """A card is held to the reader of a swap station."""
    station.running.core.battery_swap.presented(token, station.clock.now())
    station.running.pump()


# -- certificates of vehicles -------------------------------------------------------------------------------------


def vehicle_asks_for_contracts(station: Hand, exi: str, most: int) -> list[Any]:
    """A vehicle of ISO 15118-20 asks for contracts; gives the list in which the answers will be."""
    answers: list[Any] = []
    station.running.core.ev_certificates.pass_on(exi, answers.append, most_chains=most)
    station.running.pump()
    return answers


def vehicle_shows_chain(station: Hand, pem: str) -> list[Any]:
    """A vehicle shows a chain that is to be checked; gives the list in which the outcome will be."""
    outcome: list[Any] = []
    core = station.running.core
    core.now = station.clock.now()
    core.ev_certificates.check_chain(pem, outcome.append)
    station.running.pump()
    return outcome


def energy_manager(
    station: Hand, *, evse_id: int = 0, generation: bool = False, unit: Literal["A", "W"] = "W", **values: float
) -> None:
    """An energy manager sets a `limit`, a `discharge_limit`, a `setpoint`; `generation`: what is generated there."""
    limits = station.running.core.external_limits
    made = ScheduleUpdate(**values)
    assert limits.set(made, now=station.clock.now(), unit=unit, evse_id=evse_id, local_generation=generation), (
        "it may not"
    )
    station.running.pump()


def address_to_pay_at(station: Hand, evse_id: int = 1, **limits: Any) -> str | None:
    """What the QR code of an EVSE says, with what the driver chose: `max_time_s`, `max_energy_wh`, `max_cost`."""
    core = station.running.core
    core.now = station.clock.now()
    return core.payments.url(evse_id, **limits)


def terminal_says(station: Hand, settlement: Settlement) -> list[Receipt | None]:
    """The payment terminal tells what became of a payment; gives a list that the receipt comes into."""
    receipts: list[Receipt | None] = []
    station.running.core.payments.settled(settlement, lambda receipt, _error: receipts.append(receipt))
    station.running.pump()
    return receipts


def terminal_asks_for_company(station: Hand, vat_number: str, evse_id: int = 1) -> list[Company | None]:
    """The payment terminal asks whose VAT number it is; gives a list that the answer comes into."""
    found: list[Company | None] = []
    station.running.core.payments.whose_number(vat_number, lambda company, _error: found.append(company), evse_id)
    station.running.pump()
    return found
