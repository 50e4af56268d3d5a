"""OCPP 2.0.1, block F: messages that the CSMS asks for."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, connector, fresh

official = partial(case, version="2.0.1")
EVSE = {"evse": {"id": 1}}
CONNECTOR = {"evse": {"id": 1, "connectorId": 1}}


async def trigger(csms: Csms, message: str, status: str = "Accepted", **fields: Any) -> None:
    """Ask for a message."""
    csms.forget()
    answer = await csms.call("TriggerMessage", {"requestedMessage": message} | fields)
    assert answer["status"] == status


def _is_triggered(values: list[dict[str, Any]]) -> None:
    samples = [sample for value in values for sample in value["sampledValue"]]
    assert samples
    assert {sample["context"] for sample in samples} == {"Trigger"}


@official("TC_F_11_CS", "Meter values of one EVSE")
async def test_tc_f_11_cs_meter_values(csms: Csms, station: Hand) -> None:
    await trigger(csms, "MeterValues", **EVSE)
    values = await csms.expect("MeterValues", evseId=1)
    _is_triggered(values["meterValue"])
    await csms.none("MeterValues")


@official("TC_F_12_CS", "Meter values of every EVSE")
async def test_tc_f_12_cs_all_meter_values(csms: Csms, station: Hand) -> None:
    await trigger(csms, "MeterValues")
    for evse_id in (1, 2):
        values = await csms.expect("MeterValues", evseId=evse_id)
        _is_triggered(values["meterValue"])


@official("TC_F_13_CS", "The transaction of one EVSE, with meter values")
async def test_tc_f_13_cs_transaction(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await trigger(csms, "TransactionEvent", **EVSE)
    event = await session.event(triggerReason="Trigger", transactionInfo={"chargingState": "Charging"})
    assert event.get("evse", {"id": 1})["id"] == 1
    _is_triggered(event["meterValue"])


@official("TC_F_14_CS", "The transactions of all EVSEs, with meter values")
async def test_tc_f_14_cs_all_transactions(csms: Csms, station: Hand) -> None:
    sessions = [Session(csms, station), Session(csms, station, evse_id=2, token="04CC33")]
    for session in sessions:
        await session.charging()
    await trigger(csms, "TransactionEvent")
    for session in sessions:
        event = await session.event(triggerReason="Trigger", transactionInfo={"chargingState": "Charging"})
        _is_triggered(event["meterValue"])


@official("TC_F_15_CS", "The state of a log upload, when there is none")
async def test_tc_f_15_cs_no_upload(csms: Csms, station: Hand) -> None:
    await trigger(csms, "LogStatusNotification")
    await csms.expect("LogStatusNotification", status="Idle", requestId=None)


@official("TC_F_16_CS", "The state of a log upload that is under way")
async def test_tc_f_16_cs_upload(csms: Csms, station: Hand, files: FileServer) -> None:
    files.hold_uploads()
    request_id = fresh()
    log = {"remoteLocation": f"{files.url}/logs"}
    answer = await csms.call("GetLog", logType="DiagnosticsLog", requestId=request_id, log=log)
    assert answer["status"] == "Accepted"
    await csms.expect("LogStatusNotification", status="Uploading", requestId=request_id)
    await trigger(csms, "LogStatusNotification")
    await csms.expect("LogStatusNotification", status="Uploading", requestId=request_id)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(
            EVSE,
            marks=official("TC_F_17_CS", "The state of the firmware; an EVSE in the request does not matter"),
            id="TC_F_17_CS",
        ),
        pytest.param(
            {},
            marks=official("TC_F_18_CS", "The state of the firmware, when there is no update"),
            id="TC_F_18_CS",
        ),
    ],
)
async def test_no_firmware_update(csms: Csms, station: Hand, fields: dict[str, Any]) -> None:
    await trigger(csms, "FirmwareStatusNotification", **fields)
    await csms.expect("FirmwareStatusNotification", status="Idle", requestId=None)


@official("TC_F_19_CS", "The state of the firmware while it is downloaded")
async def test_tc_f_19_cs_downloading(csms: Csms, station: Hand, files: FileServer) -> None:
    files.hold_downloads()
    await csms.call(
        "InstallCertificate", certificateType="ManufacturerRootCertificate", certificate=files.manufacturer.pem
    )
    request_id = fresh()
    firmware = files.firmware(station.time(-7200))
    answer = await csms.call("UpdateFirmware", requestId=request_id, firmware=firmware)
    assert answer["status"] == "Accepted"
    await csms.expect("FirmwareStatusNotification", status="Downloading", requestId=request_id)
    await trigger(csms, "FirmwareStatusNotification")
    await csms.expect("FirmwareStatusNotification", status="Downloading", requestId=request_id)


@official("TC_F_20_CS", "A heartbeat")
async def test_tc_f_20_cs_heartbeat(csms: Csms, station: Hand) -> None:
    await trigger(csms, "Heartbeat")
    await csms.expect("Heartbeat")


@official("TC_F_23_CS", "The status of a free connector")
async def test_tc_f_23_cs_available(csms: Csms, station: Hand) -> None:
    await trigger(csms, "StatusNotification", **CONNECTOR)
    await connector(csms, "Available")
    await csms.none("StatusNotification")


@official("TC_F_24_CS", "The status of a connector in use")
async def test_tc_f_24_cs_occupied(csms: Csms, station: Hand) -> None:
    await Session(csms, station).plugged()
    await trigger(csms, "StatusNotification", **CONNECTOR)
    await connector(csms, "Occupied")
    await csms.none("StatusNotification")


@official("TC_F_26_CS", "A boot is not repeated for a station that was accepted")
async def test_tc_f_26_cs_no_boot(csms: Csms, station: Hand) -> None:
    await trigger(csms, "BootNotification", "Rejected")
    await csms.settle()
    assert not list(csms.untaken("BootNotification"))


@official("TC_F_27_CS", "A message that the station does not offer")
async def test_tc_f_27_cs_not_offered(csms: Csms, station: Hand) -> None:
    await trigger(csms, "SignCombinedCertificate", "NotImplemented")
