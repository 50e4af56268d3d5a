"""SetNetworkProfile of 2.x (B09)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.network_profile import NetworkProfile, Unsuitable
from voltherd.station.v2.words import given, info, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("SetNetworkProfile")
def set_network_profile(core: StationCore, request: v2.SetNetworkProfileRequest) -> v2.SetNetworkProfileResponse:
    """OCPP 2.0.1 B09; the version is agreed upon when connecting, whatever the profile says."""
    data = request.connection_data
    if data.ocpp_transport != "JSON":
        why = info("UnsupportedParam", "OCPP is spoken over WebSockets in JSON only")
        return v2.SetNetworkProfileResponse(status="Rejected", status_info=why)
    profile = NetworkProfile(
        url=data.ocpp_csms_url,
        security_profile=data.security_profile,
        message_timeout_s=data.message_timeout,
        interface=data.ocpp_interface,
        identity=given(data.identity),
        password=given(data.basic_auth_password),
        apn=data.apn is not UNSET,
        vpn=data.vpn is not UNSET,
    )
    try:
        core.network.set_profile(str(request.configuration_slot), profile)
    except Unsuitable as error:
        return v2.SetNetworkProfileResponse(status="Rejected", status_info=info(error.reason, str(error)))
    return v2.SetNetworkProfileResponse(status="Accepted")
