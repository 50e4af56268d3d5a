"""OCPP 2.0.1, block G: connectors that are free, taken and out of service."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, all_connectors, connector, rebooted

official = partial(case, version="2.0.1")
STATION: dict[str, Any] = {}
EVSE = {"evse": {"id": 1}}
CONNECTOR = {"evse": {"id": 1, "connectorId": 1}}


async def put(csms: Csms, status: str, where: dict[str, Any], answer: str = "Accepted") -> None:
    """Put the station, an EVSE or a connector in or out of service."""
    given = await csms.call("ChangeAvailability", {"operationalStatus": status} | where)
    assert given["status"] == answer


async def told(csms: Csms, status: str, where: dict[str, Any]) -> None:
    """All connectors concerned were reported so."""
    await connector(csms, status, 1)
    if not where:
        await connector(csms, status, 2)


@official("TC_G_01_CS", "A connector that a vehicle is plugged into is taken")
async def test_tc_g_01_cs_taken(csms: Csms, station: Hand) -> None:
    await Session(csms, station).plugged()


@official("TC_G_02_CS", "A connector that a vehicle leaves is free")
async def test_tc_g_02_cs_free(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    await session.unplugged()


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(EVSE, marks=official("TC_G_03_CS", "An EVSE is put out of service"), id="TC_G_03_CS"),
        pytest.param(STATION, marks=official("TC_G_05_CS", "The station is put out of service"), id="TC_G_05_CS"),
        pytest.param(CONNECTOR, marks=official("TC_G_07_CS", "A connector is put out of service"), id="TC_G_07_CS"),
    ],
)
async def test_out_of_service(csms: Csms, station: Hand, where: dict[str, Any]) -> None:
    await put(csms, "Inoperative", where)
    await told(csms, "Unavailable", where)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(EVSE, marks=official("TC_G_04_CS", "An EVSE is put into service again"), id="TC_G_04_CS"),
        pytest.param(STATION, marks=official("TC_G_06_CS", "The station is put into service again"), id="TC_G_06_CS"),
        pytest.param(CONNECTOR, marks=official("TC_G_08_CS", "A connector is put into service again"), id="TC_G_08_CS"),
    ],
)
async def test_into_service(csms: Csms, station: Hand, where: dict[str, Any]) -> None:
    await put(csms, "Inoperative", where)
    await told(csms, "Unavailable", where)
    await put(csms, "Operative", where)
    await told(csms, "Available", where)
    session = Session(csms, station)
    await session.charging()


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(EVSE, marks=official("TC_G_09_CS", "An EVSE in service is put into service"), id="TC_G_09_CS"),
        pytest.param(STATION, marks=official("TC_G_12_CS", "A station in service is put into it"), id="TC_G_12_CS"),
        pytest.param(CONNECTOR, marks=official("TC_G_15_CS", "A connector in service is put into it"), id="TC_G_15_CS"),
    ],
)
async def test_in_service_already(csms: Csms, station: Hand, where: dict[str, Any]) -> None:
    await put(csms, "Operative", where)
    await csms.none("StatusNotification", connectorStatus="Unavailable")


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(EVSE, marks=official("TC_G_10_CS", "An EVSE out of service is put out of it"), id="TC_G_10_CS"),
        pytest.param(STATION, marks=official("TC_G_13_CS", "A station out of service is put so"), id="TC_G_13_CS"),
        pytest.param(CONNECTOR, marks=official("TC_G_16_CS", "A connector out of service is put so"), id="TC_G_16_CS"),
    ],
)
async def test_out_of_service_already(csms: Csms, station: Hand, where: dict[str, Any]) -> None:
    await put(csms, "Inoperative", where)
    await told(csms, "Unavailable", where)
    await put(csms, "Inoperative", where)
    await csms.none("StatusNotification", connectorStatus="Available")


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(
            EVSE,
            marks=official("TC_G_11_CS", "An EVSE in use goes out of service when its session is over"),
            id="TC_G_11_CS",
        ),
        pytest.param(
            STATION,
            marks=official("TC_G_14_CS", "A station in use: what is idle goes at once, the rest after its session"),
            id="TC_G_14_CS",
        ),
        pytest.param(
            CONNECTOR,
            marks=official("TC_G_17_CS", "A connector in use goes out of service when its session is over"),
            id="TC_G_17_CS",
        ),
    ],
)
async def test_out_of_service_after_the_session(csms: Csms, station: Hand, where: dict[str, Any]) -> None:
    session = Session(csms, station)
    await session.charging()
    await put(csms, "Inoperative", where, "Scheduled")
    if not where:
        await connector(csms, "Unavailable", 2)
    await station.pass_time(30)
    await session.no_event(eventType="Ended")
    await csms.none("StatusNotification", connectorStatus="Unavailable")
    await session.stopped()
    await connector(csms, "Unavailable", 1)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(
            EVSE, marks=official("TC_G_18_CS", "An EVSE out of service is so after a restart"), id="TC_G_18_CS"
        ),
        pytest.param(
            CONNECTOR, marks=official("TC_G_19_CS", "A connector out of service is so after a restart"), id="TC_G_19_CS"
        ),
        pytest.param(
            STATION, marks=official("TC_G_21_CS", "A station out of service is so after a restart"), id="TC_G_21_CS"
        ),
    ],
)
@pytest.mark.parametrize("restart", ["reset", "power"])
async def test_outlives_a_restart(csms: Csms, station: Hand, where: dict[str, Any], restart: str) -> None:
    await put(csms, "Inoperative", where)
    await told(csms, "Unavailable", where)
    if restart == "reset":
        assert (await csms.call("Reset", type="Immediate"))["status"] == "Accepted"
    else:
        await station.power_cut()
    await rebooted(csms, station)
    await all_connectors(csms, "Available" if where else "Unavailable", evse_1="Unavailable")
    await csms.expect("SecurityEventNotification", type={"StartupOfTheDevice", "ResetOrReboot"})


@official("TC_G_20_CS", "A plug that does not lock is reported as a problem, and nothing is charged")
async def test_tc_g_20_cs_lock_failure(csms: Csms, station: Hand) -> None:
    station.lock_fails()
    session = Session(csms, station)
    await session.plugged()
    await session.authorized()
    problem = {"component": {"name": "ConnectorPlugRetentionLock"}, "variable": {"name": "Problem"}}
    await csms.expect("NotifyEvent", eventData=[problem | {"trigger": "Delta", "actualValue": {"true", "True"}}])
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})
