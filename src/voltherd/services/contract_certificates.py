"""Plug and Charge: whether the contract certificate that comes with a token holds (C07)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from voltherd.domain.certificate import HashData, Standing
from voltherd.domain.contract_certificate import ChainState, ToCheck, read_chain
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.settings import Authorization, Iso15118, Settings
from voltherd.services.work import NotLoaded


class CertificateStatus(Protocol):
    """Who knows whether certificates are revoked."""

    def check(self, data: HashData, responder_url: str) -> Standing:
        """Give what is known of a certificate. Raises NotLoaded, whose load asks the responder; bounded in time."""


class ContractCertificates:
    """Judges contract certificates by chain, time and revocation."""

    def __init__(self, settings: Settings, clock_ms: Callable[[], int], status: CertificateStatus | None) -> None:
        self._settings = settings
        self._clock_ms = clock_ms
        self._status = status

    def standing(
        self, *, named: Sequence[ToCheck], chain_pem: str, tenant_id: int = DEFAULT_TENANT
    ) -> ChainState | None:
        """Say how a contract's certificates stand: those `named` by hashes, else the chain as it came.

        None: nothing was given to be judged. Raises NotLoaded; call it before the token is judged.
        """
        if named:
            return self._revocation(named, tenant_id)
        if not chain_pem:
            return None
        roots = self._settings.get(Authorization, tenant_id=tenant_id).contract_roots or ""
        state, wanted = read_chain(chain_pem, roots, self._clock_ms())
        return self._revocation(wanted, tenant_id) if state == "good" else state

    def _revocation(self, wanted: Sequence[ToCheck], tenant_id: int) -> ChainState:
        policy = self._settings.get(Iso15118, tenant_id=tenant_id).ocsp_policy
        if policy == "skip":
            return "good"
        standings = self._standings(wanted)
        if "revoked" in standings:
            return "revoked"
        return "good" if policy == "prefer" or all(found == "good" for found in standings) else "invalid"

    def _standings(self, wanted: Sequence[ToCheck]) -> list[Standing]:
        """Ask for all at once. A certificate that names no responder is unknown, as where nobody can be asked."""
        found: list[Standing] = []
        gaps: list[NotLoaded] = []
        for item in wanted:
            if self._status is None or not item.responder_url:
                found.append("unknown")
                continue
            try:
                found.append(self._status.check(item.data, item.responder_url))
            except NotLoaded as gap:
                gaps.append(gap)
        if gaps:

            async def load() -> None:
                await asyncio.gather(*(gap.load() for gap in gaps))

            raise NotLoaded(load)
        return found
