"""OCPP 2.0.1, block L: firmware updates."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, all_connectors, configure, connector, fresh

official = partial(case, version="2.0.1")
DOWNLOAD = ("Downloading", "Downloaded", "SignatureVerified")


class Update:
    """One update: asked for, and followed by what the station says of it."""

    def __init__(self, csms: Csms, station: Hand) -> None:
        self.csms = csms
        self.station = station
        self.id = fresh()

    async def asked(self, firmware: dict[str, Any], status: str = "Accepted", **fields: Any) -> None:
        """Ask for it."""
        answer = await self.csms.call("UpdateFirmware", {"requestId": self.id, "firmware": firmware} | fields)
        assert answer["status"] == status

    async def tells(self, *states: str, step_s: float = 2) -> Came:
        """The station says these, one after the other."""
        last: Came | None = None
        for state in states:
            expected = self.csms.expect("FirmwareStatusNotification", after=last, status=state, requestId=self.id)
            last = await self.station.meanwhile(expected, step_s=step_s)
        assert last is not None
        return last

    async def says_nothing_of(self, *states: str) -> None:
        """None of these was said."""
        await self.csms.none("FirmwareStatusNotification", status=set(states))

    async def installed(self) -> None:
        """From the installation to the new firmware at work."""
        installing = await self.tells("Installing")
        boot = self.csms.expect("BootNotification", after=installing, reason="FirmwareUpdate")
        found = await self.station.meanwhile(boot, step_s=2)
        assert found["chargingStation"]["firmwareVersion"] == "2.0.0"
        await self.tells("Installed")
        await self.csms.expect("SecurityEventNotification", type="FirmwareUpdated")


@pytest.fixture
async def update(csms: Csms, station: Hand, files: FileServer) -> Update:
    """An update; the manufacturer is trusted."""
    answer = await csms.call(
        "InstallCertificate", certificateType="ManufacturerRootCertificate", certificate=files.manufacturer.pem
    )
    assert answer["status"] == "Accepted"
    return Update(csms, station)


@official("TC_L_01_CS", "Firmware is fetched, verified, installed, and at work after a restart")
async def test_tc_l_01_cs_installed(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    await update.asked(files.firmware(station.time(-7200)) | {"installDateTime": station.time(-7200)})
    await update.tells(*DOWNLOAD)
    await update.installed()
    await all_connectors(csms)


@official("TC_L_02_CS", "Firmware is fetched at once and installed at the time that was set")
async def test_tc_l_02_cs_install_scheduled(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    await update.asked(files.firmware(station.time(-7200)) | {"installDateTime": station.time(600)})
    scheduled = await update.tells(*DOWNLOAD, "InstallScheduled")
    installing = await update.tells("Installing", step_s=30)
    assert installing.at - scheduled.at >= 500
    await station.meanwhile(csms.expect("BootNotification", reason="FirmwareUpdate"), step_s=2)
    await update.tells("Installed")
    await csms.expect("SecurityEventNotification", type="FirmwareUpdated")


@official("TC_L_03_CS", "Firmware is fetched at the time that was set")
async def test_tc_l_03_cs_download_scheduled(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    await update.asked(files.firmware(station.time(600)) | {"installDateTime": station.time(-7200)})
    scheduled = await update.tells("DownloadScheduled")
    await update.says_nothing_of("Downloading")
    downloading = await update.tells("Downloading", step_s=30)
    assert downloading.at - scheduled.at >= 590
    await update.tells("Downloaded", "SignatureVerified")
    await update.installed()


@official("TC_L_05_CS", "A certificate that the manufacturer did not sign is refused, and noted")
async def test_tc_l_05_cs_invalid_certificate(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    await update.asked(files.firmware(station.time(-7200), spoiled="certificate"), "InvalidCertificate")
    await csms.expect("SecurityEventNotification", type="InvalidFirmwareSigningCertificate")
    await update.says_nothing_of("Downloading")


@official("TC_L_06_CS", "A signature over something else ends the update, and is noted")
async def test_tc_l_06_cs_invalid_signature(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    await update.asked(files.firmware(station.time(-7200), spoiled="signature"))
    await update.tells("Downloading", "Downloaded", "InvalidSignature")
    await csms.expect("SecurityEventNotification", type="InvalidFirmwareSignature")
    await update.says_nothing_of("Installing")


@official(
    "TC_L_07_CS", "A file that is not there is asked for as often and at the interval said, which ends the update"
)
@pytest.mark.parametrize("retries", [0, 2])
async def test_tc_l_07_cs_download_failed(
    csms: Csms, station: Hand, files: FileServer, update: Update, retries: int
) -> None:
    await update.asked(files.firmware(station.time(-7200), spoiled="file"), retries=retries, retryInterval=60)
    downloading = await update.tells("Downloading")
    failed = await update.tells("DownloadFailed")
    assert failed.at - downloading.at >= 60 * retries
    assert files.asked == 1 + retries
    await update.says_nothing_of("Downloaded", "Installing")


@official("TC_L_08_CS", "Firmware that is not what it should be is not installed")
async def test_tc_l_08_cs_not_installed(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    await update.asked(files.firmware(station.time(-7200), spoiled="image"))
    await update.tells(*DOWNLOAD, "Installing")
    failed = csms.expect(
        "FirmwareStatusNotification",
        status={"InstallVerificationFailed", "InstallationFailed"},
        requestId=update.id,
    )
    await station.meanwhile(failed, step_s=2)
    await station.pass_time(60)
    await csms.none("BootNotification")
    await Session(csms, station).charging()


@official("TC_L_10_CS", "A second update takes the place of one that is being fetched")
async def test_tc_l_10_cs_cancelled(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    files.hold_downloads()
    await update.asked(files.firmware(station.time(-7200)))
    await update.tells("Downloading")
    second = Update(csms, station)
    await second.asked(files.firmware(station.time(-7200), name="another.bin"), "AcceptedCanceled")
    files.let_go()
    await second.tells(*DOWNLOAD)
    await second.installed()


async def _waiting(csms: Csms, station: Hand, files: FileServer, update: Update, allowed: bool) -> Session:
    await configure(csms, ChargingStation__AllowNewSessionsPendingFirmwareUpdate=allowed)
    session = Session(csms, station)
    await session.charging()
    await update.asked(files.firmware(station.time(-7200)))
    await update.tells(*DOWNLOAD, "InstallScheduled")
    await station.pass_time(120)
    await update.says_nothing_of("Installing")
    return session


@official("TC_L_14_CS", "An installation waits for all sessions, and lets new ones begin where that is set")
async def test_tc_l_14_cs_waits_for_all_sessions(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    session = await _waiting(csms, station, files, update, True)
    second = Session(csms, station, evse_id=2, token="04CC33")
    await second.charging()
    await session.done()
    await station.pass_time(60)
    await update.says_nothing_of("Installing")
    await second.done()
    await update.installed()


@official("TC_L_15_CS", "An installation waits for the session, and lets no other begin where that is set")
async def test_tc_l_15_cs_lets_no_other_begin(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    session = await _waiting(csms, station, files, update, False)
    await connector(csms, "Unavailable", 2)
    await session.stopped()
    station.unplug()
    await update.installed()
    await all_connectors(csms)


@official("TC_L_18_CS", "Firmware without signature and certificate is refused")
async def test_tc_l_18_cs_unsigned(csms: Csms, station: Hand, files: FileServer, update: Update) -> None:
    firmware = files.firmware(station.time(-7200))
    del firmware["signature"], firmware["signingCertificate"]
    answer = await csms.call("UpdateFirmware", requestId=update.id, firmware=firmware)
    assert answer["status"] in ("Rejected", "InvalidCertificate")
    await station.pass_time(30)
    await update.says_nothing_of("Downloading")
