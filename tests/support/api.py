"""The REST API as an operator's program uses it, from within asynchronous tests."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from support.server import API_KEY

UNTIL_S = 15.0


class Api:
    """Calls of one server's API."""

    def __init__(self, http: str) -> None:
        self.client = httpx.AsyncClient(
            base_url=f"{http}/api/v1",
            headers={"Authorization": f"Bearer {API_KEY}"},
            timeout=40.0,
            trust_env=False,
            verify=False,
        )

    async def get(self, path: str, **query: Any) -> Any:
        """GET, which must succeed."""
        return self._good(await self.client.get(path, params=query), 200)

    async def put(self, path: str, **body: Any) -> Any:
        """PUT, which must succeed."""
        return self._good(await self.client.put(path, json=body), 200, 201)

    async def post(self, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """POST, which must succeed."""
        return self._good(await self.client.post(path, json=body or {}, params=query), 200, 201, 202)

    async def refused(self, path: str, body: dict[str, Any] | None = None, **query: Any) -> tuple[int, Any]:
        """POST, which must fail with problem details; gives status and problem."""
        response = await self.client.post(path, json=body or {}, params=query)
        assert response.is_error, response.text
        assert response.headers["content-type"].startswith("application/problem+json"), response.text
        return response.status_code, response.json()

    async def delete(self, path: str) -> None:
        """DELETE, which must succeed."""
        response = await self.client.delete(path)
        assert response.is_success, response.text

    async def command(self, identity: str, name: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """Send a command and give its record once the station has answered."""
        return await self.post(f"/stations/{identity}/commands/{name}", body, wait="true", **query)

    async def items(self, path: str, **query: Any) -> list[Any]:
        """GET all pages of a list."""
        found: list[Any] = []
        cursor: dict[str, Any] = {}
        while True:
            page = await self.get(path, **query, **cursor)
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    async def transactions(self, identity: str) -> list[Any]:
        """Give a station's transactions, oldest first."""
        return list(reversed(await self.items("/transactions", station_id=identity)))

    async def until(self, path: str, holds: Callable[[Any], bool], **query: Any) -> Any:
        """GET until what is given holds."""
        return await until(lambda: self.get(path, **query), holds)

    @staticmethod
    def _good(response: httpx.Response, *statuses: int) -> Any:
        assert response.status_code in statuses, f"{response.request.url}: {response.status_code} {response.text}"
        return response.json()

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()


async def until(ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], timeout_s: float = UNTIL_S) -> Any:
    """Ask again and again until the answer holds; gives it."""
    found = None
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                found = await ask()
                if holds(found):
                    return found
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"still not so after {timeout_s:g} s: {found}") from None
