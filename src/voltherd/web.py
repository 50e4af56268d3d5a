"""Requests of ours to web services of others (OCSP responders, provisioning of contracts): bounded in time and size."""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache

import httpx

from voltherd.services.ports import WebAnswer, WebError


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class WebClient:
    """Implements `services.ports.Web`. Connections are not kept, redirects are not followed."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout_s: float,
        max_bytes: int = 1024 * 1024,
    ) -> WebAnswer:
        """Send a request and read the answer. Raises WebError."""
        try:
            async with asyncio.timeout(timeout_s):
                return await _exchange(method, url, body, headers or {}, max_bytes)
        except TimeoutError:
            raise WebError(f"{url} did not answer within {timeout_s:g} s.") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError) as error:
            raise WebError(f"{url} cannot be reached: {error or type(error).__name__}.") from None


async def _exchange(method: str, url: str, body: bytes, headers: Mapping[str, str], max_bytes: int) -> WebAnswer:
    target = httpx.URL(url)
    secure = _trust() if target.scheme == "https" else False
    async with (
        httpx.AsyncClient(verify=secure, timeout=None, follow_redirects=False) as client,
        client.stream(method, target, content=body or None, headers=dict(headers)) as response,
    ):
        found = bytearray()
        async for part in response.aiter_bytes():
            found += part
            if len(found) > max_bytes:
                raise WebError(f"{url} answered with more than {max_bytes} bytes.")
        return WebAnswer(response.status_code, bytes(found))
