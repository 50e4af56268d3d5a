"""The demo as `make demo` starts it, with an operator signed in to its API."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

PASSWORD = "only-for-the-page-tests"
START_TIMEOUT_S = 60.0


class Demo:
    """A running `voltherd demo` on free ports."""

    def __init__(self, folder: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VOLTHERD_")}
        environment["VOLTHERD_ADMIN_PASSWORD"] = PASSWORD
        environment["VOLTHERD_CHECK_ANSWERS"] = "true"
        self.errors = folder / "demo.log"
        command = [sys.executable, "-m", "voltherd", "demo", "--http", "127.0.0.1:0", "--ocpp", "127.0.0.1:0"]
        command += ["--data", str(folder / "data"), "--ready-json"]
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors)
        ready = self._ready()
        self.url, self.ocpp = ready["http"], ready["ocpp"]
        self.api = httpx.Client(base_url=f"{self.url}/api/v1", timeout=20.0)
        signed_in = self.api.post("/login", json={"username": "admin", "password": PASSWORD})
        assert signed_in.is_success, signed_in.text
        self.api.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"

    def _ready(self) -> dict[str, str]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(START_TIMEOUT_S)
            self.process.stdout.close()
            raise RuntimeError(f"the demo did not start: {self.errors.read_text()}")
        ready: dict[str, str] = json.loads(line)
        assert ready["event"] == "ready"
        return ready

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """The first page of a list."""
        response = self.api.get(path, params={"limit": 200, **query})
        assert response.is_success, response.text
        return list(response.json()["items"])

    def stop(self) -> None:
        """Stop in order; the demo must not need more."""
        self.api.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait(10)
            if self.process.stdout is not None:
                self.process.stdout.close()
