"""OCPP 2.0.1, block G: availability."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station, Tokens
from conformance.v201.block_bfg import charging, ended, reported
from support.payloads import instant, status_2x

official = partial(case, version="2.0.1")


async def change(station: Station, *, operational: bool, status: str = "Accepted", **where: int) -> dict[str, Any]:
    """Change the availability by command; gives the record."""
    wish = {"operational": operational, **where}
    done = await station.command("change-availability", wish, answers={"ChangeAvailability": {"status": status}})
    sent: dict[str, Any] = {"operationalStatus": "Operative" if operational else "Inoperative"}
    if where:
        evse = {"id": where["evse_id"]}
        sent["evse"] = evse | ({"connectorId": where["connector_id"]} if "connector_id" in where else {})
    assert done.call.payload == sent
    assert done.record["state"] == "accepted"
    return done.record


async def wanted(station: Station, **fields: Any) -> None:
    """See what is shown of what was asked for."""
    [found] = await station.api.items(f"/stations/{station.identity}/availability")
    assert {name: found[name] for name in fields} == fields


async def out_and_in(station: Station, *, back: bool, evses: tuple[int, ...] = (1, 2), **where: int) -> None:
    """Take out of service, and where wanted bring back, with the reports that follow."""
    for evse in (1, 2):
        await reported(station, "Available", evse=evse)
    record = await change(station, operational=False, **where)
    for evse in evses:
        await reported(station, "Unavailable", evse=evse)
    await station.become(record, "effect_seen")
    await wanted(station, operational=False, status="in-effect", evse_id=where.get("evse_id", 0))
    if back:
        record = await change(station, operational=True, **where)
        for evse in evses:
            await reported(station, "Available", evse=evse)
        await station.become(record, "effect_seen")
        await wanted(station, operational=True, status="in-effect", connector_id=where.get("connector_id", 0))


@official("TC_G_03_CSMS", "An EVSE is taken out of service")
async def test_tc_g_03_csms_evse_out_of_service(v201: Station) -> None:
    await out_and_in(v201, back=False, evses=(1,), evse_id=1)
    assert (await v201.evse())["operational"] is False


@official("TC_G_04_CSMS", "An EVSE is brought back")
async def test_tc_g_04_csms_evse_back(v201: Station) -> None:
    await out_and_in(v201, back=True, evses=(1,), evse_id=1)
    assert (await v201.evse())["operational"] is True


@official("TC_G_05_CSMS", "The station is taken out of service")
async def test_tc_g_05_csms_station_out_of_service(v201: Station) -> None:
    await out_and_in(v201, back=False)
    assert (await v201.shown())["status"] == "Unavailable"


@official("TC_G_06_CSMS", "The station is brought back")
async def test_tc_g_06_csms_station_back(v201: Station) -> None:
    await out_and_in(v201, back=True)
    assert (await v201.shown())["status"] == "Available"


@official("TC_G_07_CSMS", "A connector is taken out of service")
async def test_tc_g_07_csms_connector_out_of_service(v201: Station) -> None:
    await out_and_in(v201, back=False, evses=(1,), evse_id=1, connector_id=1)


@official("TC_G_08_CSMS", "A connector is brought back")
async def test_tc_g_08_csms_connector_back(v201: Station) -> None:
    await out_and_in(v201, back=True, evses=(1,), evse_id=1, connector_id=1)


async def scheduled(station: Station, token: str, **where: int) -> None:
    """Take out of service while a session runs: it waits for the end."""
    await reported(station, "Available", evse=2)
    await charging(station, token)
    record = await change(station, operational=False, status="Scheduled", **where)
    await wanted(station, status="scheduled", operational=False)
    if not where:
        await reported(station, "Unavailable", evse=2)
    assert (await station.api.get(f"/commands/{record['command_id']}"))["state"] == "accepted"
    await ended(station, token)
    assert await station.call("StatusNotification", status_2x("Unavailable")) == {}
    await station.become(record, "effect_seen")
    await wanted(station, status="in-effect")


@official("TC_G_11_CSMS", "An EVSE with a session is taken out of service afterwards")
async def test_tc_g_11_csms_evse_with_a_session(v201: Station, tokens: Tokens) -> None:
    await scheduled(v201, await tokens.make(), evse_id=1)


@official("TC_G_14_CSMS", "A station with a session is taken out of service: what is free at once, the rest afterwards")
async def test_tc_g_14_csms_station_with_a_session(v201: Station, tokens: Tokens) -> None:
    await scheduled(v201, await tokens.make())


@official("TC_G_17_CSMS", "A connector with a session is taken out of service afterwards")
async def test_tc_g_17_csms_connector_with_a_session(v201: Station, tokens: Tokens) -> None:
    await scheduled(v201, await tokens.make(), evse_id=1, connector_id=1)


@official("TC_G_20_CSMS", "A lock that fails is shown at its connector")
async def test_tc_g_20_csms_lock_failure(v201: Station) -> None:
    await reported(v201, "Available")
    data = {
        "eventId": 7,
        "timestamp": instant(),
        "trigger": "Delta",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Problem"},
    }
    assert await v201.call("NotifyEvent", {"generatedAt": instant(), "seqNo": 0, "eventData": [data]}) == {}
    assert (await v201.connector())["error_code"] == "ConnectorLockFailure"
