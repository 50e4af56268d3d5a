"""Authorize and ClearCache of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET, structs

from voltherd.ocpp import v2
from voltherd.ocpp.payload import encode
from voltherd.station.authorization import Authorize
from voltherd.station.outbox import Outgoing
from voltherd.station.token import TokenInfo
from voltherd.station.v2.words import given, id_token, reads, reports, serves, token_info

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(Authorize)
def authorize(core: StationCore, report: Authorize) -> Outgoing:
    """The question whether a token may charge."""
    request = v2.AuthorizeRequest(id_token=id_token(report.token))
    contract = report.contract
    if contract is not None and contract.chain_pem is not None:
        request.certificate = contract.chain_pem
    elif contract is not None and contract.hashes:
        request.iso15118_certificate_hash_data = [_ocsp(*one) for one in contract.hashes[:4]]
    return Outgoing(action="Authorize", request=request)


def _ocsp(algorithm: Any, name_hash: str, key_hash: str, serial: str, url: str) -> v2.OCSPRequestDataType:
    return v2.OCSPRequestDataType(
        hash_algorithm=algorithm,
        issuer_name_hash=name_hash,
        issuer_key_hash=key_hash,
        serial_number=serial,
        responder_url=url,
    )


@reads("Authorize")
def authorized(core: StationCore, response: v2.AuthorizeResponse) -> TokenInfo:
    """The answer to it."""
    info = token_info(response.id_token_info)
    transfers = given(response.allowed_energy_transfer)
    return structs.replace(
        info,
        certificate_status=given(response.certificate_status),
        transfers=None if transfers is None else tuple(transfers),
        tariff=None if response.tariff is UNSET else encode(response.tariff),
    )


@serves("ClearCache")
def clear_cache(core: StationCore, request: v2.ClearCacheRequest) -> v2.ClearCacheResponse:
    """OCPP 2.0.1 C11."""
    return v2.ClearCacheResponse(status="Accepted" if core.authorization.clear_cache() else "Rejected")
