"""A real `voltherd serve` process on free ports, with an API key; killed or stopped by the test."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

API_KEY = "vh_test-key-for-the-tests-only"
START_TIMEOUT_S = 30.0


class ServerProcess:
    """One server. `data` outlives it, so that a second one can be started on the same records."""

    def __init__(self, data: Path, *, ports: tuple[int, int] = (0, 0), **settings: object) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("VOLTHERD_")},
            "VOLTHERD_API_KEY": API_KEY,
            "VOLTHERD_CHECK_ANSWERS": "true",
            **{f"VOLTHERD_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self.data = data
        self.errors = data.parent / f"{data.name}-{time.monotonic_ns()}.log"
        command = [
            sys.executable,
            "-m",
            "voltherd",
            "serve",
            "--http",
            f"127.0.0.1:{ports[0]}",
            "--ocpp",
            f"127.0.0.1:{ports[1]}",
            "--data",
            str(data),
            "--ready-json",
        ]
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors)
        ready = self._ready()
        self.http, self.ocpp, self.ocpp_tls = ready["http"], ready["ocpp"], ready.get("ocpp_tls", "")
        self.client = httpx.Client(
            base_url=f"{self.http}/api/v1", headers={"Authorization": f"Bearer {API_KEY}"}, timeout=20.0
        )

    def _ready(self) -> dict[str, str]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(START_TIMEOUT_S)
            self._close_pipe()
            raise RuntimeError(f"the server did not start: {self.errors.read_text()}")
        ready: dict[str, str] = json.loads(line)
        assert ready["event"] == "ready"
        return ready

    @property
    def ports(self) -> tuple[int, int]:
        """HTTP and OCPP port, to start the next server on the same ones."""
        return httpx.URL(self.http).port or 0, httpx.URL(self.ocpp).port or 0

    def get(self, path: str, **query: Any) -> Any:
        """GET, which must succeed."""
        response = self.client.get(path, params=query)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text}"
        return response.json()

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """PUT, which must succeed."""
        response = self.client.put(path, json=body)
        assert response.status_code in (200, 201), f"{path}: {response.status_code} {response.text}"
        return response.json()

    def post(self, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """POST, which must succeed."""
        response = self.client.post(path, json=body or {}, params=query)
        assert response.status_code in (200, 201, 202), f"{path}: {response.status_code} {response.text}"
        return response.json()

    def all(self, path: str, **query: Any) -> list[Any]:
        """GET all pages of a list."""
        found: list[Any] = []
        cursor = None
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    def kill(self) -> None:
        """`kill -9`: no chance to finish anything."""
        self.client.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self._close_pipe()

    def stop(self) -> str:
        """Stop in order; gives what was logged."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
                raise
        self._close_pipe()
        return self.errors.read_text()

    def _close_pipe(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> "ServerProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
