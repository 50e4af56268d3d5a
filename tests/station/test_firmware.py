"""Firmware updates over a core with frames, and once over a real server."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from support.file_server import http_files
from support.station_line import V16, V21, V201, Line
from support.station_pki import Maker
from voltherd.station import EvseConfig, firmware_image, keys
from voltherd.station.jobs import Downloaded, TransferFailed
from voltherd.station.transfer import perform

URL = "http://h/fw-2.0.bin"
IMAGE = firmware_image.build("2.0.0", b"program")


class Updating(Line):
    """A station whose manufacturer's root is installed; `signer` signs firmware for it."""

    def __init__(self, version, **more):
        super().__init__(version, password="a-long-password-1", **more)
        self.maker = Maker("Manufacturer", start=self.wall - timedelta(days=1))
        self.certificate, self.key = self.maker.issue("Firmware signing", start=self.wall - timedelta(days=1))
        self.connect(0.0)
        self.core.certificates.install("ManufacturerRootCertificate", self.maker.pem)

    @property
    def wall(self):
        return self.core.clock.wall(self.now)

    @property
    def status_action(self):
        return "SignedFirmwareStatusNotification" if self.version is V16 else "FirmwareStatusNotification"

    def at(self, seconds):
        return self.core.clock.text(self.now + seconds)

    def update(self, image=IMAGE, *, signed=True, in_s=-1.0, install_in_s=None, request_id=5, signature=None, **more):
        firmware = {"location": URL, "retrieveDateTime": self.at(in_s)}
        if install_in_s is not None:
            firmware["installDateTime"] = self.at(install_in_s)
        if signed:
            firmware["signingCertificate"] = self.certificate
            firmware["signature"] = signature or firmware_image.sign(image, self.key)
        action = "SignedUpdateFirmware" if self.version is V16 else "UpdateFirmware"
        return self.ask(action, {"requestId": request_id, "firmware": firmware, **more})["status"]

    def fetched(self, outcome):
        self.core.done(self.jobs.pop(0), outcome, self.now)
        self.pump()

    def restart(self):
        """What the owner of a core does when it must leave."""
        assert self.core.must_leave
        self.lose()
        self.core.tell_restarting()
        self.connect()

    def install(self):
        self.wait(10.0)
        self.restart()

    @property
    def states(self):
        return [p["status"] for p in self.of(self.status_action)]

    @property
    def events(self):
        return [p["type"] for p in self.of("SecurityEventNotification")]

    def status_of(self, number=1):
        if self.version is V16:
            return [p["status"] for p in self.of("StatusNotification") if p["connectorId"] == number][-1]
        return [p["connectorStatus"] for p in self.of("StatusNotification") if p["evseId"] == number][-1]


@pytest.fixture(params=[V16, V201, V21])
def line(request):
    return Updating(request.param)


@pytest.fixture(params=[V16, V201, V21])
def pair(request):
    """Two EVSEs; the first one charges."""
    line = Updating(request.param, evses=(EvseConfig(), EvseConfig()))
    line.plug()
    line.present()
    return line


WHOLE_WAY = [
    "Downloading",
    "Downloaded",
    "SignatureVerified",
    "Installing",
    "InstallRebooting",
    "Installed",
]


def test_l01_fr_01_and_10_all_states_are_told_in_order_with_the_request_id(line):
    assert line.update() == "Accepted"
    line.fetched(Downloaded(IMAGE))
    line.install()
    assert line.states == WHOLE_WAY
    assert {p["requestId"] for p in line.of(line.status_action)} == {5}


def test_l01_fr_28_31_32_the_new_version_boots_and_says_that_it_is_installed(line):
    line.update()
    line.fetched(Downloaded(IMAGE))
    line.install()
    boot = line.of("BootNotification")[-1]
    if line.version is V16:
        assert boot["firmwareVersion"] == "2.0.0"
    else:
        assert boot["chargingStation"]["firmwareVersion"] == "2.0.0"
        assert boot["reason"] == "FirmwareUpdate"
    assert line.events[-2:] == ["FirmwareUpdated", "ResetOrReboot"]
    names = [name for name, _ in line.heard]
    assert names.index("BootNotification", 3) < len(names) - 1 - names[::-1].index(line.status_action)


