"""Certificates of vehicles, and what responders say of certificates (OCPP 2.0.1 M01, M02, M06; OCPP 2.1 M07).

A vehicle's requests come in as EXI in Base64 and are passed on as they are; nothing here reads ISO 15118.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal, cast

from msgspec import Struct

from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.version import OcppVersion
from voltherd.station import chain
from voltherd.station.chain import BadCertificate, HashData
from voltherd.station.function import Function
from voltherd.station.setting import Setting, switch
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from cryptography import x509

    from voltherd.station.core import StationCore
    from voltherd.station.evse import Evse
    from voltherd.station.hardware import TakesContracts

WEEK_S: Final = 7 * 24 * 3600.0
"""How long an answer of a responder is good at the most (M06.FR.10, M07.FR.09)."""
MOST_AT_ONCE: Final = 4
ISO15118_2: Final = "urn:iso:15118:2:2013:MsgDef"

Action = Literal["Install", "Update"]
ChainStanding = Literal["Good", "Revoked", "Unknown", "Failed"]


class EvCertificateRequest(Struct, frozen=True, kw_only=True):
    """A vehicle asks for a contract certificate; the answer is an `EvCertificateAnswer`."""

    action: Action
    exi: str
    schema: str
    most_chains: int | None = None
    emaids: tuple[str, ...] = ()


class EvCertificateAnswer(Struct, frozen=True):
    """What to give to the vehicle. `remaining` contracts can be asked for in turn (ISO 15118-20)."""

    is_accepted: bool
    exi: str
    remaining: int = 0


class OcspQuestion(Struct, frozen=True, kw_only=True):
    """What does the responder say of a certificate? The answer is its response in Base64, None without."""

    hash_data: HashData
    url: str


class ChainQuestion(Struct, frozen=True):
    """Were these certificates revoked (since 2.1)? The answer is a tuple of `ChainAnswer`."""

    asked: tuple[OcspQuestion, ...]


class ChainAnswer(Struct, frozen=True, kw_only=True):
    """What is known of one certificate, until when (OCPP's form)."""

    serial_number: str
    standing: ChainStanding
    until: str


class EvCertificates(Function):
    """Passes requests of vehicles on, and keeps what responders say fresh."""

    __slots__ = ("_answers", "_asked", "_standings", "_timer")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("contract_installation", True, None, "ISO15118Ctrlr.ContractCertificateInstallationEnabled"),
        switch("v2g_installation", True, None, "ISO15118Ctrlr.V2GCertificateInstallationEnabled"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._answers: dict[str, str] | None = None
        self._standings: dict[str, tuple[ChainStanding, float]] | None = None
        self._timer: Timer | None = None
        self._asked: dict[int, str | None] | None = None

    # Vehicles --------------------------------------------------------------------------------

    def pass_on(
        self,
        exi: str,
        tell: Callable[[EvCertificateAnswer | None], None],
        *,
        action: Action = "Install",
        schema: str = ISO15118_2,
        most_chains: int | None = None,
        emaids: tuple[str, ...] = (),
    ) -> None:
        """Pass a vehicle's request for a contract certificate on (M01.FR.01, M02.FR.01).

        `tell` hears every answer, several in turn where the vehicle takes several contracts (M01.FR.06); None
        where there is none, and the vehicle is to be told that it failed.

        Args:
            exi: the request, Base64 of EXI.
            tell: hears the answers.
            action: which request; vehicles of ISO 15118-20 know no update (M02.FR.02).
            schema: which ISO 15118 the vehicle speaks.
            most_chains: how many contracts it takes (ISO 15118-20 only, M01.FR.02, M01.FR.03).
            emaids: contracts it would like best.
        """
        if self.core.version is OcppVersion.V16 or not self.core.settings.switch("contract_installation"):
            tell(None)
            return
        speaks_20 = most_chains is not None and self.core.is_v21
        request = EvCertificateRequest(
            action="Install" if speaks_20 else action,
            exi=exi,
            schema=schema,
            most_chains=most_chains if speaks_20 else None,
            emaids=emaids if speaks_20 else (),
        )
        self._pass_on(request, tell)

    def _pass_on(self, request: EvCertificateRequest, tell: Callable[[EvCertificateAnswer | None], None]) -> None:
        def answered(answer: EvCertificateAnswer | None, error: OcppError | None) -> None:
            tell(answer)
            if answer is not None and answer.remaining > 0 and request.most_chains is not None:
                self._pass_on(request, tell)

        self.core.say(request, answered)

    def evse_changed(self, evse: Evse) -> None:
        """Pass on what the vehicle at an EVSE asks for, where the hardware hears of it."""
        if not _takes_contracts(type(evse.hardware)):
            return
        hardware = cast("TakesContracts", evse.hardware)
        asked = self._asked or {}
        exi = hardware.certificate_request
        if exi == asked.get(evse.id):
            return
        self._asked = {**asked, evse.id: exi}
        if exi is not None:
            self.pass_on(exi, lambda answer: hardware.take_certificate(_exi(answer)))

    # What responders say ---------------------------------------------------------------------

    def ocsp(self, serial_number: str) -> str | None:
        """What a responder said of a V2G certificate of the station, Base64 of DER; for stapling."""
        return self._answers.get(serial_number) if self._answers else None

    def accepted(self) -> None:
        """Fetch what is not known of the station's V2G certificates (M06.FR.06)."""
        if self._timer is None:
            self.refresh()

    def restarting(self) -> None:
        """Memory is lost."""
        self._answers = self._standings = None
        self._stop()

    def refresh(self) -> None:
        """Ask about all V2G certificates, again in a week at the latest (M06.FR.07, M06.FR.10)."""
        self._stop()
        questions = list(self._questions())
        for question in questions:
            self._ask(question)
        if questions:
            self._timer = self.core.timers.at(self.core.now + WEEK_S, self.refresh)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _questions(self) -> list[OcspQuestion]:
        store = self.core.certificates.store
        roots = store.roots("V2GRootCertificate")
        found: dict[str, OcspQuestion] = {}
        for entry in store:
            if entry.use in ("V2GCertificate", "V2G20Certificate"):
                for question in _questions_about(entry.chain, roots):
                    found[question.hash_data.serial_number] = question
        return list(found.values())

    def _ask(self, question: OcspQuestion) -> None:
        self.core.say(question, lambda answer, _error: self._learned(question, answer))

    def _learned(self, question: OcspQuestion, answer: str | None) -> None:
        if answer is not None:
            self._answers = {**(self._answers or {}), question.hash_data.serial_number: answer}

    # Chains of vehicles (2.1) ----------------------------------------------------------------

    def standing(self, serial_number: str) -> ChainStanding | None:
        """What is known of a certificate of a vehicle, None if nothing is any more (M07.FR.10)."""
        known = self._standings.get(serial_number) if self._standings else None
        return known[0] if known is not None and known[1] > self.core.now else None

    def check_chain(self, pem: str, decided: Callable[[ChainStanding | None], None]) -> None:
        """Find out whether a vehicle's chain was revoked, asking only for what is not known (M07.FR.11).

        `decided` hears the worst of what is said, None where nothing is known of some certificate.
        """
        try:
            questions = _questions_about(chain.read(pem), self.core.certificates.store.roots("MORootCertificate"))
        except BadCertificate:
            decided("Failed")
            return
        open_ones = [q for q in questions if self.standing(q.hash_data.serial_number) is None][:MOST_AT_ONCE]
        if not open_ones or not self.core.is_v21:
            decided(self._worst(questions))
            return

        def answered(answers: tuple[ChainAnswer, ...] | None, error: OcppError | None) -> None:
            for answer in answers or ():
                self._keep_standing(answer)
            decided(self._worst(questions))

        self.core.say(ChainQuestion(tuple(open_ones)), answered)

    def _keep_standing(self, answer: ChainAnswer) -> None:
        told = self.core.clock.at(answer.until, self.core.now)
        until = self.core.now + WEEK_S if told is None else min(told, self.core.now + WEEK_S)
        self._standings = {**(self._standings or {}), answer.serial_number: (answer.standing, until)}

    def _worst(self, questions: list[OcspQuestion]) -> ChainStanding | None:
        said = [self.standing(q.hash_data.serial_number) for q in questions]
        for bad in ("Revoked", "Failed", "Unknown"):
            if bad in said:
                return bad
        return None if None in said else "Good"


@cache
def _takes_contracts(kind: type) -> bool:
    """Whether hardware of that make is `TakesContracts`; asked often."""
    return all(hasattr(kind, name) for name in ("certificate_request", "take_certificate"))


def _exi(answer: EvCertificateAnswer | None) -> str | None:
    return answer.exi if answer is not None and answer.is_accepted else None


def _questions_about(certificates: list[x509.Certificate], roots: list[x509.Certificate]) -> list[OcspQuestion]:
    """One question for each certificate that names a responder and whose issuer is at hand."""
    found = []
    for certificate in certificates:
        url, issuer = chain.responder_url(certificate), chain.issuer_of(certificate, [*certificates, *roots])
        if url is not None and issuer is not None:
            found.append(OcspQuestion(hash_data=chain.hash_data(certificate, issuer), url=url))
    return found
