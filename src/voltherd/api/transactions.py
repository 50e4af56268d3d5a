"""Transactions: what was charged, by whom, where, and everything that was reported of it."""

from typing import Annotated

from litestar import Controller, get, post, put
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, Since, StationFilter, described
from voltherd.api.request import ApiRequest, identities, identity_of, instant_ms, number_of, station_ids
from voltherd.api.views.listed import Listed
from voltherd.api.views.transaction import (
    MeterValueView,
    TransactionEventView,
    TransactionView,
    meter_value_view,
    transaction_event_view,
    transaction_view,
)
from voltherd.domain.errors import NotFound
from voltherd.domain.transaction import Limits, Transaction

TAG = "Transactions"


class CloseBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why an operator closes a transaction."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class TransactionsController(Controller):
    """`/transactions`."""

    path = "/transactions"

    @get(
        opt=described(
            Doc(
                tag=TAG,
                summary="List transactions",
                description="Newest start first.",
                answer=Listed[TransactionView],
                example=examples.page(examples.TRANSACTION),
            )
        )
    )
    async def list_transactions(
        self,
        request: ApiRequest,
        station_id: StationFilter = None,
        id_token: Annotated[
            str | None, QueryParameter(description="Only of this token (case does not matter).")
        ] = None,
        active: Annotated[bool | None, QueryParameter(description="Only running (true) or ended ones.")] = None,
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[TransactionView]:
        api = request.api
        await api.link.flush()
        page = await api.records.transactions(
            request.tenant_id,
            station_id=await station_ids(request, station_id),
            id_token=id_token,
            active=active,
            since_ms=instant_ms(since, "query.since"),
            limit=limit,
            cursor=cursor,
        )
        names = await identities(request, {record.station_id for record in page.items})
        return Listed(items=[transaction_view(item, names[item.station_id]) for item in page.items], next=page.next)

    @get(
        "/{transaction:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Show a transaction",
                description="Energy in Wh from the station's registers; `flags` names what was odd.",
                answer=TransactionView,
                example=examples.TRANSACTION,
                errors=(404,),
            )
        ),
    )
    async def show_transaction(self, request: ApiRequest, transaction: FromPath[str]) -> TransactionView:
        return await _shown(request, await _found(request, transaction))

    @get(
        "/{transaction:str}/meter-values",
        opt=described(
            Doc(
                tag=TAG,
                summary="Read the meter values of a transaction",
                description="In order of time, normalised to SI units beside the raw value; signed data as it came.",
                answer=Listed[MeterValueView],
                example=examples.page(examples.METER_VALUE),
                errors=(404,),
            )
        ),
    )
    async def list_meter_values(
        self, request: ApiRequest, transaction: FromPath[str], limit: Limit = 1000, cursor: Cursor = None
    ) -> Listed[MeterValueView]:
        record = await _found(request, transaction)
        page = await request.api.records.meter_samples(request.tenant_id, record.id, limit=limit, cursor=cursor)
        return Listed(items=[meter_value_view(item) for item in page.items], next=page.next)

    @get(
        "/{transaction:str}/events",
        opt=described(
            Doc(
                tag=TAG,
                summary="Read the events of a transaction",
                description="All of them, by sequence number; the start and stop of OCPP 1.6 appear as events too.",
                answer=Listed[TransactionEventView],
                example=examples.page(examples.EVENT),
                errors=(404,),
            )
        ),
    )
    async def list_events(self, request: ApiRequest, transaction: FromPath[str]) -> Listed[TransactionEventView]:
        record = await _found(request, transaction)
        events = await request.api.records.transaction_events(request.tenant_id, record.id)
        return Listed(items=[transaction_event_view(event) for event in events])

    @post(
        "/{transaction:str}/close",
        status_code=200,
        opt=described(
            Doc(
                tag=TAG,
                summary="Close a stale transaction",
                description="For a transaction whose end never arrived. It is flagged, no meter value is invented, "
                "and a report that comes late still completes it.",
                body=CloseBody,
                body_example={"reason": "The station was replaced."},
                answer=TransactionView,
                example={
                    **examples.TRANSACTION,
                    "active": False,
                    "inferred": True,
                    "flags": ["closed-by-operator"],
                    "close_reason": "closed by anna: The station was replaced.",
                },
                errors=(400, 404, 409),
            )
        ),
    )
    async def close_transaction(self, request: ApiRequest, transaction: FromPath[str]) -> TransactionView:
        number, body, api = number_of(transaction, "transaction"), await request.read(CloseBody), request.api
        record = await api.transactions.close(number, body.reason, who=request.caller.name, tenant_id=request.tenant_id)
        await request.audit("close", f"transaction {number}", after=body.reason)
        return await _shown(request, record)

    @put(
        "/{transaction:str}/limits",
        opt=described(
            Doc(
                tag=TAG,
                summary="Limit a transaction",
                description="Says how far it may go: cost, energy, time, state of charge. The station is told with the "
                "answer to its next event; what it reports back is shown beside. Stations of OCPP 2.1 only.",
                body=Limits,
                body_example={"max_energy_wh": 20000},
                answer=TransactionView,
                example={**examples.TRANSACTION, "limits": {"wanted": {"max_energy_wh": 20000}}},
                errors=(400, 404, 409),
            )
        ),
    )
    async def limit_transaction(self, request: ApiRequest, transaction: FromPath[str]) -> TransactionView:
        number, limits = number_of(transaction, "transaction"), await request.read(Limits)
        record = await request.api.transactions.limit(number, limits, tenant_id=request.tenant_id)
        await request.audit("limit", f"transaction {number}", after=limits)
        return await _shown(request, record)


async def _found(request: ApiRequest, segment: str) -> Transaction:
    number = number_of(segment, "transaction")
    await request.api.link.flush()
    record = await request.api.records.transaction(request.tenant_id, number)
    if record is None:
        raise NotFound(f"There is no transaction {number}.")
    return record


async def _shown(request: ApiRequest, record: Transaction) -> TransactionView:
    return transaction_view(record, await identity_of(request.api, request.tenant_id, record.station_id))
