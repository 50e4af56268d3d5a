"""The device model: components and variables of 2.x, and the configuration keys of 1.6 in the same shape."""

from typing import Literal

from msgspec import Struct

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
