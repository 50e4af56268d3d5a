"""A file server of the cases: firmware to fetch, logs to receive, each of which a case can hold up or refuse."""

import base64
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class FileServer:
    """Serves `files` by path and keeps what is uploaded in `received`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.received: dict[str, bytes] = {}
        self.refusing = False
        self._may_download = threading.Event()
        self._may_upload = threading.Event()
        self._may_download.set()
        self._may_upload.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.signer = _self_signed(self._key)

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

        `spoiled` makes the `signature`, the `certificate` or the `file` a wrong one.
        """
        image = b"Voltherd firmware 2.0.0\n" * 64
        signature = self._key.sign(image, ec.ECDSA(hashes.SHA256()))
        if spoiled == "signature":
            signature = self._key.sign(b"something else", ec.ECDSA(hashes.SHA256()))
        self.files[f"/{name}"] = image
        certificate = "no certificate" if spoiled == "certificate" else self.signer
        return {
            "location": f"{self.url}/{'gone.bin' if spoiled == 'file' else name}",
            "retrieveDateTime": retrieve_at,
            "signingCertificate": certificate,
            "signature": base64.b64encode(signature).decode(),
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
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


def _self_signed(key: ec.EllipticCurvePrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Firmware Signing")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
