"""The client for web services of others: bounded in time and size, and never anything but an answer or a WebError."""

import time

import pytest

from support.web_service import Answer, Request, web_service
from voltherd.services.ports import WebError
from voltherd.web import WebClient


def echo(request: Request) -> Answer:
    return 201, f"{request.method} {request.path} {request.headers.get('x-asked')} ".encode() + request.body


async def test_method_headers_and_body_arrive_and_the_answer_comes_back_whatever_its_status() -> None:
    with web_service(echo) as service:
        found = await WebClient().request(
            "POST", f"{service.url}/a?b=1", body=b"data", headers={"X-Asked": "yes"}, timeout_s=5
        )
    assert (found.status, found.body) == (201, b"POST /a?b=1 yes data")


async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    def slow(_: Request) -> Answer:
        time.sleep(0.4)
        return 200, b""

    with web_service(slow) as service:
        began = time.monotonic()
        with pytest.raises(WebError, match=r"did not answer within 0\.1 s"):
            await WebClient().request("GET", service.url, timeout_s=0.1)
        assert time.monotonic() - began < 0.35


async def test_an_answer_that_is_too_large_is_given_up() -> None:
    with web_service(lambda _: (200, b"x" * 1001)) as service:
        with pytest.raises(WebError, match="more than 1000 bytes"):
            await WebClient().request("GET", service.url, timeout_s=5, max_bytes=1000)
        assert len((await WebClient().request("GET", service.url, timeout_s=5, max_bytes=1001)).body) == 1001


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "https://127.0.0.1:9/",
        "http://",
        "ftp://a.example/",
        "nonsense",
        "http://[",
        "http://a\x00b/",
    ],
)
async def test_what_cannot_be_reached_is_told_as_such(url: str) -> None:
    with pytest.raises(WebError):
        await WebClient().request("GET", url, timeout_s=5)
