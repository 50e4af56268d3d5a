"""Logs, security events and customer information in OCPP 2.0.1 and 2.1 (N01, A04, N09, N10)."""

from typing import Final

from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.diagnostics import CertificateHash, GetCustomerInformation, GetLog, LogType
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    CustomerInformationRequest,
    CustomerInformationResponse,
    GetLogRequest,
    GetLogResponse,
    LogStatusNotificationRequest,
    LogStatusNotificationResponse,
    NotifyCustomerInformationRequest,
    NotifyCustomerInformationResponse,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
)
from voltherd.ocpp.v2.enums import LogEnumType
from voltherd.ocpp.v2.types import CertificateHashDataType, IdTokenType, LogParametersType
from voltherd.ocpp.version import OcppVersion
from voltherd.services.customer_information import AskedAbout
from voltherd.services.logs import Asked

_LOG_NOTED: Final = LogStatusNotificationResponse()
_EVENT_NOTED: Final = SecurityEventNotificationResponse()
_PART_NOTED: Final = NotifyCustomerInformationResponse()
_TYPES: Final[dict[LogType, LogEnumType]] = {
    "diagnostics": "DiagnosticsLog",
    "security": "SecurityLog",
    "data_collector": "DataCollectorLog",
}
_NAMES: Final[dict[str, str]] = {wire: name for name, wire in _TYPES.items()}

# -- logs -------------------------------------------------------------------------------------------------------------


@routes.translate
async def get_log(caller: Caller, command: GetLog) -> Outcome:
    """Ask for a log (N01); `AcceptedCanceled` ends the upload before it (N01.FR.12)."""
    if command.type == "data_collector" and caller.version is OcppVersion.V201:
        raise NotSupportedByVersion("OCPP 2.0.1 has no log of a data collector.")
    request = GetLogRequest(
        log_type=_TYPES[command.type],
        request_id=caller.request_id,
        retries=UNSET if command.retries is None else command.retries,
        retry_interval=UNSET if command.retry_interval_s is None else command.retry_interval_s,
        log=LogParametersType(
            remote_location=await caller.services.diagnostics.logs.location(command),
            oldest_timestamp=command.oldest_at or UNSET,
            latest_timestamp=command.latest_at or UNSET,
        ),
    )
    return outcome(await caller.call(request, GetLogResponse), accepted=("Accepted", "AcceptedCanceled"))


@routes.learn
def log_asked(here: Here, request: GetLogRequest, response: GetLogResponse) -> None:
    """Record what was asked for."""
    asked = Asked(
        request_id=request.request_id,
        type=_NAMES[request.log_type],
        location=request.log.remote_location,
        status=response.status,
        file_name=text(response.filename),
    )
    here.services.diagnostics.logs.asked(here.state, here.work, asked)


@routes.handle()
def log_status(here: Here, request: LogStatusNotificationRequest) -> LogStatusNotificationResponse:
    """Record how an upload goes (N01.FR.07-10, .13)."""
    number, info = request.request_id, request.status_info
    here.services.diagnostics.logs.status(
        here.state,
        here.work,
        number if number is not UNSET else None,
        request.status,
        " ".join(filter(None, (info.reason_code, text(info.additional_info)))) if info is not UNSET else "",
    )
    return _LOG_NOTED


# -- security events --------------------------------------------------------------------------------------------------


@routes.handle()
def security_event(here: Here, request: SecurityEventNotificationRequest) -> SecurityEventNotificationResponse:
    """Record a security event (A04)."""
    here.services.diagnostics.events.security(
        here.state, here.work, request.type, request.timestamp, text(request.tech_info)
    )
    return _EVENT_NOTED


# -- customer information ---------------------------------------------------------------------------------------------


@routes.translate
async def get_customer_information(caller: Caller, command: GetCustomerInformation) -> Outcome:
    """Ask for, or for the removal of, what is held about a customer (N09, N10), named in one way (N09.FR.04)."""
    named = [command.id_token, command.certificate, command.customer_identifier]
    if sum(item is not None for item in named) != 1:
        words = "Name the customer by exactly one of id_token, certificate and customer_identifier."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    if not command.report and not command.clear:
        raise PayloadInvalid("Ask for a report, for clearing, or for both.", "PropertyConstraintViolation")
    request = CustomerInformationRequest(
        request_id=caller.request_id,
        report=command.report,
        clear=command.clear,
        id_token=UNSET
        if command.id_token is None
        else IdTokenType(id_token=command.id_token, type=command.id_token_type),
        customer_certificate=UNSET if command.certificate is None else _hashes(command.certificate),
        customer_identifier=UNSET if command.customer_identifier is None else command.customer_identifier,
    )
    return outcome(await caller.call(request, CustomerInformationResponse))


def _hashes(certificate: CertificateHash) -> CertificateHashDataType:
    return CertificateHashDataType(
        hash_algorithm=certificate.hash_algorithm,
        issuer_name_hash=certificate.issuer_name_hash,
        issuer_key_hash=certificate.issuer_key_hash,
        serial_number=certificate.serial_number,
    )


@routes.learn
def customer_information_asked(
    here: Here, request: CustomerInformationRequest, response: CustomerInformationResponse
) -> None:
    """Record what was asked for and how the station answered."""
    asked = AskedAbout(
        request_id=request.request_id,
        report=request.report,
        clear=request.clear,
        customer=_customer(request),
        id_token=request.id_token.id_token if request.id_token is not UNSET else None,
        status=response.status,
    )
    here.services.diagnostics.customers.asked(here.state, here.work, asked)


def _customer(request: CustomerInformationRequest) -> str:
    if request.id_token is not UNSET:
        return f"id_token {request.id_token.id_token}"
    if request.customer_certificate is not UNSET:
        return f"certificate {request.customer_certificate.serial_number}"
    if request.customer_identifier is not UNSET:
        return f"customer_identifier {request.customer_identifier}"
    return "nobody"


@routes.handle()
def notify_customer_information(
    here: Here, request: NotifyCustomerInformationRequest
) -> NotifyCustomerInformationResponse:
    """Record one part of what is held about a customer (N09.FR.05, N10.FR.06)."""
    here.services.diagnostics.customers.part(
        here.state, here.work, request.request_id, request.seq_no, request.data, last=request.tbc is not True
    )
    return _PART_NOTED
