"""The device model: components and variables of 2.x, and the configuration keys of 1.6 in the same shape."""

from typing import Literal

from msgspec import Struct, field

from voltherd.domain.station import DEFAULT_TENANT

OCPP16_COMPONENT = "OCPP16"
"""Component under which configuration keys of 1.6 are kept."""

ApplyState = Literal["reported", "wanted", "applied", "rejected", "reboot_required", "unknown_to_station"]


class Variable(Struct, kw_only=True):
    """One attribute of one variable of one component, as reported and as wanted."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    component: str
    component_instance: str = ""
    evse_no: int = -1
    """-1: the component names no EVSE (0 is the station itself)."""
    connector_no: int = -1
    variable: str
    variable_instance: str = ""
    attribute: str = "Actual"
    """Actual, Target, MinSet or MaxSet."""
    actual_value: str | None = None
    desired_value: str | None = None
    mutability: str | None = None
    persistent: bool | None = None
    constant: bool | None = None
    data_type: str | None = None
    unit: str | None = None
    min_limit: float | None = None
    max_limit: float | None = None
    values_list: str | None = None
    supports_monitoring: bool | None = None
    observed_at_ms: int | None = None
    apply_state: ApplyState = "reported"


MAX_PARTS = 10_000
"""Beyond this the numbers of parts are not believed."""


class Report(Struct):
    """A report on its way: parts, numbered from 0, come in any order; the last one says so."""

    at_ms: int
    """When something came of it last."""
    parts: set[int] = field(default_factory=set)
    last: int | None = None
    variables: int = 0
    began_ms: int = 0
    """When its first part came; 0: none has."""

    def came(self, seq_no: int, now_ms: int, *, last: bool) -> None:
        """Note that a part came."""
        self.at_ms, self.began_ms = now_ms, self.began_ms or now_ms
        self.parts.add(seq_no)
        if last:
            self.last = seq_no

    @property
    def is_complete(self) -> bool:
        """Whether the last part was marked and none before it is missing."""
        return self.last is not None and not self.missing

    @property
    def missing(self) -> list[int]:
        """The parts before the last one (or the highest so far) that have not come."""
        end = self.last if self.last is not None else max(self.parts, default=-1)
        if end > MAX_PARTS:
            return []
        return sorted(set(range(end + 1)) - self.parts)
