"""OCPP 2.1, blocks L and N: what is added to a failure of an update, and logs that are new."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from conformance.stations.v2 import fresh

ours = partial(case, version="2.1")


@pytest.mark.parametrize(
    ("spoiled", "status"),
    [("file", "DownloadFailed"), ("signature", "InvalidSignature"), ("image", "InstallVerificationFailed")],
)
@ours("TC_L_01_1_V21", "An update that fails says why")
async def test_tc_l_01_1_v21_reason(csms: Csms, station: Hand, files: FileServer, spoiled: str, status: str) -> None:
    root = files.manufacturer.pem
    answer = await csms.call("InstallCertificate", certificateType="ManufacturerRootCertificate", certificate=root)
    assert answer["status"] == "Accepted"
    number = fresh()
    firmware: dict[str, Any] = files.firmware(station.time(-60), spoiled=spoiled)
    asked = {"requestId": number, "firmware": firmware, "retries": 0}
    assert (await csms.call("UpdateFirmware", asked))["status"] == "Accepted"
    failed = await station.meanwhile(
        csms.expect("FirmwareStatusNotification", status=status, requestId=number), step_s=2
    )
    why = failed["statusInfo"]
    assert why["reasonCode"]
    assert why["additionalInfo"]


@ours("TC_N_01_1_V21", "A log of a data collector is brought, or it is said that there is none")
async def test_tc_n_01_1_v21_data_collector(csms: Csms, station: Hand, files: FileServer) -> None:
    where = {"remoteLocation": f"{files.url}/logs/"}
    answer = await csms.call("GetLog", logType="DataCollectorLog", requestId=fresh(), log=where)
    if answer["status"] == "Rejected":
        assert answer["statusInfo"]["reasonCode"]
        await csms.none("LogStatusNotification")
    else:
        await csms.expect("LogStatusNotification", status="Uploaded")
        assert files.received
