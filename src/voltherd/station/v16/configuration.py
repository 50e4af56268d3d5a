"""GetConfiguration and ChangeConfiguration of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.station.setting import Setting
from voltherd.station.v16.words import serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("GetConfiguration")
def get_configuration(core: StationCore, request: v16.GetConfigurationRequest) -> v16.GetConfigurationResponse:
    """OCPP 1.6, 5.8.

    Raises:
        OcppError: more keys than GetConfigurationMaxKeys.
    """
    if request.key is UNSET or not request.key:
        known = [_key_value(core, s) for s in core.settings if s.key is not None]
        return v16.GetConfigurationResponse(configuration_key=known)
    if len(request.key) > core.settings.number("get_max_keys"):
        most = core.settings.text("get_max_keys")
        raise OcppError(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, f"More than {most} keys")
    found = [(key, core.settings.by_key(key)) for key in request.key]
    return v16.GetConfigurationResponse(
        configuration_key=[_key_value(core, s) for _, s in found if s is not None] or UNSET,
        unknown_key=[key for key, s in found if s is None] or UNSET,
    )


def _key_value(core: StationCore, setting: Setting) -> v16.KeyValue:
    assert setting.key is not None
    hidden = setting.access == "WriteOnly"
    value = UNSET if hidden else core.settings.text(setting.name)
    return v16.KeyValue(key=setting.key, readonly=setting.access == "ReadOnly", value=value)


@serves("ChangeConfiguration")
def change_configuration(core: StationCore, request: v16.ChangeConfigurationRequest) -> v16.ChangeConfigurationResponse:
    """OCPP 1.6, 5.3."""
    setting = core.settings.by_key(request.key)
    if setting is None:
        return v16.ChangeConfigurationResponse(status="NotSupported")
    return v16.ChangeConfigurationResponse(status=core.settings.set(setting, request.value))
