"""Fetches and brings files over HTTP, HTTPS, FTP and FTPS: the doing of `jobs.Download` and `jobs.Upload`.

The standard library's blocking clients run in a thread of the event loop's pool, a job at a time per thread.
"""

from __future__ import annotations

import asyncio
import ftplib
import http.client
import io
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from voltherd.station.jobs import Download, Downloaded, Failure, Transfer, TransferFailed, Upload, Uploaded

CHUNK_BYTES: Final = 64 * 1024
MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_PUT_REFUSED: Final = (405, 501)
_HTTP_FAILURES: Final[dict[int, Failure]] = {
    400: "BadMessage",
    401: "PermissionDenied",
    403: "PermissionDenied",
    405: "NotSupportedOperation",
    407: "PermissionDenied",
    415: "BadMessage",
    501: "NotSupportedOperation",
}
_FTP_FAILURES: Final[dict[str, Failure]] = {
    "500": "NotSupportedOperation",
    "502": "NotSupportedOperation",
    "504": "NotSupportedOperation",
    "530": "PermissionDenied",
    "532": "PermissionDenied",
    "553": "PermissionDenied",
}


class _Failed(Exception):
    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(text)
        self.failure = failure


async def transfer(job: Transfer) -> Downloaded | Uploaded | TransferFailed:
    """Do a job; never raises for what servers and networks do."""
    return await asyncio.to_thread(perform, job)


def perform(job: Transfer) -> Downloaded | Uploaded | TransferFailed:
    """The same, blocking."""
    try:
        way, url = _way(job)
        return way(job, url)
    except _Failed as error:
        return TransferFailed(error.failure, str(error))
    except ftplib.Error as error:
        return TransferFailed(_FTP_FAILURES.get(str(error)[:3], "Failed"), f"The server said {error}")
    except (OSError, EOFError, ValueError, http.client.HTTPException) as error:
        return TransferFailed("Failed", str(error) or type(error).__name__)


def check_url(url: str) -> str | None:
    """Say what is wrong with a URL that no transfer could use, None if nothing is."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return f"The URL makes no sense: {error}"
    if parts.scheme.lower() not in _WAYS:
        return f"Files are transferred by {', '.join(_WAYS)}, not by {parts.scheme or 'nothing'}"
    return None if parts.hostname else "The URL names no host"


def file_url(url: str, name: str) -> str:
    """The URL to upload to: as given, with the file's name where it ends with a slash (OCPP 2.0.1 N01.FR.21)."""
    return url + quote(name, safe="") if url.endswith("/") else url


# HTTP ----------------------------------------------------------------------------------------


def _http(job: Transfer, url: SplitResult) -> Downloaded | Uploaded:
    if isinstance(job, Upload):
        return _http_upload(job)
    assert isinstance(job, Download)
    for _ in range(MOST_REDIRECTS + 1):
        with _http_exchange(job, url, "GET") as response:
            if response.status not in _REDIRECTS:
                _check_status(response)
                return Downloaded(_read(job, response))
            url = _redirected(url, response)
    raise _Failed("Redirected", f"The server redirected more than {MOST_REDIRECTS} times")


def _redirected(url: SplitResult, response: http.client.HTTPResponse) -> SplitResult:
    target = urlsplit(urljoin(url.geturl(), response.getheader("Location", "")))
    if target.scheme not in ("http", "https") or (url.scheme == "https" and target.scheme == "http"):
        raise _Failed("Redirected", f"The server redirected to {target.scheme}, which is not followed")
    return target


def _http_upload(job: Upload) -> Uploaded:
    """Bring a file by PUT, or by POST where the server does not take that (OCPP 2.0.1 N01.FR.18)."""
    address = file_url(job.url, job.name)
    for method in ("PUT", "POST"):
        with _http_exchange(job, urlsplit(address), method) as response:
            if response.status in _PUT_REFUSED and method == "PUT":
                continue
            if response.status in _REDIRECTS:  # N01.FR.30
                raise _Failed("Redirected", f"The server redirected with {response.status}, which is not followed")
            _check_status(response)
            break
    return Uploaded(_without_user(address))


def _check_status(response: http.client.HTTPResponse) -> None:
    if not 200 <= response.status < 300:
        failure = _HTTP_FAILURES.get(response.status, "Failed")
        raise _Failed(failure, f"The server said {response.status} {response.reason}")


@contextmanager
def _http_exchange(job: Transfer, url: SplitResult, method: str) -> Iterator[http.client.HTTPResponse]:
    assert url.hostname is not None
    connection: http.client.HTTPConnection
    if url.scheme.lower() == "https":
        context = _tls_context(job)
        connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=job.timeout_s, context=context)
    else:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=job.timeout_s)
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        path = quote(target, safe="/%?=&:@!$'()*+,;~-._")
        with suppress(BrokenPipeError, ConnectionResetError):  # a server may refuse before it has the whole body
            connection.request(method, path, body=_body(job), headers=_headers(job, url))
        yield connection.getresponse()
    finally:
        connection.close()


