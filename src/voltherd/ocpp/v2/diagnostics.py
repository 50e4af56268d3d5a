"""Diagnostics and monitoring (functional block N)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import (
    CustomerInformationStatusEnumType,
    GenericDeviceModelStatusEnumType,
    GenericStatusEnumType,
    LogEnumType,
    LogStatusEnumType,
    MonitoringBaseEnumType,
    MonitoringCriterionEnumType,
    UploadLogStatusEnumType,
)
from voltherd.ocpp.v2.scalars import IntFrom0, Text64, Text255, Text512
from voltherd.ocpp.v2.types import (
    CertificateHashDataType,
    ClearMonitoringResultType,
    ComponentVariableType,
    ConstantStreamDataType,
    EventDataType,
    IdTokenType,
    LogParametersType,
    MonitoringDataType,
    PeriodicEventStreamParamsType,
    SetMonitoringDataType,
    SetMonitoringResultType,
    StatusInfoType,
    StreamDataElementType,
)


class AdjustPeriodicEventStreamRequest(WireType, kw_only=True):
    """Changes how often a stream sends. CSMS to station. Since 2.1."""

    id: IntFrom0
    params: PeriodicEventStreamParamsType
    custom_data: CustomDataType | UnsetType = UNSET


class AdjustPeriodicEventStreamResponse(WireType, kw_only=True):
    """Answer to `AdjustPeriodicEventStream`. Since 2.1."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearVariableMonitoringRequest(WireType, kw_only=True):
    """Removes monitors. CSMS to station."""

    id: Annotated[list[int], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class ClearVariableMonitoringResponse(WireType, kw_only=True):
    """Answer to `ClearVariableMonitoring`."""

    clear_monitoring_result: Annotated[list[ClearMonitoringResultType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class ClosePeriodicEventStreamRequest(WireType, kw_only=True):
    """Ends a stream. Station to CSMS. Since 2.1."""

    id: IntFrom0
    custom_data: CustomDataType | UnsetType = UNSET


class ClosePeriodicEventStreamResponse(WireType, kw_only=True):
    """Answer to `ClosePeriodicEventStream`. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class CustomerInformationRequest(WireType, kw_only=True):
    """Asks for, or for the removal of, what is stored about a customer. CSMS to station."""

    request_id: int
    report: bool
    clear: bool
    customer_certificate: CertificateHashDataType | UnsetType = UNSET
    id_token: IdTokenType | UnsetType = UNSET
    customer_identifier: Text64 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class CustomerInformationResponse(WireType, kw_only=True):
    """Answer to `CustomerInformation`."""

    status: CustomerInformationStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetLogRequest(WireType, kw_only=True):
    """Asks for an upload of a log. CSMS to station."""

    log: LogParametersType
    log_type: LogEnumType
    request_id: int
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetLogResponse(WireType, kw_only=True):
    """Answer to `GetLog`."""

    status: LogStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    filename: Text255 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetMonitoringReportRequest(WireType, kw_only=True):
    """Asks for a report of monitors. CSMS to station."""

    request_id: int
    component_variable: Annotated[list[ComponentVariableType], Meta(min_length=1)] | UnsetType = UNSET
    monitoring_criteria: Annotated[list[MonitoringCriterionEnumType], Meta(min_length=1, max_length=3)] | UnsetType = (
        UNSET
    )
    custom_data: CustomDataType | UnsetType = UNSET


class GetMonitoringReportResponse(WireType, kw_only=True):
    """Answer to `GetMonitoringReport`."""

    status: GenericDeviceModelStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetPeriodicEventStreamRequest(WireType, kw_only=True):
    """Asks which streams are open. CSMS to station. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class GetPeriodicEventStreamResponse(WireType, kw_only=True):
    """Answer to `GetPeriodicEventStream`. Since 2.1."""

    constant_stream_data: Annotated[list[ConstantStreamDataType], Meta(min_length=1)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class LogStatusNotificationRequest(WireType, kw_only=True):
    """Reports how the upload of a log goes. Station to CSMS."""

    status: UploadLogStatusEnumType
    request_id: int | UnsetType = UNSET
    status_info: StatusInfoType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class LogStatusNotificationResponse(WireType, kw_only=True):
    """Answer to `LogStatusNotification`."""

    custom_data: CustomDataType | UnsetType = UNSET


class NotifyCustomerInformationRequest(WireType, kw_only=True):
    """Delivers one part of what is stored about a customer. Station to CSMS."""

    data: Text512
    seq_no: int
    generated_at: Timestamp
    request_id: int
    tbc: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyCustomerInformationResponse(WireType, kw_only=True):
    """Answer to `NotifyCustomerInformation`."""

    custom_data: CustomDataType | UnsetType = UNSET


class NotifyEventRequest(WireType, kw_only=True):
    """Reports events of monitored variables. Station to CSMS."""

    generated_at: Timestamp
    seq_no: int
    event_data: Annotated[list[EventDataType], Meta(min_length=1)]
    tbc: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyEventResponse(WireType, kw_only=True):
    """Answer to `NotifyEvent`."""

    custom_data: CustomDataType | UnsetType = UNSET


class NotifyMonitoringReportRequest(WireType, kw_only=True):
    """Delivers one part of a report of monitors. Station to CSMS."""

    request_id: int
    seq_no: int
    generated_at: Timestamp
    monitor: Annotated[list[MonitoringDataType], Meta(min_length=1)] | UnsetType = UNSET
    tbc: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyMonitoringReportResponse(WireType, kw_only=True):
    """Answer to `NotifyMonitoringReport`."""

    custom_data: CustomDataType | UnsetType = UNSET


class NotifyPeriodicEventStreamRequest(WireType, kw_only=True):
    """Sends the readings of a stream; nothing answers it. Station to CSMS. Since 2.1."""

    data: Annotated[list[StreamDataElementType], Meta(min_length=1)]
    id: IntFrom0
    pending: IntFrom0
    basetime: Timestamp
    custom_data: CustomDataType | UnsetType = UNSET


class OpenPeriodicEventStreamRequest(WireType, kw_only=True):
    """Opens a stream of readings of one variable. Station to CSMS. Since 2.1."""

    constant_stream_data: ConstantStreamDataType
    custom_data: CustomDataType | UnsetType = UNSET


class OpenPeriodicEventStreamResponse(WireType, kw_only=True):
    """Answer to `OpenPeriodicEventStream`. Since 2.1."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetMonitoringBaseRequest(WireType, kw_only=True):
    """Switches to a base set of monitors. CSMS to station."""

    monitoring_base: MonitoringBaseEnumType
    custom_data: CustomDataType | UnsetType = UNSET


class SetMonitoringBaseResponse(WireType, kw_only=True):
    """Answer to `SetMonitoringBase`."""

    status: GenericDeviceModelStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetMonitoringLevelRequest(WireType, kw_only=True):
    """Sets down to which severity events are reported. CSMS to station."""

    severity: int
    custom_data: CustomDataType | UnsetType = UNSET


class SetMonitoringLevelResponse(WireType, kw_only=True):
    """Answer to `SetMonitoringLevel`."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetVariableMonitoringRequest(WireType, kw_only=True):
    """Sets monitors on variables. CSMS to station."""

    set_monitoring_data: Annotated[list[SetMonitoringDataType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class SetVariableMonitoringResponse(WireType, kw_only=True):
    """Answer to `SetVariableMonitoring`."""

    set_monitoring_result: Annotated[list[SetMonitoringResultType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET
