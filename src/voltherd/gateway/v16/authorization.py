"""Authorisation in OCPP 1.6."""

from voltherd.domain.commands import ClearCache, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v16 import tariff
from voltherd.gateway.v16.common import id_tag_info
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import AuthorizeRequest, AuthorizeResponse, ClearCacheRequest, ClearCacheResponse


@routes.handle()
def authorize(here: Here, request: AuthorizeRequest) -> AuthorizeResponse:
    """Judge a token (OCPP 1.6 4.1)."""
    tariff.ready(here, fresh=True)
    verdict = here.services.authorization.authorize_at(here.state, request.id_tag, here.work.now_ms)
    if verdict.status == "Accepted":
        tariff.tell_price(here, request.id_tag)
    return AuthorizeResponse(id_tag_info=id_tag_info(verdict))


@routes.translate
async def clear_cache(caller: Caller, command: ClearCache) -> Outcome:
    """Empty the authorisation cache (OCPP 1.6 5.4)."""
    return outcome(await caller.call(ClearCacheRequest(), ClearCacheResponse))
