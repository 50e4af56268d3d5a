"""Certificates of the station: asking for them, installing, listing, deleting (OCPP 2.0.1 A02, A03, M03 to M06).

The station's own certificates come by SignCertificate and CertificateSigned; what it trusts by InstallCertificate.
A new certificate for the CSMS is a candidate until a connection was made with it; the old one serves meanwhile if the
candidate does not (A02.FR.28).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from cryptography import x509
from msgspec import Struct

from voltherd.ocpp.errors import OcppError
from voltherd.station import chain as chains
from voltherd.station import keys
from voltherd.station.certificate_store import CertificateStore, Entry, InUse, Listed, NotFound, OwnUse, Refused, Use
from voltherd.station.certificate_store import RootUse as RootUse
from voltherd.station.chain import BadCertificate, HashData
from voltherd.station.function import Fact, Function
from voltherd.station.remote_control import RemoteControl
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.timers import Timer
from voltherd.station.triggers import Asked, TriggerOutcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from voltherd.station.core import StationCore

ROOM: Final = "certificate"
RENEWAL: Final = timedelta(days=30)
"""How long before its end a certificate is renewed (A03.FR.02)."""
RENEWAL_RETRY_S: Final = 24 * 3600.0
CHAIN_CHARACTERS: Final = 10_000
ENTRIES: Final = 20

_ISSUERS: Final[dict[OwnUse, RootUse]] = {
    "ChargingStationCertificate": "CSMSRootCertificate",
    "V2GCertificate": "V2GRootCertificate",
    "V2G20Certificate": "V2GRootCertificate",
}


class SigningRequest(Struct, frozen=True, kw_only=True):
    """The station asks to have a certificate signed; the answer is whether the CSMS will.

    `root` names the authority that is to sign (since 2.1).
    """

    use: OwnUse
    csr: str
    request_id: int
    root: HashData | None = None


class _Waiting:
    """A request whose certificate has not come yet."""

    __slots__ = ("csr", "key", "repeated", "request_id", "timer", "use")

    def __init__(self, use: OwnUse, key: bytes, csr: str, request_id: int) -> None:
        self.use, self.key, self.csr, self.request_id = use, key, csr, request_id
        self.repeated = 0
        self.timer: Timer | None = None


class Certificates(Function):
    """Keeps the store, and its own certificates fresh.

    Attributes:
        store: all certificates.
    """

    __slots__ = ("_number", "_renewal", "_root_in_use", "_use_fallback", "_waiting", "store")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("certificate_wait_s", 60, "CertSigningWaitMinimum", "SecurityCtrlr.CertSigningWaitMinimum"),
        number("certificate_repeats", 3, "CertSigningRepeatTimes", "SecurityCtrlr.CertSigningRepeatTimes", unit=None),
        text("organization_name", "Voltherd", "CpoName", "SecurityCtrlr.OrganizationName", most_characters=64,
             required=True),
        text("certificate_key", "ECDSA", kind="OptionList", values=("ECDSA", "RSA")),
        number("chain_characters", CHAIN_CHARACTERS, "CertificateSignedMaxChainSize",
               "SecurityCtrlr.MaxCertificateChainSize", unit=None, access="ReadOnly"),
        number("certificate_entries", ENTRIES, "CertificateStoreMaxLength", unit=None, access="ReadOnly"),
        switch("root_check", False, "AdditionalRootCertificateCheck", "SecurityCtrlr.AdditionalRootCertificateCheck",
               access="ReadOnly"),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.store = CertificateStore(core.storage.all(ROOM), self._keep)
        self._number = 0
        self._waiting: dict[OwnUse, _Waiting] | None = None
        self._renewal: Timer | None = None
        self._use_fallback = False
        self._root_in_use: str | None = None

    def _keep(self, name: str, document: bytes | None) -> None:
        if document is None:
            self.core.storage.drop(ROOM, name)
        else:
            self.core.storage.keep(ROOM, name, document)

    @property
    def now(self) -> datetime:
        """The wall clock."""
        return self.core.clock.wall(self.core.now)

    def facts(self) -> Iterator[Fact]:
        """How many certificates there are."""
        limit = self.core.settings.number("certificate_entries")
        count = str(len(self.store))
        yield Fact(component="SecurityCtrlr", variable="CertificateEntries", value=count, kind="integer", most=limit)

    # Asking for a certificate ----------------------------------------------------------------

    @property
    def common_name(self) -> str:
        """What the station is called in its certificates (A00.FR.511)."""
        return self.core.config.serial_number or self.core.config.identity

    def request(self, use: OwnUse) -> None:
        """Make a new key, and ask for a certificate (A02.FR.02, A02.FR.03)."""
        kind: keys.KeyKind = "rsa2048" if self.core.settings.text("certificate_key") == "RSA" else "secp256r1"
        key = keys.generate(kind)
        name = self.core.settings.text("organization_name")
        csr = keys.signing_request(key, common_name=self.common_name, organization=name)
        self._number += 1
        self._forget(use)
        waiting = _Waiting(use, key, csr, self._number)
        self._waiting = {**(self._waiting or {}), use: waiting}
        self._ask(waiting)

    def _ask(self, waiting: _Waiting) -> None:
        waiting.timer = None
        roots = self.store.roots("V2GRootCertificate") if waiting.use != "ChargingStationCertificate" else []
        root = chains.hash_data(roots[0], roots[0]) if roots else None
        report = SigningRequest(use=waiting.use, csr=waiting.csr, request_id=waiting.request_id, root=root)
        self.core.say(report, lambda taken, error: self._asked(waiting, taken, error), asked_for=True)

    def _asked(self, waiting: _Waiting, taken: bool | None, error: OcppError | None) -> None:
        """Wait for the certificate, ever longer; a late one is welcome all the same (A02.FR.17 to A02.FR.19)."""
        if not self._is_current(waiting):
            return
        settings = self.core.settings
        if taken is False:
            self._forget(waiting.use)
            if waiting.use != "ChargingStationCertificate":
                self.core.plug_and_charge.suspend()  # A02.FR.21
            return
        wait_s = max(settings.number("certificate_wait_s"), 1) * 2.0**waiting.repeated
        waiting.timer = self.core.timers.at(self.core.now + wait_s, lambda: self._repeat(waiting))

    def _repeat(self, waiting: _Waiting) -> None:
        waiting.repeated += 1
        if waiting.repeated <= self.core.settings.number("certificate_repeats"):
            self._ask(waiting)

    def _is_current(self, waiting: _Waiting) -> bool:
        return self._waiting is not None and self._waiting.get(waiting.use) is waiting

    def _forget(self, use: OwnUse) -> _Waiting | None:
        waiting = self._waiting.pop(use, None) if self._waiting else None
        if waiting is not None and waiting.timer is not None:
            waiting.timer.cancel()
        return waiting

    # The certificate comes -------------------------------------------------------------------

    def signed(self, pem: str, use: OwnUse | None, request_id: int | None) -> None:
        """Take the certificate that was asked for (A02.FR.06, A02.FR.08).

        Args:
            pem: the chain, leaf first.
            use: what for, None where the CSMS does not say.
            request_id: which request it answers (since 2.1), None where it does not say.

        Raises:
            BadCertificate: it was not asked for, or is not right (A02.FR.07, A02.FR.26).
        """
        waiting = self._find(use, request_id)
        try:
            path = self._judge(pem, waiting)
        except BadCertificate as error:
            self._forget(waiting.use)
            self.core.security.note("InvalidChargingStationCertificate", str(error))
            raise
        self._forget(waiting.use)
        is_for_csms = waiting.use == "ChargingStationCertificate"
        self.store.install_own(waiting.use, chains.to_pem(path), waiting.key, candidate=is_for_csms)
        self.core.security.note("ReconfigurationOfSecurityParameters", f"new {waiting.use}")
        self._use_fallback = False
        self.arm_renewal()
        self.core.afterwards(self._switch if is_for_csms else self.core.ev_certificates.refresh)

    def _find(self, use: OwnUse | None, request_id: int | None) -> _Waiting:
        waiting = list((self._waiting or {}).values())
        if use is not None:
            waiting = [one for one in waiting if one.use == use]
        if request_id is not None:
            waiting = [one for one in waiting if one.request_id == request_id]
        if not waiting:
            self.core.security.note("InvalidChargingStationCertificate", "no certificate was asked for")
            raise BadCertificate("No such certificate was asked for")
        return waiting[0]

    def _judge(self, pem: str, waiting: _Waiting) -> list[x509.Certificate]:
        most = self.core.settings.number("chain_characters")
        if len(pem) > most:
            raise BadCertificate(f"The chain has {len(pem)} characters, {most} are the most")
        return self.store.check_own(
            pem,
            waiting.key,
            issuers=_ISSUERS[waiting.use],
            at=self.now,
            common_name=self.common_name,
            organization=self.core.settings.text("organization_name"),
        )

    def _switch(self) -> None:
        """Connect with the new certificate, where connections show one (A02.FR.08)."""
        if self.core.network.security_profile == 3:
            self.core.network.reconnect()
        else:
            self.store.settle("ChargingStationCertificate", candidate_works=True)

    # Connections -----------------------------------------------------------------------------

    def own_for_csms(self) -> Entry | None:
        """The certificate to show to the CSMS, None without one."""
        if not self._use_fallback:
            return self.store.own("ChargingStationCertificate", self.now)
        return next(iter(self.store.own_in_force("ChargingStationCertificate")), None)

    def csms_roots_pem(self) -> str:
        """Everybody trusted to be behind the CSMS and its file servers."""
        return self.store.roots_pem("CSMSRootCertificate")

    def roots_for_connection(self) -> str:
        """Whom to trust in the next attempt to connect: the root in force, or its fallback (M05.FR.14)."""
        if self._use_fallback and self.store.roots("CSMSRootCertificate", "Fallback"):
            return "".join(chains.to_pem([root]) for root in self.store.roots("CSMSRootCertificate", "Fallback"))
        return self.store.roots_pem("CSMSRootCertificate", fallback=False)

    def attempts_failed(self) -> None:
        """No network profile led to a connection: try with what there was before, next time with the new again."""
        has_old = bool(self.store.roots("CSMSRootCertificate", "Fallback"))
        has_candidate = any(e.standing == "Candidate" for e in self.store)
        self._use_fallback = (has_old or has_candidate) and not self._use_fallback

    def connected(self, peer_der: bytes | None) -> None:
        """A connection stands: what it was made with has proven itself, the other is discarded (A02.FR.10)."""
        self._root_in_use = None if peer_der is None else self._root_behind(peer_der)
        if peer_der is None:
            return
        worked = not self._use_fallback
        if self.store.settle("ChargingStationCertificate", candidate_works=worked) and not worked:
            self.core.security.note("DiscardedRenewedClientCertificate")  # A02.FR.29
        if worked:
            self.store.drop_fallback_roots()  # M05.FR.13
        self._use_fallback = False

    def _root_behind(self, peer_der: bytes) -> str | None:
        """Which root the CSMS's certificate rests on, by what can be known: its issuer, or the only root there is."""
        peer = x509.load_der_x509_certificate(peer_der)
        roots = self.store.roots("CSMSRootCertificate")
        found = chains.issuer_of(peer, roots) or (roots[0] if len(roots) == 1 else None)
        return None if found is None else chains.to_pem([found])

    def _is_in_use(self, root: x509.Certificate) -> bool:
        return self._root_in_use == chains.to_pem([root])

    # What is trusted -------------------------------------------------------------------------

    def install(self, use: RootUse, pem: str) -> None:
        """Trust a certificate (M05). Raises Refused, with the reason."""
        settings = self.core.settings
        limit = settings.number("certificate_entries")
        check = settings.switch("root_check")
        self.store.install_root(use, pem, self.now, limit=limit, signed_by_predecessor=check)
        self.core.security.note("ReconfigurationOfSecurityParameters", f"{use} installed")

    def listed(self, uses: Collection[Use]) -> list[Listed]:
        """What is installed for these uses (M03)."""
        return self.store.listed(uses)

    def delete(self, wanted: HashData) -> Literal["Accepted", "Failed", "NotFound"]:
        """Trust a certificate no longer (M04)."""
        try:
            use = self.store.delete(wanted, in_use=self._is_in_use)
        except NotFound:
            return "NotFound"
        except InUse:
            return "Failed"
        self.core.security.note("ReconfigurationOfSecurityParameters", f"{use} deleted")
        return "Accepted"

    # Renewal ---------------------------------------------------------------------------------

    def accepted(self) -> None:
        """See whether a certificate ends soon."""
        self.arm_renewal()

    def clock_changed(self) -> None:
        """The end of a certificate is nearer, or farther."""
        self.arm_renewal()

    def restarting(self) -> None:
        """Keys of requests under way are lost with the memory."""
        for use in list(self._waiting or ()):
            self._forget(use)

    def arm_renewal(self) -> None:
        """Renew each certificate a month before its end (A03.FR.02)."""
        if self._renewal is not None:
            self._renewal.cancel()
            self._renewal = None
        ends = [entry.chain[0].not_valid_after_utc for entry in self.store if entry.key]
        if ends:
            wait_s = (min(ends) - RENEWAL - self.now).total_seconds()
            self._renewal = self.core.timers.at(self.core.now + max(wait_s, 0.0), self._renew)

    def _renew(self) -> None:
        """Ask again for what ends soon, and look again tomorrow."""
        soon = self.now + RENEWAL
        uses: set[OwnUse] = {e.use for e in self.store if e.key and e.chain[0].not_valid_after_utc <= soon}  # type: ignore[misc]
        if self.core.is_online:
            for use in sorted(uses - set(self._waiting or ())):
                self.request(use)
        if uses:
            self._renewal = self.core.timers.at(self.core.now + RENEWAL_RETRY_S, self._renew)


def _sign_for_csms(core: StationCore, asked: Asked) -> TriggerOutcome:
    core.afterwards(lambda: core.certificates.request("ChargingStationCertificate"))
    return "Accepted"


def _sign_v2g(core: StationCore, asked: Asked) -> TriggerOutcome:
    return _sign_for_vehicles(core, "V2GCertificate")


def _sign_v2g_20(core: StationCore, asked: Asked) -> TriggerOutcome:
    return _sign_for_vehicles(core, "V2G20Certificate")


def _sign_for_vehicles(core: StationCore, use: OwnUse) -> TriggerOutcome:
    """Only where such certificates may be installed (V2GCertificateInstallationEnabled)."""
    if not core.settings.switch("v2g_installation"):
        return "Rejected"
    core.afterwards(lambda: core.certificates.request(use))
    return "Accepted"


RemoteControl.triggers["SignChargePointCertificate"] = _sign_for_csms
RemoteControl.triggers["SignChargingStationCertificate"] = _sign_for_csms
RemoteControl.triggers["SignV2GCertificate"] = _sign_v2g
RemoteControl.triggers["SignV2G20Certificate"] = _sign_v2g_20

__all__ = ["BadCertificate", "Certificates", "Refused", "RootUse", "SigningRequest"]
