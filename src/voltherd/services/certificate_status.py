"""What responders (OCSP) and revocation lists say of certificates: asked over HTTP and remembered a while.

Handlers cannot wait. They ask for what is remembered; what is not raises NotLoaded, whose `load` asks the responder and
remembers what came of it, so that the message finds it when it is handled again.
"""

import asyncio
import base64
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

from voltherd.domain.certificate import HashData, Standing
from voltherd.domain.certificate_reading import Said, ocsp_request, read_crl, read_ocsp
from voltherd.domain.errors import Invalid
from voltherd.services.ports import Web, WebError
from voltherd.services.settings import Iso15118, Settings
from voltherd.services.work import NotLoaded

Source = Literal["OCSP", "CRL"]
MAX_REMEMBERED: Final = 10_000
MAX_AGE_MS: Final = 3600_000
"""An answer is asked for anew after this, however long the responder says that it holds."""
FAILURE_AGE_MS: Final = 10_000
"""Long enough for the message that wanted it, short enough for the next one to try again."""
MAX_OCSP_BYTES: Final = 13_000
"""As Base64 it fits into the 18000 characters of an answer."""
MAX_CRL_BYTES: Final = 8 * 1024 * 1024


class Asked(NamedTuple):
    """One certificate, and where its status is to be had."""

    source: Source
    data: HashData
    urls: tuple[str, ...]


class Found(NamedTuple):
    """What came of asking: the answer as it came (Base64 of DER, OCSP only), or in words why there is none."""

    said: Said | None
    answer: str = ""
    failure: str = ""
    forget_ms: int = 0


class CertificateStatuses:
    """Asks responders and lists for the status of certificates."""

    def __init__(self, web: Web, settings: Settings, clock_ms: Callable[[], int]) -> None:
        self._web = web
        self._settings = settings
        self._clock_ms = clock_ms
        self._remembered: OrderedDict[Asked, Found] = OrderedDict()

    def known(self, wanted: Sequence[Asked]) -> list[Found]:
        """Give what is remembered of certificates. Raises NotLoaded where one must be asked for first."""
        now_ms = self._clock_ms()
        found = [self._remembered.get(asked) for asked in wanted]
        missing = [asked for asked, item in zip(wanted, found, strict=True) if item is None or item.forget_ms < now_ms]
        if missing:

            async def load() -> None:
                await self._ask_all(missing)

            raise NotLoaded(load)
        return [item for item in found if item is not None]

    def check(self, data: HashData, responder_url: str) -> Standing:
        """Say whether a certificate is good, revoked or unknown (also where nobody answered). Raises NotLoaded.

        For handlers: call it before anything is changed.
        """
        said = self.known([Asked("OCSP", data, (responder_url,))])[0].said
        return said.standing if said is not None else "unknown"

    async def _ask_all(self, wanted: Sequence[Asked]) -> None:
        """Ask for several at once; the time is for all together. Never raises: a failure is what is found."""
        setting = self._settings.get(Iso15118)
        deadline = asyncio.get_running_loop().time() + setting.ocsp_timeout_s
        results = await asyncio.gather(*(self._ask(asked, setting, deadline) for asked in wanted))
        for asked, found in zip(wanted, results, strict=True):
            self._remembered[asked] = found
            self._remembered.move_to_end(asked)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    async def _ask(self, asked: Asked, setting: Iso15118, deadline: float) -> Found:
        """Ask one address after the other until one has an answer (M07.FR.01)."""
        failure = "no address is given"
        for url in asked.urls:
            left_s = deadline - asyncio.get_running_loop().time()
            try:
                if left_s <= 0:
                    raise WebError(f"The time was over before {url} could be asked.")
                _allowed(url, setting.ocsp_responders)
                said, answer = await self._fetch(asked, url, left_s)
            except (Invalid, WebError) as error:
                failure = str(error)
            else:
                return Found(said, answer, forget_ms=self._forget_ms(said))
        return Found(None, failure=failure, forget_ms=self._clock_ms() + FAILURE_AGE_MS)

    def _forget_ms(self, said: Said) -> int:
        now_ms = self._clock_ms()
        until_ms = said.until_ms if said.until_ms is not None else now_ms + MAX_AGE_MS
        return max(now_ms + FAILURE_AGE_MS, min(until_ms, now_ms + MAX_AGE_MS))

    async def _fetch(self, asked: Asked, url: str, timeout_s: float) -> tuple[Said, str]:
        now_ms = self._clock_ms()
        if asked.source == "CRL":
            answer = await self._web.request("GET", url, timeout_s=timeout_s, max_bytes=MAX_CRL_BYTES)
            _expect_ok(url, answer.status)
            return read_crl(answer.body, asked.data, now_ms), ""
        answer = await self._web.request(
            "POST",
            url,
            body=ocsp_request(asked.data),
            headers={"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"},
            timeout_s=timeout_s,
            max_bytes=MAX_OCSP_BYTES,
        )
        _expect_ok(url, answer.status)
        return read_ocsp(answer.body, asked.data, now_ms), base64.b64encode(answer.body).decode()


def _expect_ok(url: str, status: int) -> None:
    if status != 200:
        raise WebError(f"{url} answered with the HTTP status {status}.")


def _allowed(url: str, hosts: Sequence[str]) -> None:
    """Refuse an address that stations may not make us ask. Raises Invalid."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        raise Invalid(f"{url!r} is no address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Invalid(f"{url!r} is no address of the web.")
    if hosts:
        if host not in {item.lower() for item in hosts}:
            raise Invalid(f"{host} is not among the responders that may be asked (setting iso15118).")
    elif _is_inside(host):
        raise Invalid(f"{host} is within the own network and not named in the setting iso15118.")


def _is_inside(host: str) -> bool:
    """Whether a host is within the own network, as far as its name or address tells."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