def _headers(job: Transfer, url: SplitResult) -> dict[str, str]:
    headers = {"User-Agent": "voltherd-station"}
    if url.username is not None:
        user = f"{unquote(url.username)}:{unquote(url.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(user.encode()).decode()}"
    if isinstance(job, Upload):
        headers["Content-Type"] = "application/octet-stream"
        headers["Content-Length"] = str(len(job.content))
        name = job.name.replace('"', "")
        headers["Content-Disposition"] = f'form-data; name="uploadfile"; filename="{name}"'  # N01.FR.19
    return headers


def _body(job: Transfer) -> Iterator[bytes] | None:
    if not isinstance(job, Upload):
        return None
    return _chunks(job)


def _chunks(job: Upload) -> Iterator[bytes]:
    for start in range(0, len(job.content), CHUNK_BYTES):
        _check_wanted(job)
        yield job.content[start : start + CHUNK_BYTES]


def _read(job: Download, response: http.client.HTTPResponse) -> bytes:
    announced = response.length
    content = bytearray()
    while chunk := response.read(CHUNK_BYTES):
        _check_wanted(job)
        content += chunk
        _check_size(job, len(content))
    if announced is not None and len(content) < announced:
        raise _Failed("Failed", f"The server ended after {len(content)} of {announced} bytes")
    return bytes(content)


def _check_wanted(job: Transfer) -> None:
    if job.cancelled:
        raise _Failed("Failed", "The transfer was cancelled")


def _check_size(job: Download, size: int) -> None:
    if size > job.most_bytes:
        raise _Failed("TooLarge", f"The file has more than {job.most_bytes} bytes")


# FTP -----------------------------------------------------------------------------------------


def _ftp(job: Transfer, url: SplitResult) -> Downloaded | Uploaded:
    with _ftp_session(job, url) as ftp:
        path = unquote(url.path).lstrip("/")
        if isinstance(job, Download):
            return _ftp_download(job, ftp, path)
        assert isinstance(job, Upload)
        ftp.storbinary(f"STOR {_ftp_target(ftp, path, job.name)}", io.BytesIO(job.content), callback=_stopper(job))
    return Uploaded(_without_user(file_url(job.url, job.name)))


def _ftp_download(job: Download, ftp: ftplib.FTP, path: str) -> Downloaded:
    content = bytearray()

    def take(chunk: bytes) -> None:
        _check_wanted(job)
        content.extend(chunk)
        _check_size(job, len(content))

    ftp.retrbinary(f"RETR {path}", take, CHUNK_BYTES)
    return Downloaded(bytes(content))


def _ftp_target(ftp: ftplib.FTP, path: str, name: str) -> str:
    """The file to write: in the directory that the URL names, or as it names the file.

    OCPP 1.6 calls the location of GetDiagnostics a directory and does not ask for a slash at its end.
    """
    if not path or path.endswith("/"):
        return path + name
    try:
        ftp.cwd(path)
    except ftplib.error_perm:
        return path
    return name


def _stopper(job: Upload) -> Callable[[bytes], None]:
    def check(_chunk: bytes) -> None:
        _check_wanted(job)

    return check


@contextmanager
def _ftp_session(job: Transfer, url: SplitResult) -> Iterator[ftplib.FTP]:
    assert url.hostname is not None
    is_secure = url.scheme.lower() == "ftps"
    ftp = ftplib.FTP_TLS(context=_tls_context(job)) if is_secure else ftplib.FTP()
    try:
        ftp.connect(url.hostname, url.port or 21, timeout=job.timeout_s)
        ftp.login(unquote(url.username or "anonymous"), unquote(url.password or ""))
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        yield ftp
    finally:
        ftp.close()


# Both ----------------------------------------------------------------------------------------


def _tls_context(job: Transfer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if job.roots_pem:
        context.load_verify_locations(cadata=job.roots_pem)
    return context


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _way(job: Transfer) -> tuple[Callable[[Transfer, SplitResult], Downloaded | Uploaded], SplitResult]:
    wrong = check_url(job.url)
    if wrong is not None:
        raise _Failed("NotSupportedOperation", wrong)
    url = urlsplit(job.url)
    return _WAYS[url.scheme.lower()], url


_WAYS: Final[dict[str, Callable[[Transfer, SplitResult], Downloaded | Uploaded]]] = {
    "http": _http,
    "https": _http,
    "ftp": _ftp,
    "ftps": _ftp,
}
