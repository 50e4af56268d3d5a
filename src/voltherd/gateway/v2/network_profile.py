"""Network profiles in OCPP 2.0.1 and 2.1, and moving a station to another CSMS with them."""

from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid, StationError
from voltherd.domain.network_profile import Apn, Connection, MigrateCsms, SetNetworkProfile, State, Vpn
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    GetVariablesRequest,
    GetVariablesResponse,
    ResetRequest,
    ResetResponse,
    SetNetworkProfileRequest,
    SetNetworkProfileResponse,
    SetVariablesRequest,
    SetVariablesResponse,
)
from voltherd.ocpp.v2.enums import OCPPVersionEnumType
from voltherd.ocpp.v2.types import (
    APNType,
    ComponentType,
    GetVariableDataType,
    NetworkConnectionProfileType,
    SetVariableDataType,
    VariableType,
    VPNType,
)
from voltherd.ocpp.version import OcppVersion
from voltherd.services.network_profiles import ACTIVE, COMPONENT, PRIORITY, numbers

_VERSIONS: Final[dict[str, OCPPVersionEnumType]] = {"1.6": "OCPP16", "2.0.1": "OCPP201", "2.1": "OCPP21"}
_SPOKEN: Final[dict[str, Literal["1.6", "2.0.1", "2.1"]]] = {
    "OCPP16": "1.6",
    "OCPP20": "2.0.1",
    "OCPP201": "2.0.1",
    "OCPP21": "2.1",
}
_STATES: Final[dict[str, State]] = {"Accepted": "set", "Rejected": "rejected", "Failed": "failed"}
_WRITTEN: Final = ("Accepted", "RebootRequired")
_RESTARTS: Final = ("Accepted", "Scheduled")


@routes.translate
async def set_network_profile(caller: Caller, command: SetNetworkProfile) -> Outcome:
    """Store a profile in a slot (B09)."""
    return outcome(await _set_profile(caller, command.slot, command.connection))


async def _set_profile(caller: Caller, slot: int, connection: Connection) -> SetNetworkProfileResponse:
    request = SetNetworkProfileRequest(
        configuration_slot=slot, connection_data=_connection_data(connection, caller.version)
    )
    return await caller.call(request, SetNetworkProfileResponse)


@routes.learn
def profile_told(here: Here, request: SetNetworkProfileRequest, response: SetNetworkProfileResponse) -> None:
    """Record the profile that a slot was given, without its passwords, and what the station said (B09)."""
    info = response.status_info
    reason = "" if info is UNSET else f"{info.reason_code} {text(info.additional_info)}".strip()
    here.services.network_profiles.told(
        here.state,
        here.work,
        request.configuration_slot,
        _connection(request.connection_data),
        _STATES[response.status],
        reason,
    )
    if response.status == "Accepted":
        here.services.credentials.profile_taken(here.state, here.work, request.connection_data.security_profile)


@routes.translate
async def migrate_csms(caller: Caller, command: MigrateCsms) -> Outcome:
    """Move the station to another CSMS, with the present way to fall back to (B09, B10)."""
    return await _Migration(caller, command).run()


class _Migration:
    """One move, step by step; what was changed is put back where a later step is refused or not answered."""

    def __init__(self, caller: Caller, command: MigrateCsms) -> None:
        self._caller = caller
        self._command = command
        self._steps: list[dict[str, Any]] = []
        self._said: dict[str, Any] = {}

    async def run(self) -> Outcome:
        before, active = await self._present()
        slot = await self._slot(before, active)
        self._said = {"slot": slot, "priority_before": ",".join(before), "active_slot_before": active}
        answer = await _set_profile(self._caller, slot, self._command.connection)
        self._note("set-network-profile", answer.status, f"slot {slot}: {self._command.connection.csms_url}")
        if answer.status != "Accepted":
            return self._outcome(answer.status)
        first = [str(slot), *(item for item in before if item != str(slot))]
        status = await self._put_first(first, before)
        if status not in _WRITTEN or not self._command.restart:
            return self._outcome("Accepted" if status in _WRITTEN else status)
        return self._outcome(await self._restart(before))

    async def _present(self) -> tuple[list[str], str]:
        """Read the order of the slots and the one in use. Raises PayloadInvalid where the order cannot be read."""
        items = [
            GetVariableDataType(component=ComponentType(name=COMPONENT), variable=VariableType(name=name))
            for name in (PRIORITY, ACTIVE)
        ]
        values = {}
        for item in items:
            answer = await self._caller.call(GetVariablesRequest(get_variable_data=[item]), GetVariablesResponse)
            result = answer.get_variable_result[0]
            values[item.variable.name] = text(result.attribute_value) if result.attribute_status == "Accepted" else ""
        order = numbers(values[PRIORITY])
        self._note("read-priority", "Accepted" if order else "Unknown", values[PRIORITY])
        if not order:
            words = f"The station does not tell its {PRIORITY}: without a way back it is not sent away."
            raise PayloadInvalid(words, "PropertyConstraintViolation")
        return order, values[ACTIVE].strip()

    async def _slot(self, order: list[str], active: str) -> int:
        """Give the slot for the new profile. Raises PayloadInvalid where it is in use or there is none."""
        wanted = self._command.slot
        if wanted is not None:
            in_use = active or order[0]
            if str(wanted) == in_use:
                raise PayloadInvalid(
                    f"Slot {wanted} is the one in use: it is the way back.", "PropertyConstraintViolation"
                )
            return wanted
        slots = await self._caller.services.network_profiles.slots(self._caller.state)
        free = [item for item in slots if item not in order and item != active and item.isdigit()]
        if not free:
            known = (
                f"of {', '.join(slots)} none" if slots else "which there are is not known (get-report tells), so none"
            )
            words = f"No slot is free: {known} is outside {PRIORITY} {','.join(order)}. Name the slot to be replaced."
            raise PayloadInvalid(words, "PropertyConstraintViolation")
        return int(free[0])

    async def _put_first(self, order: list[str], before: list[str]) -> str:
        """Set the order; one that was refused or not answered leaves the old one, which is made sure of."""
        try:
            status = await self._set_order(order)
        except StationError as error:
            self._note("set-priority", "NoAnswer", str(error))
            await self._put_back(before)
            raise
        self._note("set-priority", status, ",".join(order))
        return status

    async def _restart(self, before: list[str]) -> str:
        try:
            answer = await self._caller.call(ResetRequest(type="OnIdle"), ResetResponse)
        except StationError as error:
            self._note("reset", "NoAnswer", str(error))
            await self._put_back(before)
            return "Failed"
        sessions = len(self._caller.state.active())
        self._note("reset", answer.status, f"{sessions} sessions are running" if sessions else "")
        if answer.status not in _RESTARTS:
            await self._put_back(before)
        return answer.status

    async def _put_back(self, before: list[str]) -> None:
        try:
            status = await self._set_order(before)
        except StationError as error:
            self._note("put-back", "NoAnswer", f"{error} The order of its slots is to be looked at.")
        else:
            self._note("put-back", status, ",".join(before))

    async def _set_order(self, order: list[str]) -> str:
        wanted = SetVariableDataType(
            component=ComponentType(name=COMPONENT),
            variable=VariableType(name=PRIORITY),
            attribute_value=",".join(order),
        )
        answer = await self._caller.call(SetVariablesRequest(set_variable_data=[wanted]), SetVariablesResponse)
        return answer.set_variable_result[0].attribute_status

    def _note(self, step: str, status: str, detail: str) -> None:
        self._steps.append({"step": step, "status": status, "detail": detail})

    def _outcome(self, status: str) -> Outcome:
        answer = {"status": status, **self._said, "steps": self._steps}
        return Outcome(accepted=status in _RESTARTS, status=status, answer=answer)


