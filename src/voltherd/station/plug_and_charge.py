"""Plug and charge: a vehicle's contract is shown instead of a card (OCPP 2.0.1 C07)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from voltherd.station import chain, presenting
from voltherd.station.authorization import Contract
from voltherd.station.chain import BadCertificate
from voltherd.station.function import Function
from voltherd.station.setting import Setting, switch
from voltherd.station.token import Token

if TYPE_CHECKING:
    from cryptography import x509

    from voltherd.station.core import StationCore
    from voltherd.station.evse import Evse


class PlugAndCharge(Function):
    """Presents the contract of a vehicle once, when it is plugged in."""

    __slots__ = ("_is_suspended", "_shown")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("plug_and_charge", True, None, "ISO15118Ctrlr.PnCEnabled"),
        switch("central_validation", False, None, "ISO15118Ctrlr.CentralContractValidationAllowed"),
        switch("offline_validation", True, None, "ISO15118Ctrlr.ContractValidationOffline"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._shown: dict[int, str] | None = None
        self._is_suspended = False

    def suspend(self) -> None:
        """Show no contracts until the next restart, since there is no certificate for vehicles (A02.FR.21)."""
        if self.core.settings.switch("plug_and_charge"):
            self._is_suspended = True
            self.core.settings.fix("plug_and_charge", "false")

    def restarting(self) -> None:
        """Try again."""
        if self._is_suspended:
            self._is_suspended = False
            self.core.settings.fix("plug_and_charge", "true")

    def evse_changed(self, evse: Evse) -> None:
        """A vehicle came, or left."""
        vehicle = evse.vehicle if evse.plugged is not None else None
        emaid = None if vehicle is None else vehicle.emaid
        if emaid is None:
            if self._shown:
                self._shown.pop(evse.id, None)
            return
        if (self._shown or {}).get(evse.id) == emaid or not self.core.settings.switch("plug_and_charge"):
            return
        self._shown = {**(self._shown or {}), evse.id: emaid}
        self.core.timers.at(self.core.now, lambda: self._show(evse, emaid))

    def _show(self, evse: Evse, emaid: str) -> None:
        vehicle = evse.vehicle
        if vehicle is None or vehicle.emaid != emaid or evse.permission is not None or evse.asking is not None:
            return
        try:
            contract = self._contract(vehicle.contract_chain_pem)
        except BadCertificate as error:
            self.core.logs.note(f"contract {emaid} is not accepted: {error}")
            return
        token = Token(emaid, "eMAID")
        presenting.present(self.core, evse, presenting.Card(token=token, tell=_nobody, contract=contract))

    def _contract(self, pem: str | None) -> Contract | None:
        """What the CSMS is to be told of a contract. Raises BadCertificate where it may not charge.

        Online the CSMS judges by the hashes (C07.FR.02), or by the chain where the station has no root for it and may
        pass it on (C07.FR.06); offline the station does, where it may (C07.FR.07, C07.FR.08).
        """
        certificates = chain.read(pem) if pem is not None else []
        if not self.core.is_online:
            self._check_offline(certificates)
        if not certificates:
            return None
        roots = self._roots()
        hashes = _hashes(certificates, roots)
        if hashes is not None:
            return Contract(hashes=hashes)
        if self.core.settings.switch("central_validation"):
            return Contract(chain_pem=pem)
        raise BadCertificate("no root for it is installed")

    def _check_offline(self, certificates: list[x509.Certificate]) -> None:
        if not self.core.settings.switch("offline_validation"):
            raise BadCertificate("contracts are not judged offline")
        if not certificates:
            raise BadCertificate("the vehicle shows no certificate")
        chain.verify(certificates, self._roots(), self.core.certificates.now)

    def _roots(self) -> list[x509.Certificate]:
        store = self.core.certificates.store
        return store.roots("MORootCertificate") + store.roots("V2GRootCertificate")


def _hashes(
    certificates: list[x509.Certificate], roots: list[x509.Certificate]
) -> tuple[tuple[str, str, str, str, str], ...] | None:
    """What a responder knows each certificate by, None where the chain leads to no root."""
    found = []
    for certificate in certificates:
        issuer = chain.issuer_of(certificate, [*roots, *certificates])
        if issuer is None:
            return None
        url = chain.responder_url(certificate)
        if url is not None:
            data = chain.hash_data(certificate, issuer)
            found.append((data.algorithm, data.issuer_name_hash, data.issuer_key_hash, data.serial_number, url))
    return tuple(found) if chain.leads_to(certificates, roots) else None


def _nobody(_allowed: bool) -> None:
    """Nobody waits at the reader."""
