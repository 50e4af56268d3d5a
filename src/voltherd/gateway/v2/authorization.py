"""Authorisation in OCPP 2.0.1 and 2.1."""

from msgspec import UNSET

from voltherd.domain.certificate import HashData
from voltherd.domain.commands import ClearCache, Outcome
from voltherd.domain.contract_certificate import ChainState, ToCheck, joined
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import id_token_info, text
from voltherd.gateway.v2.routes import routes
from voltherd.gateway.v2.tariff import tell_tariff
from voltherd.gateway.v2.v2x import tell_allowed
from voltherd.ocpp.v2 import AuthorizeRequest, AuthorizeResponse, ClearCacheRequest, ClearCacheResponse
from voltherd.ocpp.v2.types import OCSPRequestDataType
from voltherd.ocpp.version import OcppVersion


@routes.handle()
def authorize(here: Here, request: AuthorizeRequest) -> AuthorizeResponse:
    """Judge a token (C01, C02, C04, C06), and the contract certificate that comes with it (C07)."""
    token, chain = request.id_token, _standing(here, request)
    if here.version is OcppVersion.V21:
        here.services.v2x.require(here.state, here.work.now_ms)
    verdict = here.services.authorization.authorize_at(
        here.state, token.id_token, here.work.now_ms, token_type=token.type
    )
    status = UNSET if chain is None else joined(verdict, chain)
    response = AuthorizeResponse(id_token_info=id_token_info(verdict, here.version), certificate_status=status)
    return tell_allowed(here, request, tell_tariff(here, response))


def _standing(here: Here, request: AuthorizeRequest) -> ChainState | None:
    """Say how the certificate stands that came as hashes or, for us to check, as a chain; None where none came."""
    told = request.iso15118_certificate_hash_data
    named = [] if told is UNSET else [_to_check(item) for item in told]
    return here.services.contracts.standing(
        named=named, chain_pem=text(request.certificate), tenant_id=here.state.station.tenant_id
    )


def _to_check(item: OCSPRequestDataType) -> ToCheck:
    data = HashData(
        hash_algorithm=item.hash_algorithm,
        issuer_name_hash=item.issuer_name_hash,
        issuer_key_hash=item.issuer_key_hash,
        serial_number=item.serial_number,
    )
    return ToCheck(data, item.responder_url)


@routes.translate
async def clear_cache(caller: Caller, command: ClearCache) -> Outcome:
    """Empty the authorisation cache (C11)."""
    return outcome(await caller.call(ClearCacheRequest(), ClearCacheResponse))
