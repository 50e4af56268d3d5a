"""The audit log: who did what to what."""

from litestar import Controller, get

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, described
from voltherd.api.request import ApiRequest
from voltherd.api.views.access import AuditView, audit_view
from voltherd.api.views.listed import Listed


class AuditController(Controller):
    """`/audit`."""

    path = "/audit"

    @get(
        opt=described(
            Doc(
                tag="Audit",
                summary="Read the audit log",
                description="Newest first: changes of stations, tokens, transactions, users, keys and settings. "
                "Commands have a list of their own. Secrets are never written here.",
                answer=Listed[AuditView],
                example=examples.page(examples.AUDIT),
            )
        )
    )
    async def list_audit(self, request: ApiRequest, limit: Limit = 100, cursor: Cursor = None) -> Listed[AuditView]:
        page = await request.api.records.audit(request.tenant_id, limit=limit, cursor=cursor)
        return Listed(items=[audit_view(item) for item in page.items], next=page.next)