def test_a_station_that_restarts_without_a_connection_serves_again_and_reports_later(line):
    line.update()
    line.fetched(Downloaded(IMAGE))
    line.lose()
    line.wait(30.0)
    assert line.core.must_leave
    line.core.tell_restarting()
    assert not line.core.evses[1].held
    line.connect()
    assert line.states[-1] == "Installed"


def test_an_update_to_the_version_there_is_is_reported_after_the_restart_only(line):
    image = firmware_image.build("1.0.0", b"same")
    line.update(image)
    line.fetched(Downloaded(image))
    line.lose()
    line.wait(5.5)
    line.connect()
    assert line.states[-1] == "InstallRebooting"
    line.install()
    assert line.states[-1] == "Installed"


def test_l01_fr_21_22_and_02_a_certificate_that_leads_nowhere_is_refused_and_is_an_event(line):
    line.certificate = Maker("Stranger").issue("Firmware signing")[0]
    assert line.update() == "InvalidCertificate"
    line.certificate = "nonsense"
    assert line.update() == "InvalidCertificate"
    assert line.events.count("InvalidFirmwareSigningCertificate") == 2
    assert line.jobs == []


def test_l01_fr_03_and_04_a_wrong_signature_ends_the_update_and_is_an_event(line):
    line.update(signature=firmware_image.sign(IMAGE, keys.generate()))
    line.fetched(Downloaded(IMAGE))
    line.wait(100.0)
    assert line.states == ["Downloading", "Downloaded", "InvalidSignature"]
    assert "InvalidFirmwareSignature" in line.events
    assert not line.core.must_leave


def test_l01_fr_29_a_damaged_image_is_found_out(line):
    damaged = IMAGE + b"!"
    line.update(damaged)
    line.fetched(Downloaded(damaged))
    line.wait(100.0)
    assert line.states[-2:] == ["Installing", "InstallVerificationFailed"]
    assert line.status_of() == "Available"


def test_l01_fr_30_the_download_is_tried_again_and_then_given_up(line):
    line.update(retries=1, retryInterval=10)
    line.fetched(TransferFailed("Failed", "no route"))
    line.wait(9.0)
    assert line.jobs == []
    line.wait(2.0)
    line.fetched(TransferFailed("Failed", "no route"))
    line.wait(1000.0)
    assert line.states == ["Downloading", "Downloading", "DownloadFailed"]
    assert line.jobs == []


def test_l01_fr_13_a_later_time_of_retrieval_is_kept(line):
    line.update(in_s=100.0)
    assert line.states == ["DownloadScheduled"]
    line.wait(99.0)
    assert line.jobs == []
    line.wait(2.0)
    assert line.states == ["DownloadScheduled", "Downloading"]


def test_l01_fr_14_a_paused_download_is_told_and_resumed(line):
    line.update()
    assert line.core.firmware.pause()
    line.core.firmware.resume()
    line.pump()
    assert line.states == ["Downloading", "DownloadPaused", "Downloading"]
    assert line.jobs[0].cancelled
    assert not line.jobs[1].cancelled


def test_l01_fr_16_a_later_time_of_installation_is_kept(line):
    line.update(install_in_s=500.0)
    line.fetched(Downloaded(IMAGE))
    line.wait(400.0)
    assert line.states[-1] == "InstallScheduled"
    line.wait(110.0)
    assert line.states[-2:] == ["Installing", "InstallRebooting"]


def test_l01_fr_06_and_07_running_transactions_are_waited_for_and_nobody_else_begins(pair):
    pair.update()
    pair.fetched(Downloaded(IMAGE))
    pair.wait(100.0)
    assert pair.states[-1] == "InstallScheduled"
    assert pair.status_of(2) == "Unavailable"
    pair.present()
    pair.unplug()
    pair.install()
    assert pair.states == [*WHOLE_WAY[:3], "InstallScheduled", *WHOLE_WAY[3:]]
    assert pair.status_of(1) == pair.status_of(2) == "Available"


def test_l01_fr_07_new_sessions_may_begin_before_an_update_where_that_is_allowed(pair):
    setting = pair.core.settings.setting("sessions_before_update")
    pair.core.settings.set(setting, "true")
    pair.update()
    pair.fetched(Downloaded(IMAGE))
    pair.pump()
    assert pair.status_of(2) == "Available"
    pair.core.settings.set(setting, "false")
    pair.pump()
    assert pair.status_of(2) == "Unavailable"


