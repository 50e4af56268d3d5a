"""Swapping batteries (OCPP 2.1 S01 to S04).

Every EVSE of a swap station is a slot; a battery in it charges like a vehicle. A swap goes: a token is authorised (or
the CSMS asks for a swap), batteries are put into empty slots (BatteryIn), as many charged ones are offered, and taken
out (BatteryOut) or left (BatteryOutTimeout).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.evse import Evse, Permission
from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number, text
from voltherd.station.timers import Timer
from voltherd.station.token import Token, TokenInfo

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "battery"
"""The batteries in the slots, by EVSE."""
LOOK_S: Final = 10.0
"""How often charging batteries are looked at."""

SwapEvent = Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]
NO_BATTERY: Final = "NoBatteryAvailable"
BUSY: Final = "Occupied"


class Battery(Struct, frozen=True, kw_only=True):
    """A battery; states of charge and health in percent."""

    serial_number: str
    soc_percent: float
    soh_percent: float = 100.0
    produced_at: str | None = None
    vendor_info: str | None = None


class Swapped(Struct, frozen=True, kw_only=True):
    """Batteries were put in, taken out or left; `batteries` by slot."""

    event: SwapEvent
    request_id: int
    token: Token
    batteries: tuple[tuple[int, Battery], ...]


class Swap(Struct, kw_only=True):
    """The swap that goes on.

    Attributes:
        offered: the slots whose batteries are to be taken; empty until batteries were put in.
        taken: what was taken out of them so far.
    """

    request_id: int
    token: Token
    offered: tuple[int, ...] = ()
    taken: tuple[tuple[int, Battery], ...] = ()


class BatterySwap(Function):
    """Knows the batteries, leads through a swap, and charges what was put in.

    Attributes:
        batteries: by slot.
        swap: the one that goes on, None if none does.
    """

    __slots__ = ("_last_request_id", "_look_timer", "_timer", "batteries", "swap")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("swap_target_soc", 80, None, "BatterySwapCtrlr.TargetSoc", unit="Percent", most=100, since_v21=True),
        number("swap_max_soc", 100, None, "BatterySwapCtrlr.MaxSoc", unit="Percent", most=100, since_v21=True),
        text("swap_token", "", None, "BatterySwapCtrlr.IdToken", most_characters=255, since_v21=True),
        number("swap_in_timeout_s", 60, None, "BatterySwapCtrlr.Timeout/In", least=1, since_v21=True),
        number("swap_out_timeout_s", 60, None, "BatterySwapCtrlr.Timeout/Out", least=1, since_v21=True),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.batteries: dict[int, Battery] = {}
        self.swap: Swap | None = None
        self._last_request_id = 0
        self._timer: Timer | None = None
        self._look_timer: Timer | None = None

    @property
    def is_offered(self) -> bool:
        """A swap station that speaks 2.1."""
        return self.core.config.swaps_batteries and self.core.is_v21

    def restore(self) -> None:
        """Slots keep their batteries; transactions begin and end with a battery (OCPP 2.1 S04.FR.08, FR.09)."""
        if not self.is_offered:
            return
        self.core.settings.fix("tx_start_point", "EVConnected")
        self.core.settings.fix("tx_stop_point", "EVConnected")
        stored = self.core.storage.all(ROOM)
        self.batteries = {int(key): msgspec.json.decode(value, type=Battery) for key, value in stored.items()}
        for slot in self.batteries:
            self._permit(self.core.evses[slot])

    def objects_to(self, name: str, value: str) -> str | None:
        """A battery is offered at the latest when it is charged no further (OCPP 2.1 S04.FR.10)."""
        settings = self.core.settings
        if name == "swap_target_soc" and int(value) > settings.number("swap_max_soc"):
            return "Above MaxSoc"
        if name == "swap_max_soc" and int(value) < settings.number("swap_target_soc"):
            return "Below TargetSoc"
        fixed = self.is_offered and name in ("tx_start_point", "tx_stop_point") and value != "EVConnected"
        return "Transactions of a swap station begin and end with the battery" if fixed else None

    # Batteries -------------------------------------------------------------------------------

    @property
    def charged(self) -> list[int]:
        """The slots with a battery that may be offered (OCPP 2.1 S04.FR.05)."""
        target = self.core.settings.number("swap_target_soc")
        return [slot for slot in sorted(self.batteries) if self.battery(slot).soc_percent >= target]

    @property
    def empty(self) -> list[int]:
        """The slots into which batteries can be put."""
        return [evse.id for evse in self.core.evses.values() if evse.id not in self.batteries and evse.fault is None]

    def battery(self, slot: int) -> Battery:
        """The battery in a slot as it is now."""
        soc = self.core.evses[slot].hardware.read(self.core.now).soc_percent
        battery = self.batteries[slot]
        return battery if soc is None else replace(battery, soc_percent=soc)

    # Beginning -------------------------------------------------------------------------------

    def presented(self, token: Token, now: float) -> None:
        """A driver holds a token to the reader of the station (OCPP 2.1 S01)."""
        self.core.now = now

        def decided(info: TokenInfo) -> None:
            if info.is_accepted and self.objection() is None:
                self._last_request_id += 1
                self._begin(token, self._last_request_id)

        self.core.authorization.decide(token, decided)

    def objection(self) -> tuple[str, str] | None:
        """Why no swap can begin: a reason code and a sentence; None if one can (OCPP 2.1 S03.FR.05)."""
        if self.swap is not None:
            return BUSY, "A swap is going on"
        if not self.charged:
            return NO_BATTERY, "No battery is charged enough"
        return None if self.empty else (BUSY, "No slot is empty")

    def request(self, token: Token, request_id: int) -> tuple[str, str] | None:
        """Begin a swap for the CSMS; gives why not (OCPP 2.1 S02)."""
        objection = self.objection()
        if objection is None:
            self._last_request_id = max(self._last_request_id, request_id)
            self._begin(token, request_id)
        return objection

    def _begin(self, token: Token, request_id: int) -> None:
        self.swap = Swap(request_id=request_id, token=token)
        self._wait("swap_in_timeout_s")

    def _wait(self, setting: str) -> None:
        self._stop_waiting()
        self._timer = self.core.timers.at(self.core.now + self.core.settings.number(setting), self._too_late)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        """Nothing was put in (OCPP 2.1 S01.FR.02), or not all was taken out (S03.FR.06)."""
        swap, self.swap, self._timer = self.swap, None, None
        if swap is None or not swap.offered:
            return
        if swap.taken:
            self._tell("BatteryOut", swap, swap.taken)
        left = [slot for slot in swap.offered if slot in self.batteries]
        self._tell("BatteryOutTimeout", swap, tuple((slot, self.battery(slot)) for slot in left))

    # Putting in and taking out ---------------------------------------------------------------

    def inserted(self, batteries: Mapping[int, Battery], now: float) -> bool:
        """Batteries are in their slots; False if one of the slots is taken (OCPP 2.1 S03.FR.01, S04.FR.01)."""
        core, swap = self.core, self.swap
        core.now = now
        if any(slot in self.batteries or slot not in core.evses for slot in batteries):
            return False
        offer = self.charged
        for slot, battery in batteries.items():
            self.batteries[slot] = battery
            core.storage.keep(ROOM, str(slot), msgspec.json.encode(battery))
        if swap is not None and not swap.offered:
            self._tell("BatteryIn", swap, tuple(batteries.items()))
            swap.offered = tuple(offer[: len(batteries)])
            self._wait("swap_out_timeout_s")
        for slot in batteries:
            self._charge(core.evses[slot])
        return True

    def removed(self, slot: int, now: float) -> None:
        """The battery of a slot is taken out (OCPP 2.1 S03.FR.03, S04.FR.07)."""
        core, swap = self.core, self.swap
        core.now = now
        battery = self.battery(slot)
        del self.batteries[slot]
        core.storage.drop(ROOM, str(slot))
        core.charging.unplugged(slot, now)
        if swap is None or slot not in swap.offered:
            return
        swap.taken = (*swap.taken, (slot, battery))
        if len(swap.taken) == len(swap.offered):
            self.swap = None
            self._stop_waiting()
            self._tell("BatteryOut", swap, swap.taken)

    def _tell(self, event: SwapEvent, swap: Swap, batteries: tuple[tuple[int, Battery], ...]) -> None:
        told = Swapped(event=event, request_id=swap.request_id, token=swap.token, batteries=batteries)
        self.core.queue(told)

    # Charging --------------------------------------------------------------------------------

    def accepted(self) -> None:
        """After a restart, what is in the slots charges again (OCPP 2.1 S04.FR.11)."""
        for slot in self.batteries:
            self._charge(self.core.evses[slot])

    def _charge(self, evse: Evse) -> None:
        """Begin a transaction with the battery of a slot (OCPP 2.1 S04.FR.02, FR.03)."""
        core = self.core
        if evse.transaction is not None:
            return
        self._permit(evse)
        if evse.plugged is None:
            core.charging.plugged_in(evse.id, 1, core.now)
        else:
            evse.points = frozenset()
            core.charging.changed(evse, "CablePluggedIn")
        self._look_later()

    def _permit(self, evse: Evse) -> None:
        word = self.core.settings.text("swap_token")
        token = Token(word, "Central") if word else Token("", "NoAuthorization")
        evse.permission = Permission(token=token, transaction_id=self.core.charging.new_id())

    def _look_later(self) -> None:
        if self._look_timer is None:
            self._look_timer = self.core.timers.at(self.core.now + LOOK_S, self._look)

    def _look(self) -> None:
        """Charge no battery further than wanted (OCPP 2.1 S04.FR.06)."""
        self._look_timer = None
        core, most = self.core, self.core.settings.number("swap_max_soc")
        for slot in self.batteries:
            evse = core.evses[slot]
            if evse.transaction is None:
                continue
            is_full = self.battery(slot).soc_percent >= most
            if is_full and not evse.suspended_by_evse:
                evse.suspended_by_evse = True
                core.charging.changed(evse, "EnergyLimitReached")
            elif evse.suspended_by_evse and not is_full:
                evse.suspended_by_evse = False
                core.charging.changed(evse, "ChargingStateChanged")
            self._look_later()

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """The batteries in the slots."""
        for slot in self.batteries:
            battery = self.battery(slot)
            for variable, value in (("SoC", battery.soc_percent), ("SoH", battery.soh_percent)):
                yield Fact(
                    component="BatteryCartridge",
                    evse_id=slot,
                    variable=variable,
                    value=f"{value:.0f}",
                    kind="integer",
                    unit="Percent",
                )
