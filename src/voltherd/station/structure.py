"""What a station consists of, as variables: itself, its EVSEs and connectors.

The required variables of the charging infrastructure (OCPP 2.0.1 part 1, 4.4 and part 2, appendix 3.2); those of the
controllers are settings of the functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from voltherd.station.evse import Evse
from voltherd.station.function import Fact

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


def structure(core: StationCore) -> Iterator[Fact]:
    """The variables of the station's parts."""
    yield from _station(core)
    for evse in core.evses.values():
        yield from _evse(evse)
        for connector_id in evse.connector_ids:
            yield from _connector(evse, connector_id)


def _station(core: StationCore) -> Iterator[Fact]:
    config = core.config
    phases = max((evse.config.phases for evse in core.evses.values()), default=3) or 3
    yield Fact(component="ChargingStation", variable="Available", value="true", kind="boolean", is_constant=True)
    yield Fact(
        component="ChargingStation", variable="SupplyPhases", value=str(phases), kind="integer", is_constant=True
    )
    for variable, value in (
        ("Model", config.model),
        ("VendorName", config.vendor),
        ("SerialNumber", config.serial_number),
        ("FirmwareVersion", core.provisioning.firmware_version),
    ):
        yield Fact(component="ChargingStation", variable=variable, value=value, kind="string", is_constant=True)
    broken = any(evse.fault is not None for evse in core.evses.values())
    yield Fact(component="ChargingStation", variable="Problem", value=_word(broken), kind="boolean")


def _evse(evse: Evse) -> Iterator[Fact]:
    for variable, value, kind in (
        ("Available", "true", "boolean"),
        ("SupplyPhases", str(evse.config.phases or 3), "integer"),
        ("AllowReset", "true", "boolean"),
        ("EvseId", str(evse.id), "string"),
    ):
        yield Fact(component="EVSE", evse_id=evse.id, variable=variable, value=value, kind=kind, is_constant=True)
    yield evse_problem(evse)


def evse_problem(evse: Evse) -> Fact:
    """Whether an EVSE is broken."""
    broken = _word(evse.fault is not None)
    return Fact(component="EVSE", evse_id=evse.id, variable="Problem", value=broken, kind="boolean")


def _connector(evse: Evse, connector_id: int) -> Iterator[Fact]:
    for variable, value, kind in (
        ("Available", "true", "boolean"),
        ("ConnectorType", evse.config.connectors[connector_id - 1], "string"),
        ("SupplyPhases", str(evse.config.phases), "integer"),
    ):
        yield Fact(
            component="Connector",
            evse_id=evse.id,
            connector_id=connector_id,
            variable=variable,
            value=value,
            kind=kind,
            is_constant=True,
        )


def _word(truth: bool) -> str:
    return "true" if truth else "false"
