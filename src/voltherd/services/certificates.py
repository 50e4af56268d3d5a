"""Knows what stations have installed and asked to be signed (functional block M)."""

import hashlib
from collections.abc import Collection
from typing import Final, NamedTuple, Protocol, TypeVar

from voltherd.domain.certificate import CertificateSigned, Csr, HashData, Standing, StationCertificate
from voltherd.domain.certificate_reading import SigningRequest, hash_data_of, read_certificates, read_csr
from voltherd.domain.document import Document
from voltherd.domain.errors import Invalid, PayloadInvalid
from voltherd.services.certificate_provisioning import CertificateProvisioning
from voltherd.services.certificate_status import CertificateStatuses
from voltherd.services.dependencies import Dependencies
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

MAX_CSRS: Final = 50
MAX_CERTIFICATES: Final = 500
"""So many of a station are kept; the oldest that are over go first."""
INVALID_CSR: Final = "invalid-csr"
OTHER_NAME: Final = "csr-names-another-station"
"""Flags of stations."""
SIGNED_BY_RULE: Final = "the certificate authority signs what stations ask for"

D = TypeVar("D", bound=Document)


class CertificateAuthority(Protocol):
    """Signs what stations ask for. It may take its time: the station's request was answered before."""

    async def sign(self, csr: Csr, identity: str) -> str:
        """Give the chain (PEM, the station's certificate first, without the root). Raises Invalid, in words."""


class Reported(NamedTuple):
    """A certificate as a station reports it."""

    certificate_type: str
    hash_data: HashData
    children: list[HashData]


class Certificates:
    """Knows what stations have installed and asked to be signed (functional block M)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._authority: CertificateAuthority | None = None
        self.statuses = CertificateStatuses(needs.web, needs.settings, needs.clock_ms)
        self.provisioning = CertificateProvisioning(needs.web, needs.settings)

    def use_authority(self, authority: CertificateAuthority) -> None:
        """Let an authority sign what stations ask for from now on."""
        self._authority = authority

    def check(self, data: HashData, responder_url: str) -> Standing:
        """Say whether a certificate is good, revoked or unknown; for handlers, before they change anything.

        Raises NotLoaded where the responder must be asked first.
        """
        return self.statuses.check(data, responder_url)

    # -- what is installed ----------------------------------------------------------------------------------------

    def installed(
        self, state: StationState, work: Work, certificate_type: str, pem: str, status: str, info: str = ""
    ) -> None:
        """Record what the station said to a certificate (M05)."""
        held = self._documents.held(state, StationCertificate)
        try:
            facts = read_certificates(pem)[0]
        except Invalid:  # sent by a raw call; what it is cannot be told
            return
        certificate = StationCertificate(
            state="installed",
            certificate_type=certificate_type,
            hash_data=facts.hash_data,
            certificate=pem,
            subject=facts.subject,
            expires_at_ms=facts.expires_at_ms,
        )
        if status != "Accepted":
            before = held.get(certificate.key)
            if before is not None and before.state == "installed":
                return
            certificate.state, certificate.reason = "rejected", info or status
        self._keep(state, work, held, certificate, MAX_CERTIFICATES, ("installed",))

    async def type_of(self, state: StationState, data: HashData) -> str | None:
        """Give the type of a certificate that a station has, as far as that is known."""
        while True:
            try:
                held = self._documents.held(state, StationCertificate)
                break
            except NotLoaded as gap:
                await gap.load()
        found = [item for item in held.values() if item.state == "installed" and _is(item, data.folded())]
        return found[0].certificate_type if found else None

    def deleted(self, state: StationState, work: Work, data: HashData, status: str) -> None:
        """Record that a certificate is gone, or that the station never had it (M04)."""
        if status == "Failed":
            return
        wanted = data.folded()
        for certificate in self._documents.held(state, StationCertificate).values():
            if certificate.state != "deleted" and _is(certificate, wanted):
                certificate.state = "deleted"
                certificate.reason = "" if status == "Accepted" else "the station does not know it"
                self._documents.keep(state, work, certificate)

    def reported(self, state: StationState, work: Work, types: Collection[str] | None, found: list[Reported]) -> None:
        """Record what the station has of these types (None: of all); what it leaves out is no longer known (M03)."""
        held = self._documents.held(state, StationCertificate)
        seen: set[str] = set()
        for item in found:
            certificate = self._recognised(state, work, held, item)
            seen.add(certificate.key)
            self._keep(state, work, held, certificate, MAX_CERTIFICATES, ("installed",))
        for key, certificate in held.items():
            asked = types is None or certificate.certificate_type in types
            if asked and key not in seen and certificate.state == "installed":
                certificate.state, certificate.reason = "unknown", "the station does not report it"
                self._documents.keep(state, work, certificate)

    def _recognised(
        self, state: StationState, work: Work, held: dict[str, StationCertificate], item: Reported
    ) -> StationCertificate:
        """Make the record of a reported certificate; one that we installed keeps what we know of it."""
        found = StationCertificate(
            state="installed",
            certificate_type=item.certificate_type,
            hash_data=item.hash_data,
            children=item.children,
            source="reported",
        )
        wanted = item.hash_data.folded()
        for before in [*held.values()]:
            if before.certificate_type == item.certificate_type and _is(before, wanted):
                found.certificate, found.subject = before.certificate, before.subject
                found.expires_at_ms, found.source = before.expires_at_ms, before.source
                if before.key != found.key:
                    self._documents.drop(state, work, before)
                    held.pop(before.key, None)
        return found

    def _keep(
        self, state: StationState, work: Work, held: dict[str, D], document: D, most: int, needed: Collection[str]
    ) -> None:
        self._documents.keep(state, work, document)
        over = [item for item in held.values() if item.state not in needed]
        for oldest in over[: max(0, len(held) - most)]:
            self._documents.drop(state, work, oldest)

    # -- what is to be signed -------------------------------------------------------------------------------------

    def sign_wanted(
        self,
        state: StationState,
        work: Work,
        pem: str,
        certificate_type: str = "",
        request_id: int | None = None,
        root: HashData | None = None,
    ) -> str:
        """Record a request for a certificate; gives in words why it is refused, empty where it is taken (A02.FR.11)."""
        held = self._documents.held(state, Csr)
        csr = Csr(
            state="pending",
            csr=pem,
            fingerprint=hashlib.sha256(pem.encode()).hexdigest()[:16],
            certificate_type=certificate_type,
            request_id=request_id,
            root=root,
            requested_at_ms=work.now_ms,
        )
        try:
            _describe(csr, read_csr(pem))
        except Invalid as error:
            csr.state, csr.reason = "rejected", str(error)
            _flag(state, work, INVALID_CSR)
        else:
            if certificate_type in ("", "ChargingStationCertificate") and not _names(csr, state):
                _flag(state, work, OTHER_NAME)
        before = held.get(csr.key)
        if before is not None:
            csr.times_asked = before.times_asked + 1
        self._keep(state, work, held, csr, MAX_CSRS, ("pending",))
        if csr.state == "pending" and self._authority is not None:
            command = CertificateSigned(certificate_type=certificate_type or None, request_id=request_id)  # type: ignore[arg-type]
            work.follow_up(command, SIGNED_BY_RULE)
        return csr.reason

    async def chain_for(self, state: StationState, command: CertificateSigned) -> str:
        """Give the chain that a command delivers: its own, or the authority's. Raises PayloadInvalid."""
        if command.certificate_chain is not None:
            return command.certificate_chain
        if self._authority is None:
            raise PayloadInvalid("Name the certificate_chain: there is no certificate authority.", _MISSING)
        while True:
            try:
                held = self._documents.held(state, Csr)
                break
            except NotLoaded as gap:
                await gap.load()
        csr = _wanted(held, command.certificate_type or "", command.request_id)
        if csr is None:
            raise PayloadInvalid("The station has asked for no such certificate.", _MISSING)
        try:
            return await self._authority.sign(csr, state.station.identity)
        except Invalid as error:
            raise PayloadInvalid(f"The certificate authority did not sign: {error}", _MISSING) from None

    def delivered(
        self,
        state: StationState,
        work: Work,
        chain: str,
        certificate_type: str,
        request_id: int | None,
        status: str,
        info: str = "",
    ) -> None:
        """Record what the station said to a chain (A02.FR.07, A02.FR.08)."""
        held = self._documents.held(state, Csr)
        csr = _signed(held, chain) or _wanted(held, certificate_type, request_id)
        if csr is None:
            return
        csr.chain = chain
        csr.state, csr.reason = ("sent", "") if status == "Accepted" else ("refused", info or status)
        self._documents.keep(state, work, csr)


