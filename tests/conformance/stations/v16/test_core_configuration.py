"""OCPP 1.6, profile Core: reading and setting configuration keys."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import change, configuration, read, rebooted

official = partial(case, version="1.6", block="Core")
READ_ONLY = {"GetConfigurationMaxKeys", "NumberOfConnectors", "SupportedFeatureProfiles"}
MAY_BE_READ_ONLY = {"AuthorizeRemoteTxRequests"}
REQUIRED = {
    "Core": {
        *READ_ONLY,
        *MAY_BE_READ_ONLY,
        "ClockAlignedDataInterval",
        "ConnectionTimeOut",
        "ConnectorPhaseRotation",
        "HeartbeatInterval",
        "LocalAuthorizeOffline",
        "LocalPreAuthorize",
        "MeterValueSampleInterval",
        "MeterValuesAlignedData",
        "MeterValuesSampledData",
        "ResetRetries",
        "StopTransactionOnEVSideDisconnect",
        "StopTransactionOnInvalidId",
        "StopTxnAlignedData",
        "StopTxnSampledData",
        "TransactionMessageAttempts",
        "TransactionMessageRetryInterval",
        "UnlockConnectorOnEVSideDisconnect",
    },
    "LocalAuthListManagement": {"LocalAuthListEnabled", "LocalAuthListMaxLength", "SendLocalListMaxLength"},
    "SmartCharging": {
        "ChargeProfileMaxStackLevel",
        "ChargingScheduleAllowedChargingRateUnit",
        "ChargingScheduleMaxPeriods",
        "MaxChargingProfilesInstalled",
    },
}
LIMITS = REQUIRED["SmartCharging"] | {"LocalAuthListMaxLength", "SendLocalListMaxLength"}


async def _value(csms: Csms, key: str) -> str | None:
    return (await read(csms, key)).get("value")


@official("TC_019_CS", "All keys that its profiles require are told, one of them alone, and which it does not have")
async def test_tc_019_cs_read(csms: Csms, station: Hand) -> None:
    known = await configuration(csms)
    profiles = {part.strip() for part in known["SupportedFeatureProfiles"]["value"].split(",")}
    assert profiles >= {"Core", "LocalAuthListManagement", "Reservation", "SmartCharging"}
    required = set().union(*(keys for profile, keys in REQUIRED.items() if profile in profiles))
    assert not required - set(known), f"missing: {sorted(required - set(known))}"
    for key in required - MAY_BE_READ_ONLY:
        assert known[key]["readonly"] is (key in READ_ONLY | LIMITS), key
        assert "value" in known[key], key
    assert known["NumberOfConnectors"]["value"] == "2"
    assert "value" not in known.get("AuthorizationKey", {}), "the password is told"
    one = await csms.call("GetConfiguration", key=["HeartbeatInterval"])
    assert [entry["key"] for entry in one["configurationKey"]] == ["HeartbeatInterval"]
    both = await csms.call("GetConfiguration", key=["HeartbeatInterval", "NoSuchKey"])
    assert [entry["key"] for entry in both["configurationKey"]] == ["HeartbeatInterval"]
    assert both["unknownKey"] == ["NoSuchKey"]


@official("TC_021_CS", "A key is set, read again, and keeps its value over a restart")
async def test_tc_021_cs_set(csms: Csms, station: Hand) -> None:
    values = {"MeterValueSampleInterval": "17", "LocalPreAuthorize": "true", "StopTxnSampledData": ""}
    values["MeterValuesSampledData"] = "Energy.Active.Import.Register,Voltage"
    for key, value in values.items():
        assert await change(csms, key, value) == "Accepted", key
        assert await _value(csms, key) == value
    await station.power_cut()
    await rebooted(csms, station)
    for key, value in values.items():
        assert await _value(csms, key) == value, key


@official("TC_040_1_CS", "A key that it does not have cannot be set")
async def test_tc_040_1_cs_unknown_key(csms: Csms, station: Hand) -> None:
    assert await change(csms, "NoSuchKey", "1") == "NotSupported"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MeterValueSampleInterval", "-1"),
        ("MeterValueSampleInterval", "soon"),
        ("LocalPreAuthorize", "perhaps"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Loudness"),
        ("WebSocketPingInterval", "-1"),
        ("NumberOfConnectors", "3"),
    ],
)
@official("TC_040_2_CS", "A value that makes no sense is refused, and the old one stays")
async def test_tc_040_2_cs_invalid_value(csms: Csms, station: Hand, key: str, value: str) -> None:
    before = await _value(csms, key)
    assert before is not None
    assert await change(csms, key, value) == "Rejected"
    assert await _value(csms, key) == before
