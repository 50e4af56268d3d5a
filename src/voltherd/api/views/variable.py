"""The device model as the API shows it; configuration keys of OCPP 1.6 are variables of the component `OCPP16`."""

from msgspec import Struct

from voltherd.api.views.listed import instant
from voltherd.domain.device_model import Variable


class VariableView(Struct, kw_only=True):
    """One attribute of one variable: what the station reported and what was asked of it."""

    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    variable_instance: str | None
    attribute: str
    actual_value: str | None
    desired_value: str | None
    apply_state: str
    mutability: str | None
    persistent: bool | None
    constant: bool | None
    data_type: str | None
    unit: str | None
    min_limit: float | None
    max_limit: float | None
    values_list: str | None
    supports_monitoring: bool | None
    observed_at: str | None


def variable_view(variable: Variable) -> VariableView:
    """Show one variable."""
    return VariableView(
        component=variable.component,
        component_instance=variable.component_instance or None,
        evse_id=variable.evse_no if variable.evse_no >= 0 else None,
        connector_id=variable.connector_no if variable.connector_no >= 0 else None,
        variable=variable.variable,
        variable_instance=variable.variable_instance or None,
        attribute=variable.attribute,
        actual_value=variable.actual_value,
        desired_value=variable.desired_value,
        apply_state=variable.apply_state,
        mutability=variable.mutability,
        persistent=variable.persistent,
        constant=variable.constant,
        data_type=variable.data_type,
        unit=variable.unit,
        min_limit=variable.min_limit,
        max_limit=variable.max_limit,
        values_list=variable.values_list,
        supports_monitoring=variable.supports_monitoring,
        observed_at=instant(variable.observed_at_ms),
    )
