"""ID tokens: who may charge."""

from typing import Annotated

from litestar import Controller, Response, delete, get, put
from litestar.params import FromPath, QueryParameter
from msgspec import UNSET

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, described
from voltherd.api.request import ApiRequest, instant_ms, segment_text, struct_fields
from voltherd.api.views.listed import Listed
from voltherd.api.views.token import TokenBody, TokenView, token_view
from voltherd.services.authorization import TokenChanges

TAG = "Tokens"


class TokensController(Controller):
    """`/tokens`. Tokens are the same whatever the case of their letters."""

    path = "/tokens"

    @get(
        opt=described(
            Doc(
                tag=TAG,
                summary="List tokens",
                description="In the order of the tokens.",
                answer=Listed[TokenView],
                example=examples.page(examples.TOKEN),
            )
        )
    )
    async def list_tokens(
        self,
        request: ApiRequest,
        q: Annotated[str | None, QueryParameter(description="Only where token, group or driver contain it.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[TokenView]:
        page = await request.api.records.tokens(request.tenant_id, q=q, limit=limit, cursor=cursor)
        return Listed(items=[token_view(item) for item in page.items], next=page.next)

    @get(
        "/{token:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Show a token",
                description="`status` is what an operator set; a token past `expires_at` is refused as expired.",
                answer=TokenView,
                example=examples.TOKEN,
                errors=(404,),
            )
        ),
    )
    async def show_token(self, request: ApiRequest, token: FromPath[str]) -> TokenView:
        return token_view(await request.api.tokens.get(segment_text(token), tenant_id=request.tenant_id))

    @put(
        "/{token:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Create or change a token",
                description="Fields left out stay as they are. Holds for the next authorisation at once.",
                body=TokenBody,
                body_example={"status": "accepted", "group_id": "fleet-a", "expires_at": "2027-01-01T00:00:00Z"},
                answer=TokenView,
                example=examples.TOKEN,
                errors=(400,),
                also={201: ("The token was created.", TokenView, examples.TOKEN)},
            )
        ),
    )
    async def put_token(self, request: ApiRequest, token: FromPath[str]) -> Response[TokenView]:
        text, body = segment_text(token), await request.read(TokenBody)
        expires_at_ms = UNSET if body.expires_at is UNSET else instant_ms(body.expires_at, "$.expires_at")
        changes = TokenChanges(
            type=body.type,
            status=body.status,
            expires_at_ms=expires_at_ms,
            group_id=body.group_id,
            parent=body.parent,
            driver=body.driver,
            prepaid_balance=body.prepaid_balance,
        )
        record, created = await request.api.tokens.put(text, changes, tenant_id=request.tenant_id)
        await request.audit("create" if created else "change", f"token {record.token}", after=struct_fields(body))
        return Response(token_view(record), status_code=201 if created else 200)

    @delete(
        "/{token:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Delete a token",
                description="It is unknown from now on; transactions made with it stay.",
                errors=(404,),
            )
        ),
    )
    async def delete_token(self, request: ApiRequest, token: FromPath[str]) -> None:
        text = segment_text(token)
        await request.api.tokens.delete(text, tenant_id=request.tenant_id)
        await request.audit("delete", f"token {text}")
