"""The device model of a station."""

from litestar import Controller, get
from litestar.params import FromPath

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, described
from voltherd.api.request import ApiRequest
from voltherd.api.views.listed import Listed
from voltherd.api.views.variable import VariableView, variable_view


class VariablesController(Controller):
    """`/stations/{id}/variables`."""

    path = "/stations/{station_id:str}/variables"

    @get(
        opt=described(
            Doc(
                tag="Variables",
                summary="Read the device model",
                description="Components and variables as reported last, with what was asked of them; the "
                "configuration keys of OCPP 1.6 are variables of the component `OCPP16`.",
                answer=Listed[VariableView],
                example=examples.page(examples.VARIABLE),
                errors=(404,),
            )
        )
    )
    async def list_variables(
        self, request: ApiRequest, station_id: FromPath[str], limit: Limit = 1000, cursor: Cursor = None
    ) -> Listed[VariableView]:
        station = request.station(station_id)
        page = await request.api.records.variables(request.tenant_id, station.id, limit=limit, cursor=cursor)
        return Listed(items=[variable_view(item) for item in page.items], next=page.next)
