"""Firmware updates, signed and not (OCPP 2.0.1 L01, L02; OCPP 1.6, 5.19, and L01 of its security extension).

An update goes through its states in order, each told to the CSMS. What is wanted and how far it got survives a power
cut; a file that was being fetched is fetched again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec

from voltherd.ocpp.version import OcppVersion
from voltherd.station import chain, firmware_image
from voltherd.station.chain import BadCertificate
from voltherd.station.firmware_state import OVER, FirmwareState, FirmwareStatus, Outcome, Progress, UpdateRequest
from voltherd.station.function import Function
from voltherd.station.jobs import Download, Downloaded, TransferFailed
from voltherd.station.remote_control import RemoteControl
from voltherd.station.setting import Setting, switch, text
from voltherd.station.timers import Timer
from voltherd.station.triggers import Asked, TriggerOutcome

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.evse import Evse
    from voltherd.station.transaction import Transaction

ROOM: Final = "firmware"
INSTALL_S: Final = 5.0
"""How long writing an image takes, in seconds of the station's clock."""
DEFAULT_RETRIES: Final = 2
DEFAULT_RETRY_S: Final = 60.0
"""Where the request leaves it to the station."""


class Firmware(Function):
    """Fetches, verifies and installs.

    Attributes:
        state: what was last told, and is the case.
    """

    __slots__ = (
        "_attempts_left",
        "_content",
        "_is_active",
        "_job",
        "_paused",
        "_request",
        "_timer",
        "_version",
        "_waits",
        "state",
    )

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("sessions_before_update", False, None, "ChargingStation.AllowNewSessionsPendingFirmwareUpdate"),
        text("unsigned_firmware", "by version", kind="OptionList", values=("by version", "taken", "refused")),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.state: FirmwareState = "Idle"
        self._request: UpdateRequest | None = None
        self._attempts_left = 0
        self._timer: Timer | None = None
        self._job: Download | None = None
        self._content: bytes | None = None
        self._version = ""
        self._is_active = False
        self._waits = False
        self._paused = False

    def objects_to_reset(self) -> str | None:
        """A restart in the middle of writing would leave nothing that starts (B11.FR.06)."""
        return "Firmware is being installed" if self.state == "Installing" else None

    def restore(self) -> None:
        """Go on where the power was cut."""
        documents = self.core.storage.all(ROOM)
        if "version" in documents:
            self.core.provisioning.firmware_version = documents["version"].decode()
        if "update" not in documents:
            return
        progress = msgspec.msgpack.decode(documents["update"], type=Progress)
        self._request, self.state, self._version = progress.request, progress.state, progress.version
        if self._version:
            self._activate()
        elif self.state not in OVER:
            self._schedule()

    @property
    def takes_unsigned(self) -> bool:
        """Whether firmware needs no signature (L02); only 1.6 has it so by default."""
        choice = self.core.settings.text("unsigned_firmware")
        return choice == "taken" or (choice == "by version" and self.core.version is OcppVersion.V16)

    # The request -----------------------------------------------------------------------------

    def update(self, request: UpdateRequest) -> Outcome:
        """Take an update on; one under way is given up for it (L01.FR.24, L02.FR.15)."""
        if not self._is_certificate_good(request):
            return "InvalidCertificate"
        if (
            request.is_signed != (request.certificate_pem is not None)
            or self.core.clock.at(request.retrieve_at, self.core.now) is None
        ):
            return "Rejected"
        if self.state == "InstallRebooting":  # L01.FR.27
            return "Rejected"
        was_busy = self.is_busy
        self._drop()
        self._request = request
        self.core.afterwards(lambda: self._schedule_if(request))
        return "AcceptedCanceled" if was_busy else "Accepted"

    def _is_certificate_good(self, request: UpdateRequest) -> bool:
        """Whether the manufacturer's certificate leads to an installed root (L01.FR.21, L01.FR.22)."""
        if request.certificate_pem is None:
            return True
        certificates = self.core.certificates
        try:
            found = chain.read(request.certificate_pem)
            chain.verify(found, certificates.store.roots("ManufacturerRootCertificate"), certificates.now)
        except BadCertificate as error:
            self.core.security.note("InvalidFirmwareSigningCertificate", str(error))
            return False
        return True

    @property
    def is_busy(self) -> bool:
        """Whether an update is under way."""
        return self._request is not None and self.state not in OVER

    def tell_status(self, *, is_signed: bool = False) -> None:
        """Say how it goes, as the CSMS asked (L01.FR.25, L01.FR.26, F06.FR.16).

        Args:
            is_signed: with which of the two messages of 1.6; of an update of the other kind nothing is said but Idle.
        """
        request, state = self._request, self.state
        is_v16 = self.core.version is OcppVersion.V16
        is_other = request is not None and is_v16 and request.is_signed != is_signed
        if request is None or is_other or state in ("Idle", "Installed"):
            self.core.trigger(FirmwareStatus("Idle", None, is_signed))
        else:
            self.core.trigger(FirmwareStatus(state, request.request_id, request.is_signed))

    # Fetching --------------------------------------------------------------------------------

    def _schedule_if(self, request: UpdateRequest) -> None:
        if self._request is request:
            self.state = "Idle"
            self._schedule()

    def _schedule(self) -> None:
        """Fetch at the time that was asked for (L01.FR.13)."""
        request = self._need()
        self._attempts_left = 1 + (DEFAULT_RETRIES if request.retries is None else max(request.retries, 0))
        if not self._later(request.retrieve_at, self._fetch, "DownloadScheduled"):
            self._fetch()

    def _later(self, at: str | None, act: Callable[[], None], state: FirmwareState) -> bool:
        """Wait until a time that is to come; False if there is none."""
        when = None if at is None else self.core.clock.at(at, self.core.now)
        if when is None or when <= self.core.now:
            return False
        if self.state != state:
            self._enter(state)
        self._at(when, act)
        return True

    def _fetch(self) -> None:
        request = self._need()
        self._attempts_left -= 1
        self._enter("Downloading")
        roots = self.core.certificates.csms_roots_pem()
        self._job = Download(url=request.url, roots_pem=roots, on_done=self._fetched)
        self.core.ask(self._job)

    def pause(self) -> bool:
        """Stop fetching for something that matters more (L01.FR.14); False if nothing is being fetched."""
        if self.state != "Downloading" or self._job is None:
            return False
        self._job.cancel()
        self._job = None
        self._paused = True
        self._enter("DownloadPaused")
        return True

    def resume(self) -> None:
        """Go on fetching."""
        if self._paused and self.state == "DownloadPaused":
            self._paused = False
            self._attempts_left += 1
            self._fetch()

    def _fetched(self, outcome: object) -> None:
        self._job = None
        if isinstance(outcome, Downloaded):
            self._content = outcome.content
            self._enter("Downloaded")
            self._verify()
            return
        assert isinstance(outcome, TransferFailed)
        self.core.logs.note(f"firmware could not be fetched: {outcome.text}")
        request = self._need()
        if self._attempts_left <= 0:
            self._fail("DownloadFailed", outcome.text)
            return
        wait_s = DEFAULT_RETRY_S if request.retry_interval_s is None else request.retry_interval_s
        self._at(self.core.now + wait_s, self._fetch)

    def _verify(self) -> None:
        """Check the signature over the whole file (L01.FR.04)."""
        request = self._need()
        if request.signature is not None and request.certificate_pem is not None:
            signer = chain.read(request.certificate_pem)[0]
            if not firmware_image.is_signed(self._content or b"", request.signature, signer):
                self.core.security.note("InvalidFirmwareSignature", request.url.rpartition("@")[2])  # L01.FR.03
                self._fail("InvalidSignature", "The signature is not that of the manufacturer over this file")
                return
            self._enter("SignatureVerified")
        if not self._later(request.install_at, self._install_when_idle, "InstallScheduled"):
            self._install_when_idle()

    # Installing ------------------------------------------------------------------------------

    def _install_when_idle(self) -> None:
        """Wait for the last transaction; meanwhile nobody begins, unless that is allowed (L01.FR.06, L01.FR.07)."""
        if not self.core.charging.is_busy:
            self._install()
            return
        self._waits = True
        if self.state != "InstallScheduled":
            self._enter("InstallScheduled")  # L01.FR.34
        if not self.core.settings.switch("sessions_before_update"):
            self._hold(True)

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Perhaps it was the last one."""
        if self._waits and not self.core.charging.is_busy:
            self._waits = False
            self._at(self.core.now, self._install)

    def setting_changed(self, name: str) -> None:
        """Whether anybody may begin to charge before the update may change while it waits."""
        if name == "sessions_before_update" and self._waits:
            self._hold(not self.core.settings.switch(name))

    def _hold(self, held: bool) -> None:
        for evse in self.core.evses.values():
            if evse.held != held:
                evse.held = held
                self.core.evse_changed(evse)

    def _install(self) -> None:
        self._hold(True)
        self._enter("Installing")
        self._at(self.core.now + INSTALL_S, self._installed)

    def _installed(self) -> None:
        """The image is written: check it, and restart with it (L01.FR.29, L01.FR.32)."""
        content, self._content = self._content, None
        name = self._need().url.rpartition("/")[2].partition("?")[0]
        try:
            image = firmware_image.read(content or b"", model=self.core.config.model, name=name)
        except firmware_image.BadImage as error:
            self._fail("InstallVerificationFailed", str(error))
            return
        self._version = image.version
        self._enter("InstallRebooting")
        self.core.reset.of_itself("FirmwareUpdate")

    def restarting(self) -> None:
        """A restart brings the new version, or interrupts what is under way."""
        if self._version:
            self._activate()
        elif self.is_busy:
            self._drop_work()
            self._schedule()

    def _activate(self) -> None:
        """The new version runs; what waited for it may go on."""
        self._is_active = True
        self._hold(False)
        self.core.provisioning.firmware_version = self._version
        self.core.storage.keep(ROOM, "version", self._version.encode())

    def accepted(self) -> None:
        """The new version is at work, and says so (L01.FR.28, L01.FR.31, L01.FR.32)."""
        if not self._is_active:
            return
        version, self._version, self._is_active = self._version, "", False
        self._enter("Installed")
        self.core.security.note("FirmwareUpdated", f"to {version}")

    # Inside ----------------------------------------------------------------------------------

    def _need(self) -> UpdateRequest:
        assert self._request is not None
        return self._request

    def _enter(self, state: FirmwareState, reason: str = "") -> None:
        """Be in a state, remember it, and tell it (L01.FR.01)."""
        request = self._need()
        self.state = state
        self.core.storage.keep(ROOM, "update", msgspec.msgpack.encode(Progress(request, state, self._version)))
        self.core.queue(FirmwareStatus(state, request.request_id, request.is_signed, reason))

    def _fail(self, state: FirmwareState, reason: str) -> None:
        self._drop_work()
        self._hold(False)
        self._enter(state, reason)

    def _drop(self) -> None:
        """Give up what is under way."""
        self._drop_work()
        self._hold(False)
        self.core.storage.drop(ROOM, "update")
        self._version = ""

    def _drop_work(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._content, self._waits, self._paused = None, False, False

    def _at(self, when: float, act: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.core.timers.at(when, act)

    def clock_changed(self) -> None:
        """Dates are nearer, or farther."""
        if self.state == "DownloadScheduled" and not self._later(self._need().retrieve_at, self._fetch, self.state):
            self._at(self.core.now, self._fetch)
        elif self.state == "InstallScheduled" and not self._waits:
            act = self._install_when_idle
            if not self._later(self._need().install_at, act, self.state):
                self._at(self.core.now, act)


def _tell(core: StationCore, asked: Asked) -> TriggerOutcome:
    core.firmware.tell_status()
    return "Accepted"


RemoteControl.triggers["FirmwareStatusNotification"] = _tell