def _connection_data(connection: Connection, version: OcppVersion) -> NetworkConnectionProfileType:
    """Write a profile. Raises NotSupportedByVersion for what came with 2.1."""
    if version is OcppVersion.V201 and (connection.identity or connection.basic_auth_password):
        raise NotSupportedByVersion("OCPP 2.0.1 has no identity and no password in a network profile; 2.1 has.")
    return NetworkConnectionProfileType(
        ocpp_transport=connection.transport,
        ocpp_csms_url=connection.csms_url,
        message_timeout=connection.message_timeout_s,
        security_profile=connection.security_profile,
        ocpp_interface=connection.interface,
        ocpp_version=_version(connection.ocpp_version, version),
        identity=_given(connection.identity),
        basic_auth_password=_given(connection.basic_auth_password),
        vpn=UNSET if connection.vpn is None else _vpn(connection.vpn),
        apn=UNSET if connection.apn is None else _apn(connection.apn),
    )


def _version(wanted: str | None, spoken: OcppVersion) -> OCPPVersionEnumType | UnsetType:
    """Name the version; 2.0.1 knows one word for all of 2.x, and always wants one."""
    if spoken is OcppVersion.V201:
        return "OCPP16" if wanted == "1.6" else "OCPP20"
    return UNSET if wanted is None else _VERSIONS[wanted]


def _vpn(vpn: Vpn) -> VPNType:
    return VPNType(
        server=vpn.server,
        user=vpn.user,
        password=vpn.password,
        key=vpn.key,
        type=vpn.type,
        group=_given(vpn.group),
    )


def _apn(apn: Apn) -> APNType:
    return APNType(
        apn=apn.apn,
        apn_authentication=apn.authentication,
        apn_user_name=_given(apn.user_name),
        apn_password=_given(apn.password),
        sim_pin=UNSET if apn.sim_pin is None else apn.sim_pin,
        preferred_network=_given(apn.preferred_network),
        use_only_preferred_network=UNSET if apn.use_only_preferred_network is None else apn.use_only_preferred_network,
    )


def _given(value: str | None) -> str | UnsetType:
    return UNSET if value is None else value


def _connection(data: NetworkConnectionProfileType) -> Connection:
    """Read a profile back, as it was sent."""
    return Connection(
        csms_url=data.ocpp_csms_url,
        security_profile=data.security_profile,
        interface=data.ocpp_interface,
        message_timeout_s=data.message_timeout,
        transport=data.ocpp_transport,
        ocpp_version=None if data.ocpp_version is UNSET else _SPOKEN.get(data.ocpp_version),
        identity=_or_none(data.identity),
        basic_auth_password=_or_none(data.basic_auth_password),
        vpn=_vpn_of(data.vpn),
        apn=_apn_of(data.apn),
    )


def _vpn_of(vpn: VPNType | UnsetType) -> Vpn | None:
    if vpn is UNSET:
        return None
    group = _or_none(vpn.group)
    return Vpn(server=vpn.server, user=vpn.user, password=vpn.password, key=vpn.key, type=vpn.type, group=group)


def _apn_of(apn: APNType | UnsetType) -> Apn | None:
    if apn is UNSET:
        return None
    return Apn(
        apn=apn.apn,
        authentication=apn.apn_authentication,
        user_name=_or_none(apn.apn_user_name),
        password=_or_none(apn.apn_password),
        preferred_network=_or_none(apn.preferred_network),
        use_only_preferred_network=None if apn.use_only_preferred_network is UNSET else apn.use_only_preferred_network,
    )


def _or_none(value: str | UnsetType) -> str | None:
    return None if value is UNSET else value
