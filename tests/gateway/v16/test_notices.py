import pytest

from support.desk import Desk, at
from voltherd.gateway import v16 as package
from voltherd.ocpp.version import OcppVersion, messages

BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}


async def test_a_boot_is_answered_with_time_and_interval(v16: Desk) -> None:
    boot = {**BOOT, "chargePointSerialNumber": "S1", "chargeBoxSerialNumber": "B1", "firmwareVersion": "1.2"}
    answer = await v16.receive("BootNotification", boot)
    assert answer == {"status": "Accepted", "currentTime": at(0), "interval": 300}
    station = await v16.store.records.station(1, "CS-1")
    assert station is not None
    assert (station.vendor, station.model, station.serial_number, station.firmware_version) == (
        "Acme", "One", "S1", "1.2",
    )  # fmt: skip


@pytest.mark.parametrize("missing", [{}, {"chargePointSerialNumber": ""}])
async def test_the_serial_number_of_the_box_stands_in_for_that_of_the_station(
    v16: Desk, missing: dict[str, str]
) -> None:
    await v16.receive("BootNotification", {**BOOT, **missing, "chargeBoxSerialNumber": "B1"})
    assert v16.state.station.serial_number == "B1"


@pytest.mark.parametrize(("registration", "status"), [("pending", "Pending"), ("rejected", "Rejected")])
async def test_a_station_that_is_not_accepted_is_told_when_to_boot_again(
    v16: Desk, registration: str, status: str
) -> None:
    v16.state.station.registration = registration  # type: ignore[assignment]
    answer = await v16.receive("BootNotification", BOOT)
    assert (answer["status"], answer["interval"]) == (status, 68)


async def test_a_heartbeat_records_nothing(v16: Desk) -> None:
    assert await v16.receive("Heartbeat", {}) == {"currentTime": at(0)}
    assert v16.work.records == []


async def test_a_status_names_evse_and_connector_by_the_connectors_number(v16: Desk) -> None:
    status = {"connectorId": 2, "errorCode": "GroundFailure", "status": "Faulted", "timestamp": at(-5)}
    extra = {"info": "leak", "vendorId": "Acme", "vendorErrorCode": "E7"}
    assert await v16.receive("StatusNotification", {**status, **extra}) == {}
    found = (await v16.connectors())[2, 1]
    assert (found.status, found.error_code, found.info, found.vendor_error_code) == (
        "Faulted", "GroundFailure", "leak", "E7",
    )  # fmt: skip
    assert found.changed_at_ms == v16.now_ms - 5000


async def test_trap_27_an_unknown_error_code_is_kept_as_text(v16: Desk) -> None:
    await v16.receive("StatusNotification", {"connectorId": 1, "errorCode": "EVSEHot", "status": "Faulted"})
    assert (await v16.connectors())[1, 1].error_code == "EVSEHot"


async def test_trap_28_the_status_of_connector_0_is_the_stations(v16: Desk) -> None:
    await v16.receive("StatusNotification", {"connectorId": 0, "errorCode": "NoError", "status": "Unavailable"})
    assert list(await v16.connectors()) == [(0, 0)]


async def test_a_status_that_comes_again_adds_no_interval(v16: Desk) -> None:
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    await v16.receive("StatusNotification", status)
    assert len(v16.intervals()) == 1
    await v16.receive("StatusNotification", status)
    assert v16.intervals() == []


@pytest.mark.parametrize(
    ("status", "told"),
    [("accepted", "Accepted"), ("blocked", "Blocked"), ("expired", "Expired"), ("invalid", "Invalid")],
)
async def test_verdicts_are_told_in_the_words_of_1_6(v16: Desk, status: str, told: str) -> None:
    await v16.token("CARD", status=status)
    assert await v16.receive("Authorize", {"idTag": "CARD"}) == {"idTagInfo": {"status": told}}


async def test_an_unknown_token_is_invalid_as_1_6_has_no_word_for_it(v16: Desk) -> None:
    assert await v16.receive("Authorize", {"idTag": "NOBODY"}) == {"idTagInfo": {"status": "Invalid"}}


async def test_a_token_that_will_expire_says_when_and_names_its_group(v16: Desk) -> None:
    await v16.token("CARD", expires_at_ms=v16.now_ms + 1000, group_id="FLEET")
    assert await v16.receive("Authorize", {"idTag": "CARD"}) == {
        "idTagInfo": {"status": "Accepted", "expiryDate": at(1), "parentIdTag": "FLEET"}
    }


def test_no_notification_is_only_kept() -> None:
    assert frozenset() == package.KEPT_NOTIFICATIONS


def test_every_message_of_a_station_has_a_handler() -> None:
    sent = {action for action, spec in messages(OcppVersion.V16).items() if spec.sender != "csms"}
    assert sent <= package.routes.handlers.keys()
