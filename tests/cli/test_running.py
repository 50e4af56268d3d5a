"""What a server writes into its log."""

import subprocess
import sys

import pytest

from support.web_service import web_service

ASK = """
import asyncio, logging, sys
from voltherd.cli.running import set_up_logging
from voltherd.web import WebClient
set_up_logging(sys.argv[2])
asyncio.run(WebClient().request("POST", sys.argv[1], body=b"x", timeout_s=10))
logging.getLogger("voltherd").warning("done")
"""


@pytest.mark.parametrize("level", ["info", "debug"])
def test_the_address_of_a_web_service_is_not_logged(level: str) -> None:
    with web_service(lambda _: (200, b"")) as service:
        command = [sys.executable, "-c", ASK, f"{service.url}/hook?token=s3cret", level]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert [request.path for request in service.requests] == ["/hook?token=s3cret"]
    assert done.stderr.endswith("done\n")
    assert "s3cret" not in done.stderr