_MISSING: Final = "OccurrenceConstraintViolation"


def _describe(csr: Csr, request: SigningRequest) -> None:
    csr.fingerprint, csr.subject = request.fingerprint, request.subject
    csr.common_name, csr.key_type = request.common_name, request.key_type


def _names(csr: Csr, state: StationState) -> bool:
    """Whether the request is for the station that sent it, by its identity or its serial number (A00.FR.511)."""
    return csr.common_name.casefold() in (state.station.identity.casefold(), state.station.serial_number.casefold())


def _flag(state: StationState, work: Work, flag: str) -> None:
    station = state.station
    if flag not in station.flags:
        station.flags = (*station.flags, flag)
        work.put(station)
        work.tell("station", station.identity)


def _is(certificate: StationCertificate, wanted: HashData) -> bool:
    """Whether a record is of the certificate that these hashes name, also where they are of another algorithm."""
    known = certificate.hash_data.folded()
    if known.hash_algorithm == wanted.hash_algorithm:
        name_and_serial = (
            known.issuer_name_hash == wanted.issuer_name_hash and known.serial_number == wanted.serial_number
        )
        return name_and_serial and known.issuer_key_hash in ("", wanted.issuer_key_hash)
    if not certificate.certificate or known.serial_number != wanted.serial_number:
        return False
    same = hash_data_of(certificate.certificate, wanted.hash_algorithm).folded()
    return same.issuer_name_hash == wanted.issuer_name_hash


def _wanted(held: dict[str, Csr], certificate_type: str, request_id: int | None) -> Csr | None:
    """Find the request that is meant: by its number, else the newest pending one of its type."""
    newest_first = list(reversed(held.values()))
    if request_id is not None:
        return next((csr for csr in newest_first if csr.request_id == request_id), None)
    pending = [csr for csr in newest_first if csr.state == "pending"]
    return next((csr for csr in pending if csr.certificate_type == certificate_type), None)


def _signed(held: dict[str, Csr], chain: str) -> Csr | None:
    """Find the request whose key the chain's first certificate is for."""
    try:
        key = read_certificates(chain)[0].public_key
        return next((csr for csr in reversed(held.values()) if csr.state != "rejected" and _key(csr) == key), None)
    except Invalid:
        return None


def _key(csr: Csr) -> bytes:
    return read_csr(csr.csr).public_key
