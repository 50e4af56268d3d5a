"""Sessions that go on after a restart (OCPP 2.1 E17)."""

import msgspec
import pytest

from gateway.v2.test_transactions import event, send
from support.desk import Desk
from voltherd.domain.charging_profile import SetChargingProfile
from voltherd.ocpp.payload import decode_request, decode_response
from voltherd.ocpp.version import OcppVersion

PROFILE = {
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": [
        {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]}
    ],
}


async def install(desk: Desk, number: int, transaction_id: str, evse: int) -> None:
    payload = {"evseId": evse, "chargingProfile": PROFILE | {"id": number, "transactionId": transaction_id}}
    request = decode_request(desk.version, "SetChargingProfile", msgspec.json.encode(payload))
    response = decode_response(desk.version, "SetChargingProfile", b'{"status":"Accepted"}')
    await desk.learn(request, response)


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_e17_fr_15_profiles_of_a_session_that_is_resumed_are_sent_again_and_no_others(v2: Desk) -> None:
    for number, name in ((1, "tx-1"), (2, "tx-2")):
        await send(v2, event("Started", 0, transaction_id=name, evse={"id": number}))
        await install(v2, number, name, number)
    await send(v2, event("Updated", 1))
    assert not v2.work.follow_ups
    await send(v2, event("Updated", 2, triggerReason="TxResumed"))
    (wanted,) = v2.work.follow_ups or []
    assert isinstance(wanted.command, SetChargingProfile)
    assert (wanted.command.profile.id, wanted.command.evse_id) == (1, 1)
    assert "E17" in wanted.because
