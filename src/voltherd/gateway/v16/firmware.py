"""Firmware updates in OCPP 1.6: UpdateFirmware, and SignedUpdateFirmware of the security whitepaper."""

from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.firmware import UpdateFirmware
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v16.common import text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    FirmwareStatusNotificationRequest,
    FirmwareStatusNotificationResponse,
    SignedFirmwareStatusNotificationRequest,
    SignedFirmwareStatusNotificationResponse,
    SignedUpdateFirmwareRequest,
    SignedUpdateFirmwareResponse,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
)
from voltherd.ocpp.v16.types import Firmware as FirmwareType
from voltherd.services.firmware import Wanted

_DONE = FirmwareStatusNotificationResponse()
_SIGNED_DONE = SignedFirmwareStatusNotificationResponse()


@routes.translate
async def update_firmware(caller: Caller, command: UpdateFirmware) -> Outcome:
    """Ask for an update (OCPP 1.6 5.19); signed where a signature is given (whitepaper L01)."""
    if command.signature is not None or command.signing_certificate is not None:
        return await _signed(caller, command)
    if command.install_at is not None:
        raise NotSupportedByVersion("OCPP 1.6 knows install_at for signed firmware only; leave it out.")
    request = UpdateFirmwareRequest(
        location=command.location,
        retrieve_date=caller.services.firmware.instant(command.retrieve_at, "retrieve_at"),
        retries=UNSET if command.retries is None else command.retries,
        retry_interval=UNSET if command.retry_interval_s is None else command.retry_interval_s,
    )
    await caller.call(request, UpdateFirmwareResponse)
    return Outcome(accepted=True, status="Accepted")


async def _signed(caller: Caller, command: UpdateFirmware) -> Outcome:
    if command.signature is None or command.signing_certificate is None:
        words = "A signature and the certificate it was made with go together; name both or none."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    instant = caller.services.firmware.instant
    firmware = FirmwareType(
        location=command.location,
        retrieve_date_time=instant(command.retrieve_at, "retrieve_at"),
        install_date_time=UNSET if command.install_at is None else instant(command.install_at, "install_at"),
        signing_certificate=command.signing_certificate,
        signature=command.signature,
    )
    request = SignedUpdateFirmwareRequest(
        request_id=caller.request_id,
        firmware=firmware,
        retries=UNSET if command.retries is None else command.retries,
        retry_interval=UNSET if command.retry_interval_s is None else command.retry_interval_s,
    )
    answer = await caller.call(request, SignedUpdateFirmwareResponse)
    return outcome(answer, accepted=("Accepted", "AcceptedCanceled"))


@routes.learn
def updating(here: Here, request: UpdateFirmwareRequest, response: UpdateFirmwareResponse) -> None:
    """Record an update; 1.6 has no way to refuse one."""
    wanted = Wanted(request_id=None, location=request.location, retrieve_at=request.retrieve_date)
    here.services.firmware.answered(here.state, here.work, wanted, "Accepted")


@routes.learn
def updating_signed(here: Here, request: SignedUpdateFirmwareRequest, response: SignedUpdateFirmwareResponse) -> None:
    """Record a signed update and what was said to it."""
    firmware = request.firmware
    wanted = Wanted(
        request_id=request.request_id,
        location=firmware.location,
        retrieve_at=firmware.retrieve_date_time,
        install_at=text(firmware.install_date_time),
        signed=True,
    )
    here.services.firmware.answered(here.state, here.work, wanted, response.status)


@routes.handle()
def firmware_status(here: Here, request: FirmwareStatusNotificationRequest) -> FirmwareStatusNotificationResponse:
    """Record how far an update is (OCPP 1.6 4.5); 1.6 does not say which, so it is the one that is open."""
    here.services.firmware.status(here.state, here.work, None, request.status)
    return _DONE


@routes.handle()
def signed_firmware_status(
    here: Here, request: SignedFirmwareStatusNotificationRequest
) -> SignedFirmwareStatusNotificationResponse:
    """Record how far a signed update is (whitepaper L01)."""
    number = request.request_id if request.request_id is not UNSET else None
    here.services.firmware.status(here.state, here.work, number, request.status)
    return _SIGNED_DONE
