"""Authorisation in OCPP 2.0.1 and 2.1."""

from voltherd.domain.commands import ClearCache, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import id_token_info
from voltherd.gateway.v2.routes import routes
from voltherd.gateway.v2.tariff import tell_tariff
from voltherd.ocpp.v2 import AuthorizeRequest, AuthorizeResponse, ClearCacheRequest, ClearCacheResponse


@routes.handle()
def authorize(here: Here, request: AuthorizeRequest) -> AuthorizeResponse:
    """Judge a token (C01, C02)."""
    token = request.id_token
    verdict = here.services.authorization.authorize_at(
        here.state, token.id_token, here.work.now_ms, token_type=token.type
    )
    return tell_tariff(here, AuthorizeResponse(id_token_info=id_token_info(verdict, here.version)))


@routes.translate
async def clear_cache(caller: Caller, command: ClearCache) -> Outcome:
    """Empty the authorisation cache (C11)."""
    return outcome(await caller.call(ClearCacheRequest(), ClearCacheResponse))
