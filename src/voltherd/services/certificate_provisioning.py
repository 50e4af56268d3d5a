"""Passes an EV's request for a contract certificate on to the provisioning service that is configured (M01, M02)."""

import hashlib
from collections import OrderedDict
from typing import Final

import msgspec
from msgspec import Struct

from voltherd.services.ports import Web, WebError
from voltherd.services.settings import Iso15118, Settings
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded

MAX_WAITING: Final = 1000
MAX_EXI_CHARACTERS: Final = {False: 7500, True: 17_000}
"""Of an answer, in 2.0.1 and (True) 2.1."""
MAX_BYTES: Final = 64 * 1024
NO_SERVICE: Final = "no provisioning service is configured (setting iso15118)"


class EvRequest(Struct, kw_only=True, rename="camel", frozen=True, omit_defaults=True):
    """What is sent to the provisioning service, as JSON; names as on OCPP's wire."""

    station_id: str
    iso15118_schema_version: str
    action: str
    exi_request: str
    maximum_contract_certificate_chains: int | None = None
    prioritized_emaids: tuple[str, ...] | None = msgspec.field(default=None, name="prioritizedEMAIDs")


class EvAnswer(Struct, kw_only=True, rename="camel", frozen=True):
    """What the provisioning service answers, as JSON."""

    exi_response: str = ""
    status: str = "Accepted"
    remaining_contracts: int | None = None
    reason: str = ""
    """Why it failed, in words; ours, where there is no answer."""


class CertificateProvisioning:
    """Asks the provisioning service; the answer is kept only for the message that wanted it."""

    def __init__(self, web: Web, settings: Settings) -> None:
        self._web = web
        self._settings = settings
        self._answers: OrderedDict[tuple[int, bytes], EvAnswer] = OrderedDict()

    def answer(self, state: StationState, request: EvRequest, *, long_answers: bool) -> EvAnswer:
        """Give the service's answer, `Failed` where there is none. Raises NotLoaded until it was asked."""
        setting = self._settings.get(Iso15118, tenant_id=state.station.tenant_id)
        if setting.provisioning_service_url is None:
            return EvAnswer(status="Failed", reason=NO_SERVICE)
        body = msgspec.json.encode(request)
        key = (state.station.id, hashlib.sha256(body).digest())
        found = self._answers.pop(key, None)
        if found is None:

            async def load() -> None:
                self._answers[key] = await self._ask(setting, body)
                while len(self._answers) > MAX_WAITING:
                    self._answers.popitem(last=False)

            raise NotLoaded(load)
        longest = MAX_EXI_CHARACTERS[long_answers]
        if len(found.exi_response) > longest:
            words = f"the service's answer has {len(found.exi_response)} characters, {longest} are the most"
            return EvAnswer(status="Failed", reason=words)
        return found

    async def _ask(self, setting: Iso15118, body: bytes) -> EvAnswer:
        url = setting.provisioning_service_url or ""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            answer = await self._web.request(
                "POST", url, body=body, headers=headers, timeout_s=setting.provisioning_timeout_s, max_bytes=MAX_BYTES
            )
            if answer.status != 200:
                raise WebError(f"The provisioning service answered with the HTTP status {answer.status}.")
            found = msgspec.json.decode(answer.body, type=EvAnswer)
        except (WebError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            return EvAnswer(status="Failed", reason=str(error))
        failed = found.status != "Accepted" or not found.exi_response
        return EvAnswer(
            exi_response=found.exi_response,
            status="Failed" if failed else "Accepted",
            remaining_contracts=found.remaining_contracts,
            reason=found.reason,
        )
