"""What is sent to the control port."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from litestar import Request
from msgspec import Struct

from voltherd.simulator.problems import SimulatorError, UnknownError
from voltherd.simulator.vehicle import CARS, Vehicle, model


class _Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class PlugBody(_Body, frozen=True, kw_only=True):
    """A vehicle to plug in; shares are percent."""

    vehicle: str = CARS[3].name
    soc_percent: float = 30.0
    target_soc_percent: float = 100.0
    floor_soc_percent: float | None = None
    departure_in_s: float | None = None
    evcc_id: str | None = None
    emaid: str | None = None
    temperature_c: float = 20.0
    connector_id: int | None = None

    def car(self, now: float) -> Vehicle:
        """The vehicle.

        Raises:
            UnknownError: there is no such kind.
            SimulatorError: a share that cannot be.
        """
        shares = (self.soc_percent, self.target_soc_percent, self.floor_soc_percent or 0.0)
        if not all(0.0 <= share <= 100.0 for share in shares):
            raise SimulatorError("soc_percent, target_soc_percent and floor_soc_percent are from 0 to 100")
        try:
            kind = model(self.vehicle)
        except KeyError as error:
            raise UnknownError(str(error.args[0])) from None
        return Vehicle(
            kind,
            soc=self.soc_percent / 100,
            target_soc=self.target_soc_percent / 100,
            floor_soc=None if self.floor_soc_percent is None else self.floor_soc_percent / 100,
            departure_at=None if self.departure_in_s is None else now + self.departure_in_s,
            evcc_id=self.evcc_id,
            emaid=self.emaid,
            temperature_c=self.temperature_c,
        )


class TapBody(_Body, frozen=True, kw_only=True):
    """A card that is held to the reader; `type` in the words of OCPP 2.x. `wait_s`: how long the answer may take."""

    token: str
    type: str = "ISO14443"
    wait_s: float = 10.0


class FaultBody(_Body, frozen=True, kw_only=True):
    """An EVSE breaks; `code` is an error code of OCPP 1.6."""

    code: str = "InternalError"


class MeterBody(_Body, frozen=True, kw_only=True):
    """The meter's registers are set, or it counts no more."""

    energy_import_wh: float | None = None
    energy_export_wh: float | None = None
    stands: bool | None = None


class LockBody(_Body, frozen=True, kw_only=True):
    """Whether the lock fails."""

    fails: bool


class VehicleBody(_Body, frozen=True, kw_only=True):
    """The vehicle takes no more power by its own will, or goes on."""

    paused: bool


class SwitchBody(_Body, frozen=True, kw_only=True):
    """Power or network of a station."""

    on: bool


class DropBody(_Body, frozen=True, kw_only=True):
    """The connection breaks; `at_once`: the station connects again without waiting."""

    at_once: bool = False


class LimitBody(_Body, frozen=True, kw_only=True):
    """What all EVSEs of the station may draw together; null: no limit from outside."""

    limit_w: float | None


B = TypeVar("B", bound=_Body)


async def read(request: Request[Any, Any, Any], kind: type[B]) -> B:
    """The body of a request; an empty one means all defaults.

    Raises:
        SimulatorError: it is no JSON, or not of this kind; the text says where.
    """
    raw = await request.body()
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise SimulatorError(str(error)) from None
