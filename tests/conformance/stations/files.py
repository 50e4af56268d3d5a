"""A file server of the cases: firmware to fetch, logs to receive, each of which a case can hold up or refuse."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from conformance.stations.pki import Root
from voltherd.station.firmware_image import build


class FileServer:
    """Serves `files` by path and keeps what is uploaded in `received`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.received: dict[str, bytes] = {}
        self.refusing = False
        self.tries = 0
        """How often somebody has tried to upload."""
        self.asked = 0
        """How often somebody has asked for a file."""
        self._may_download = threading.Event()
        self._may_upload = threading.Event()
        self._may_download.set()
        self._may_upload.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.manufacturer = Root("Manufacturer")
        self.signer, self._key = self.manufacturer.issued("Firmware Signing")

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """The end."""
        self.let_go()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2)

    def hold_downloads(self) -> None:
        """Let downloads begin and not end."""
        self._may_download.clear()

    def hold_uploads(self) -> None:
        """Let uploads begin and not end."""
        self._may_upload.clear()

    def let_go(self) -> None:
        """Let everything end."""
        self._may_download.set()
        self._may_upload.set()

    def firmware(self, retrieve_at: str, *, name: str = "firmware-2.0.0.bin", spoiled: str = "") -> dict[str, Any]:
        """Offer firmware signed by the manufacturer; gives what UpdateFirmware says of it.

        `spoiled` makes the `signature`, the `certificate`, the `image` or the `file` a wrong one.
        """
        image = build("2.0.0", b"program")
        if spoiled == "image":
            image = image.replace(b"program", b"another")
        signature = self.manufacturer.sign_file(b"something else" if spoiled == "signature" else image, self._key)
        self.files[f"/{name}"] = image
        certificate = Root("Somebody").issued("Firmware Signing")[0] if spoiled == "certificate" else self.signer
        return {
            "location": f"{self.url}/{'gone.bin' if spoiled == 'file' else name}",
            "retrieveDateTime": retrieve_at,
            "signingCertificate": certificate,
            "signature": signature,
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                data = server.files.get(self.path)
                if data is None or server.refusing:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.flush()
                server._may_download.wait(30)
                self.wfile.write(data)

            def do_PUT(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.tries += 1
                server._may_upload.wait(30)
                if server.refusing:
                    self.send_error(403)
                    return
                server.received[self.path] = data
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT  # noqa: N815 (the name that the standard library looks for)

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        return Handler
