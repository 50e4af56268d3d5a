"""What a station says that it can do, read from its device model when a rule depends on it."""

from typing import Final

from voltherd.domain.device_model import OCPP16_COMPONENT, Variable
from voltherd.services.ports import Records
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded

FRESH_MS: Final = 60_000
"""For so long what was read counts; reports that came since are seen after it."""
KNOWN_MS: Final = 600_000
"""Where many messages ask."""
MAX_PAGES: Final = 20
_MAX_STATIONS: Final = 50_000

TARIFF_TEXT: Final = "tariff-text"
LOCAL_COST: Final = "local-cost"
V2X: Final = "v2x"
COST_MESSAGES: Final = "cost-messages"
"""Of OCPP 1.6: price and cost are taken as vendor data of the Open Charge Alliance."""
_YES: Final = "true"


class Abilities:
    """Reads which functions a station has available, and remembers it for a minute."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[int, tuple[int, frozenset[str]]] = {}

    def of(self, state: StationState, now_ms: int) -> frozenset[str]:
        """Give what the station can do. Raises NotLoaded where that must be read first."""
        known = self._known.get(state.station.id)
        if known is not None and now_ms - known[0] < FRESH_MS:
            return known[1]

        async def load() -> None:
            if len(self._known) >= _MAX_STATIONS:
                self._known.clear()
            self._known[state.station.id] = (now_ms, _found(await self._variables(state)))

        raise NotLoaded(load)

    def known(self, state: StationState, now_ms: int) -> frozenset[str]:
        """Give what the station could do some minutes ago, which costs less than to read it again. Raises NotLoaded."""
        found = self._known.get(state.station.id)
        return found[1] if found is not None and now_ms - found[0] < KNOWN_MS else self.of(state, now_ms)

    async def _variables(self, state: StationState) -> list[Variable]:
        found: list[Variable] = []
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await self._records.variables(state.station.tenant_id, state.station.id, cursor=cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        return found


def _found(variables: list[Variable]) -> frozenset[str]:
    on = {
        (item.component, item.variable, item.variable_instance)
        for item in variables
        if item.attribute == "Actual" and (item.actual_value or "").casefold() == _YES
    }
    tariff = ("TariffCostCtrlr", "Available", "Tariff") in on or ("TariffCostCtrlr", "Enabled", "Tariff") in on
    display = ("DisplayMessageCtrlr", "Available", "") in on or ("DisplayMessageCtrlr", "Enabled", "") in on
    able = set()
    if tariff or display:
        able.add(TARIFF_TEXT)
    if ("TariffCostCtrlr", "Enabled", "Tariff") in on and ("TariffCostCtrlr", "Enabled", "Cost") in on:
        able.add(LOCAL_COST)
    if ("V2XChargingCtrlr", "Enabled", "") in on and ("ISO15118Ctrlr", "Enabled", "") in on:
        able.add(V2X)
    if (OCPP16_COMPONENT, "CustomDisplayCostAndPrice", "") in on:
        able.add(COST_MESSAGES)
    return frozenset(able)
