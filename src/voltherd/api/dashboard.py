"""The built dashboard: files from memory; every path that is no file is the page, which knows its own paths."""

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from litestar import HttpMethod, MediaType, Request, Response, route
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from voltherd.api.auth import PUBLIC

INDEX = "index.html"
HASHED = "assets/"
"""Files under this path carry a hash of their content in their name."""
FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
WORTH_PACKING = 1024
NOT_BUILT = (
    "The dashboard is not built in this installation.\n"
    "In a source checkout run `make setup` (or `python tools/dashboard.py`), then start the server again.\n"
    "The API is at /api/v1, its description at /api/v1/openapi.json.\n"
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str
    cache_control: str


class Dashboard:
    """The files, read once each."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._assets: dict[str, Asset] = {}

    async def find(self, path: str) -> Asset | None:
        """Give the file of a path, or the page; None where nothing is built. Raises NotFoundException for assets."""
        name = path.strip("/") or INDEX
        found = await self._load(name)
        if found is None and name.startswith(HASHED):
            raise NotFoundException
        return found or await self._load(INDEX)

    async def _load(self, name: str) -> Asset | None:
        if name not in self._assets:
            found = await asyncio.to_thread(self._read, name)
            if found is None:
                return None
            self._assets[name] = found
        return self._assets[name]

    def _read(self, name: str) -> Asset | None:
        root = self._root.resolve()
        try:
            path = (root / name).resolve()
            if not path.is_relative_to(root) or not path.is_file():
                return None
            body = path.read_bytes()
        except (OSError, ValueError):
            return None
        return asset(name, body)


def asset(name: str, body: bytes) -> Asset:
    """Make a file ready to be sent."""
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    textual = media_type.startswith("text/") or media_type.endswith(("json", "javascript", "svg+xml"))
    packed = gzip.compress(body, 9, mtime=0) if textual and len(body) >= WORTH_PACKING else None
    return Asset(
        body=body,
        packed=packed,
        media_type=media_type,
        etag=f'"{blake2b(body, digest_size=12).hexdigest()}"',
        cache_control=FOR_EVER if name.startswith(HASHED) else ASK_AGAIN,
    )


def dashboard_handler(root: Path) -> HTTPRouteHandler:
    """Make the handler of all paths that are not the API's."""
    dashboard = Dashboard(root)

    @route(
        ["/", "/{path:path}"],
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        include_in_schema=False,
        opt={PUBLIC: True},
        name="dashboard",
    )
    async def show(request: Request[Any, Any, Any], path: FromPath[str] = "/") -> Response[bytes]:
        found = await dashboard.find(path)
        if found is None:
            return Response(NOT_BUILT.encode(), status_code=503, media_type=MediaType.TEXT)
        return _answer(request, found)

    return show


def _answer(request: Request[Any, Any, Any], found: Asset) -> Response[bytes]:
    headers = {"ETag": found.etag, "Cache-Control": found.cache_control, "Vary": "Accept-Encoding"}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=found.media_type)
    body = found.body
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(body, status_code=200, headers=headers, media_type=found.media_type)
