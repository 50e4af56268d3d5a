"""The frame itself: nothing that breaks a schema goes unseen, and every official case is accounted for."""

from pathlib import Path
from typing import Any

import pytest

from conformance.checked import CheckedPeer, violation
from conformance.station import Station
from support.payloads import BOOT_16
from voltherd.conformance.suite import VERSIONS, ids, pending
from voltherd.ocpp.version import OcppVersion

HERE = Path(__file__).parent
BOOTED = {"currentTime": "2026-01-01T00:00:00Z", "interval": 60, "status": "Accepted"}


@pytest.mark.parametrize(
    ("message", "payload", "named"),
    [
        ("BootNotificationResponse", BOOTED | {"interval": "60"}, "$.interval"),
        ("BootNotificationResponse", BOOTED | {"extra": 1}, "extra"),
        ("BootNotificationResponse", BOOTED | {"currentTime": "yesterday"}, "$.currentTime"),
        ("BootNotificationResponse", {}, "status"),
        ("NoSuchMessageRequest", {}, "no message"),
    ],
)
def test_a_violation_is_found_and_named(message: str, payload: dict[str, Any], named: str) -> None:
    found = violation(OcppVersion.V16, message, payload)
    assert found is not None
    assert named in found


def test_what_the_schema_allows_is_no_violation() -> None:
    limit = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 0.3}]}
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": limit,
    }
    assert violation(OcppVersion.V16, "BootNotificationResponse", BOOTED) is None
    assert (
        violation(OcppVersion.V16, "SetChargingProfileRequest", {"connectorId": 1, "csChargingProfiles": profile})
        is None
    ), "0.3 is a multiple of 0.1"


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        ('[2,"1","Reset",{"type":"Sideways"}]', "Sideways"),
        ('[2,"1","Reset",{"type":"Soft"},{}]', "no frame of OCPP 1.6"),
        ('[4,"1","FormatViolation","",{}]', "no error code"),
        ('[6,"1","NotifyPeriodicEventStream",{}]', "no frame of OCPP 1.6"),
        (f'[3,"{"x" * 37}",{{}}]', "message id"),
    ],
)
async def test_a_bad_frame_of_the_server_is_noted(v16: Station, frame: str, named: str) -> None:
    peer = v16.peer
    assert isinstance(peer, CheckedPeer)
    await peer._take(frame)
    [found] = peer.violations
    assert named in found
    peer.violations.clear()


async def test_a_bad_answer_of_the_server_and_a_bad_call_of_the_test_are_noted(v16: Station) -> None:
    peer = v16.peer
    peer.begin("Heartbeat", {}, "beat")
    await peer._take('[3,"beat",{}]')
    peer.begin("BootNotification", BOOT_16 | {"colour": "red"}, "boot")
    assert [found.partition(" $")[0] for found in peer.violations] == [
        "the server's HeartbeatResponse",
        "the test's BootNotificationRequest",
    ]
    peer.violations.clear()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_waiting_case_is_an_official_one_and_has_a_reason(version: str) -> None:
    folder = HERE / VERSIONS[version]
    official, waiting = ids(folder), pending(folder, version)
    assert len(set(official)) == len(official)
    for one in waiting:
        assert one.title, one.id
        assert one.reason, one.id
        assert not official or one.id in official, one.id
