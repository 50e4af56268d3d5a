"""Security in OCPP 1.6 (security whitepaper): the station's password."""

from typing import Final

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.gateway.routing import Caller
from voltherd.gateway.translating import outcome
from voltherd.ocpp.v16 import ChangeConfigurationRequest, ChangeConfigurationResponse

MAX_PASSWORD_BYTES: Final = 20


async def set_password(caller: Caller, password: str) -> Outcome:
    """Set the password of Basic auth; its bytes go as hexadecimal digits (whitepaper A01, key AuthorizationKey).

    To stations that take it as text only (interop trap 4) it goes as text.

    Raises PayloadInvalid where it has more than the 20 bytes that 1.6 allows.
    """
    secret = password.encode()
    if len(secret) > MAX_PASSWORD_BYTES:
        words = f"A password has at most {MAX_PASSWORD_BYTES} bytes in OCPP 1.6; this one has {len(secret)}."
        raise PayloadInvalid(words, "PropertyConstraintViolation")
    value = password if caller.state.quirks.password_as_text else secret.hex()
    request = ChangeConfigurationRequest(key="AuthorizationKey", value=value)
    return outcome(await caller.call(request, ChangeConfigurationResponse), accepted=("Accepted", "RebootRequired"))
