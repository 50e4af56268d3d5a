"""Certificates: what the API offers beyond commands and documents."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from msgspec import Struct

from voltherd.api.commands import TAKEN, Wait, command_answer
from voltherd.api.describe import Doc, Timeout, described
from voltherd.api.documents import TAG, found
from voltherd.api.examples import COMMAND
from voltherd.api.request import ApiRequest, identity_of
from voltherd.api.views.command import CommandAccepted, CommandView
from voltherd.domain.certificate import CertificateSigned, Csr
from voltherd.domain.certificate_reading import check_chain, read_csr
from voltherd.domain.errors import Conflict
from voltherd.services.documents import document_of

MAX_LIFETIME_S = 7 * 24 * 3600.0


class ChainBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A signed certificate."""

    certificate_chain: str
    """PEM: the station's certificate first, then those that signed it, without the root."""


_EXAMPLE = {"certificate_chain": "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n"}


@post(
    "/csrs/{document_id:str}/chain",
    status_code=202,
    opt=described(
        Doc(
            tag=TAG,
            summary="Deliver a signed certificate",
            description="The chain must be for the key of the request, each certificate signed by the next. It goes to "
            "the station as the command `certificate-signed`, with the type and the number of the station's request; a "
            "station without a connection gets it when it comes back, within a week.",
            body=ChainBody,
            body_example=_EXAMPLE,
            answer=CommandAccepted,
            example=TAKEN,
            errors=(400, 404, 409),
            also={200: ("With `wait=true`: the outcome.", CommandView, {**COMMAND, "name": "certificate-signed"})},
        )
    ),
)
async def deliver_chain(
    request: ApiRequest, document_id: FromPath[str], wait: Wait = False, timeout_s: Timeout = 30.0
) -> Response[CommandAccepted | CommandView]:
    """Check a chain against its request, and send it."""
    record = await found(request, Csr, document_id)
    body = await request.read(ChainBody)
    csr = document_of(record)
    assert isinstance(csr, Csr)
    if csr.state == "rejected":
        raise Conflict(f"This request is not valid, so nothing can answer it: {csr.reason}")
    check_chain(body.certificate_chain, read_csr(csr.csr))
    identity = await identity_of(request.api, request.tenant_id, record.station_id)
    command = CertificateSigned(
        certificate_chain=body.certificate_chain,
        certificate_type=csr.certificate_type or None,  # type: ignore[arg-type]
        request_id=csr.request_id,
    )
    sent = await request.api.commands.submit(
        identity,
        command,
        requested_by=request.caller.name,
        timeout_s=timeout_s,
        not_after_s=MAX_LIFETIME_S,
        when_offline="queue",
        tenant_id=request.tenant_id,
    )
    return await command_answer(request, identity, sent, timeout_s if wait else None)


HANDLERS: list[Any] = [deliver_chain]
