"""Firmware updates in OCPP 2.0.1 and 2.1."""

from msgspec import UNSET, UnsetType

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.firmware import PublishFirmware, UnpublishFirmware, UpdateFirmware
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    FirmwareStatusNotificationRequest,
    FirmwareStatusNotificationResponse,
    PublishFirmwareRequest,
    PublishFirmwareResponse,
    PublishFirmwareStatusNotificationRequest,
    PublishFirmwareStatusNotificationResponse,
    UnpublishFirmwareRequest,
    UnpublishFirmwareResponse,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
)
from voltherd.ocpp.v2.types import FirmwareType, StatusInfoType
from voltherd.services.firmware import Wanted

_DONE = FirmwareStatusNotificationResponse()
_PUBLISHED_DONE = PublishFirmwareStatusNotificationResponse()


def _number(value: int | None) -> int | UnsetType:
    return UNSET if value is None else value


def words_of(info: StatusInfoType | UnsetType) -> str:
    """Give a statusInfo in one line, empty where there is none."""
    if info is UNSET:
        return ""
    return ": ".join(part for part in (info.reason_code, text(info.additional_info)) if part)


@routes.translate
async def update_firmware(caller: Caller, command: UpdateFirmware) -> Outcome:
    """Ask for an update: secure with a certificate and signature (L01), else plain (L02)."""
    if (command.signature is None) != (command.signing_certificate is None):
        words = "A signature and the certificate it was made with go together; name both or none."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    instant = caller.services.firmware.instant
    firmware = FirmwareType(
        location=command.location,
        retrieve_date_time=instant(command.retrieve_at, "retrieve_at"),
        install_date_time=UNSET if command.install_at is None else instant(command.install_at, "install_at"),
        signing_certificate=command.signing_certificate or UNSET,
        signature=command.signature or UNSET,
    )
    request = UpdateFirmwareRequest(
        request_id=caller.request_id,
        firmware=firmware,
        retries=_number(command.retries),
        retry_interval=_number(command.retry_interval_s),
    )
    answer = await caller.call(request, UpdateFirmwareResponse)
    return outcome(answer, accepted=("Accepted", "AcceptedCanceled"))


@routes.learn
def updating(here: Here, request: UpdateFirmwareRequest, response: UpdateFirmwareResponse) -> None:
    """Record an update and what was said to it."""
    firmware = request.firmware
    wanted = Wanted(
        request_id=request.request_id,
        location=firmware.location,
        retrieve_at=firmware.retrieve_date_time,
        install_at=text(firmware.install_date_time),
        signed=firmware.signature is not UNSET,
    )
    info = words_of(response.status_info)
    here.services.firmware.answered(here.state, here.work, wanted, response.status, info)


@routes.handle()
def firmware_status(here: Here, request: FirmwareStatusNotificationRequest) -> FirmwareStatusNotificationResponse:
    """Record how far an update is (L01.FR.01), whatever its requestId."""
    number = request.request_id if request.request_id is not UNSET else None
    here.services.firmware.status(here.state, here.work, number, request.status, words_of(request.status_info))
    return _DONE


@routes.translate
async def publish_firmware(caller: Caller, command: PublishFirmware) -> Outcome:
    """Let a local controller offer firmware (L03)."""
    request = PublishFirmwareRequest(
        location=command.location,
        checksum=command.checksum,
        request_id=caller.request_id,
        retries=_number(command.retries),
        retry_interval=_number(command.retry_interval_s),
    )
    return outcome(await caller.call(request, PublishFirmwareResponse))


@routes.learn
def publishing(here: Here, request: PublishFirmwareRequest, response: PublishFirmwareResponse) -> None:
    """Record a publication and what was said to it."""
    here.services.firmware.publishing(
        here.state, here.work, request.request_id, request.location, request.checksum, response.status
    )


@routes.handle()
def publication_status(
    here: Here, request: PublishFirmwareStatusNotificationRequest
) -> PublishFirmwareStatusNotificationResponse:
    """Record how far a publication is (L03.FR.01)."""
    here.services.firmware.published(
        here.state,
        here.work,
        request.request_id if request.request_id is not UNSET else None,
        request.status,
        list(request.location) if request.location is not UNSET else [],
        words_of(request.status_info),
    )
    return _PUBLISHED_DONE


@routes.translate
async def unpublish_firmware(caller: Caller, command: UnpublishFirmware) -> Outcome:
    """Let a local controller stop offering firmware (L04); `NoFirmware` means there was none to begin with."""
    request = UnpublishFirmwareRequest(checksum=command.checksum)
    return outcome(await caller.call(request, UnpublishFirmwareResponse), accepted=("Unpublished",))


@routes.learn
def unpublishing(here: Here, request: UnpublishFirmwareRequest, response: UnpublishFirmwareResponse) -> None:
    """Record the end of a publication."""
    here.services.firmware.unpublished(here.state, here.work, request.checksum, response.status)