def test_l01_fr_24_a_new_request_cancels_the_update_under_way(line):
    line.update(request_id=1)
    assert line.update(request_id=2) == "AcceptedCanceled"
    assert line.jobs[0].cancelled
    line.fetched(Downloaded(IMAGE))
    assert line.states[-1] == "Downloading"
    line.fetched(Downloaded(IMAGE))
    assert line.of(line.status_action)[-1] == {"status": "Installing", "requestId": 2}


def test_l01_fr_24_an_installation_that_is_scheduled_can_be_cancelled(line):
    line.update(install_in_s=500.0, request_id=1)
    line.fetched(Downloaded(IMAGE))
    assert line.update(in_s=900.0, request_id=2) == "AcceptedCanceled"
    line.wait(600.0)
    assert line.states[-1] == "DownloadScheduled"


def test_l01_fr_27_it_is_too_late_when_the_station_restarts(line):
    line.update()
    line.fetched(Downloaded(IMAGE))
    line.wait(10.0)
    assert line.states[-1] == "InstallRebooting"
    assert line.update(request_id=6) == "Rejected"


def test_a_request_with_an_impossible_time_is_refused(line):
    firmware = {"location": URL, "retrieveDateTime": "2026-13-77T00:00:00Z"}
    action = "SignedUpdateFirmware" if line.version is V16 else "UpdateFirmware"
    signed = {"signingCertificate": line.certificate, "signature": "AAAA"}
    answer = line.ask(action, {"requestId": 1, "firmware": {**firmware, **signed}})
    assert answer.code == "PropertyConstraintViolation"
    assert line.jobs == []


def trigger(line):
    action = "ExtendedTriggerMessage" if line.version is V16 else "TriggerMessage"
    assert line.ask(action, {"requestedMessage": "FirmwareStatusNotification"})["status"] == "Accepted"
    return line.of(line.status_action)[-1]


def test_l01_fr_25_and_26_the_last_state_can_be_triggered(line):
    assert trigger(line) == {"status": "Idle"}
    line.update(retries=0)
    assert trigger(line) == {"status": "Downloading", "requestId": 5}
    line.fetched(TransferFailed("Failed"))
    told = trigger(line)
    assert (told["status"], told["requestId"]) == ("DownloadFailed", 5)
    line.update()
    line.fetched(Downloaded(IMAGE))
    line.install()
    assert trigger(line) == {"status": "Idle"}


def test_the_states_are_told_later_when_the_line_is_down(line):
    line.update()
    line.lose()
    line.fetched(Downloaded(IMAGE))
    line.connect()
    assert line.states == ["Downloading", "Downloaded", "SignatureVerified", "Installing"]


# Power cuts ------------------------------------------------------------------------------------------------


def again(line):
    """The station after a power cut: memory is gone, storage and hardware are not."""
    new = Updating.__new__(Updating)
    Line.__init__(new, line.version, storage=line.core.storage, hardware=line.hardware, password="a-long-password-1")
    new.core.clock = line.core.clock
    new.now = line.now
    new.connect(line.now)
    return new


def test_a_download_that_was_cut_off_begins_anew(line):
    line.update()
    new = again(line)
    assert len(new.jobs) == 1
    new.fetched(Downloaded(IMAGE))
    assert new.states == ["Downloading", "Downloaded", "SignatureVerified", "Installing"]


def test_an_update_that_is_scheduled_stays_so(line):
    line.update(in_s=100.0)
    new = again(line)
    assert new.jobs == []
    new.wait(101.0)
    assert new.states == ["Downloading"]
    assert len(new.jobs) == 1


def test_a_version_that_was_written_comes_up_after_a_power_cut_and_stays(line):
    line.update()
    line.fetched(Downloaded(IMAGE))
    line.wait(10.0)
    new = again(line)
    assert new.states[-1] == "Installed"
    assert "FirmwareUpdated" in new.events
    third = again(new)
    assert third.core.provisioning.firmware_version == "2.0.0"
    assert third.states == []


@pytest.mark.parametrize("version", [V16, V201, V21])
@pytest.mark.parametrize("seed", range(25))
def test_power_cuts_at_any_moment_neither_lose_nor_double_an_update(version, seed):
    chance = Random(seed)
    line = Updating(version)
    line.update(in_s=5.0, install_in_s=15.0)
    reported = []
    for _ in range(60):
        if line.jobs and not line.jobs[0].cancelled and chance.random() < 0.7:
            line.fetched(Downloaded(IMAGE))
        line.jobs = [job for job in line.jobs if not job.cancelled]
        line.wait(chance.uniform(0.0, 4.0))
        if line.core.must_leave:
            line.restart()
        if chance.random() < 0.25:
            reported += line.states
            line = again(line)
    reported += line.states
    assert reported.count("Installed") == 1
    assert line.core.provisioning.firmware_version == "2.0.0"
    assert line.core.firmware.state == "Installed"
    assert not line.core.evses[1].held


# Without a signature ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V16, V201, V21])
def test_l02_an_update_without_signature_is_installed_where_that_is_allowed(version):
    line = Updating(version, settings={"unsigned_firmware": "taken"})
    if line.version is V16:
        line.ask("UpdateFirmware", {"location": URL, "retrieveDate": line.at(-1)})
        action, states = "FirmwareStatusNotification", ["Downloading", "Downloaded", "Installing", "Installed"]
    else:
        assert line.update(signed=False) == "Accepted"
        action = line.status_action
        states = ["Downloading", "Downloaded", "Installing", "InstallRebooting", "Installed"]
    line.fetched(Downloaded(IMAGE))
    line.install()
    assert [p["status"] for p in line.of(action)] == states


@pytest.mark.parametrize("version", [V201, V21])
def test_tc_l_18_an_update_without_signature_is_refused_otherwise(version):
    line = Updating(version)
    assert line.update(signed=False) == "Rejected"
    assert line.jobs == []


def test_a_signature_needs_its_certificate():
    line = Updating(V201)
    firmware = {"location": URL, "retrieveDateTime": line.at(0), "signature": "AAAA"}
    assert line.ask("UpdateFirmware", {"requestId": 1, "firmware": firmware})["status"] == "Rejected"


def test_of_1_6_l01_fr_20_unsigned_firmware_is_refused_where_it_must_be_signed():
    line = Updating(V16, settings={"unsigned_firmware": "refused"})
    refusal = line.ask("UpdateFirmware", {"location": URL, "retrieveDate": line.at(0)})
    assert refusal.code == "NotSupported"
    assert line.update() == "Accepted"


def test_of_1_6_the_plain_status_can_be_triggered():
    line = Updating(V16)
    line.ask("UpdateFirmware", {"location": URL, "retrieveDate": line.at(-1)})
    line.ask("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})
    assert [p["status"] for p in line.of("FirmwareStatusNotification")] == ["Downloading", "Downloading"]
    assert trigger(line) == {"status": "Idle"}


@pytest.mark.parametrize("version", [V201, V21])
def test_l03_and_l04_publishing_is_for_local_controllers(version):
    line = Updating(version)
    asked = {"location": "http://h/x", "checksum": "0" * 32, "requestId": 1}
    assert line.ask("PublishFirmware", asked)["status"] == "Rejected"
    assert line.ask("UnpublishFirmware", {"checksum": "0" * 32})["status"] == "NoFirmware"
    trigger = line.ask("TriggerMessage", {"requestedMessage": "PublishFirmwareStatusNotification"})
    assert trigger["status"] == "NotImplemented"


# A real server ---------------------------------------------------------------------------------------------


async def test_an_image_comes_from_a_real_server(line):
    with http_files() as files:
        files.content["/fw.bin"] = IMAGE
        firmware = {
            "location": files.url + "/fw.bin",
            "retrieveDateTime": line.at(-1),
            "signingCertificate": line.certificate,
            "signature": firmware_image.sign(IMAGE, line.key),
        }
        action = "SignedUpdateFirmware" if line.version is V16 else "UpdateFirmware"
        line.ask(action, {"requestId": 5, "firmware": firmware})
        line.fetched(await asyncio.to_thread(perform, line.jobs[0]))
    line.install()
    assert line.states == WHOLE_WAY
