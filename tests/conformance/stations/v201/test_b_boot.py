"""OCPP 2.0.1, block B: booting and the registration."""

from functools import partial

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand

official = partial(case, version="2.0.1")


@official("TC_B_01_CS", "A station that starts says so, is accepted and reports all its connectors")
async def test_tc_b_01_cs_cold_boot(csms: Csms, cold: Hand) -> None:
    cold.power_on()
    await csms.expect("BootNotification", reason="PowerUp", chargingStation={"model": ..., "vendorName": ...})
    await csms.expect("StatusNotification", evseId=1, connectorId=1, connectorStatus="Available")
    await csms.expect("StatusNotification", evseId=2, connectorId=1, connectorStatus="Available")
