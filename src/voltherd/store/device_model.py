"""The device model: one row an attribute of a variable."""

from sqlalchemy import PrimaryKeyConstraint, select

from voltherd.domain.device_model import Variable
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, page_of
from voltherd.store.reading import RecordsBase
from voltherd.store.schema import boolean, clustered, integer, number, text

_KEY = (
    "station_id", "component", "component_instance", "evse_no", "connector_no", "variable", "variable_instance",
    "attribute",
)  # fmt: skip

variables = clustered(
    "variables",
    integer("tenant_id"),
    integer("station_id"),
    text("component"),
    text("component_instance"),
    integer("evse_no"),
    integer("connector_no"),
    text("variable"),
    text("variable_instance"),
    text("attribute"),
    text("actual_value", null=True),
    text("desired_value", null=True),
    text("mutability", null=True),
    boolean("persistent", null=True),
    boolean("constant", null=True),
    text("data_type", null=True),
    text("unit", null=True),
    number("min_limit"),
    number("max_limit"),
    text("values_list", null=True),
    boolean("supports_monitoring", null=True),
    integer("observed_at_ms", null=True),
    text("apply_state"),
    PrimaryKeyConstraint(*_KEY),
)

VARIABLES = RecordTable(Variable, variables, key=_KEY, mode="merge")

_BY_NAME = Order(VARIABLES, *_KEY[1:])


class DeviceModelRecords(RecordsBase):
    """Queries about variables."""

    async def variables(self, tenant_id: int, station_id: int, *, limit: int = 1000, cursor: str | None = None) -> Page:
        """Give a page of a station's Variable by component and name."""
        wanted = select(*VARIABLES.columns).where(
            variables.c.station_id == station_id, variables.c.tenant_id == tenant_id
        )
        return page_of(VARIABLES, _BY_NAME, await self._select(_BY_NAME.page(wanted, limit, cursor)), limit)
