"""Servers to fetch files from and to bring them to, on real sockets: HTTP(S) and FTP(S)."""

import contextlib
import http.server
import socket
import socketserver
import ssl
import threading
from base64 import b64decode
from dataclasses import dataclass, field


@dataclass
class Files:
    """What a server holds and what it saw."""

    content: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    directories: set[str] = field(default_factory=set)
    redirect: str | None = None
    cut_after: int | None = None
    user: tuple[str, str] | None = None
    url: str = ""

    def login_ok(self, header):
        if self.user is None:
            return True
        kind, _, value = (header or "").partition(" ")
        return kind == "Basic" and b64decode(value).decode() == ":".join(self.user)


class _Http(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: Files

    def log_message(self, *_):
        pass

    def _begin(self):
        files = self.files
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        files.seen.append((self.command, self.path, dict(self.headers)))
        if not files.login_ok(self.headers.get("Authorization")):
            self._reply(401)
        elif self.command in files.statuses:
            self._reply(files.statuses[self.command])
        elif files.redirect is not None and not self.path.startswith("/there"):
            self._reply(307, headers={"Location": files.redirect})
        else:
            return body
        return None

    def _reply(self, status, body=b"", headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = self.files.cut_after
        self.wfile.write(body if cut is None else body[:cut])
        self.close_connection = True

    def do_GET(self):
        if self._begin() is None:
            return
        content = self.files.content.get(self.path)
        self._reply(404) if content is None else self._reply(200, content)

    def do_PUT(self):
        body = self._begin()
        if body is not None:
            self.files.content[self.path] = body
            self._reply(201)

    def do_POST(self):
        self.do_PUT()


def _serve(server, scheme):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    return thread, f"{scheme}://127.0.0.1:{server.server_address[1]}"


@contextlib.contextmanager
def _running(server, files, scheme):
    thread, files.url = _serve(server, scheme)
    try:
        yield files
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request, address):
        pass  # clients of these tests hang up on purpose


def http_files(certificate=None):
    """An HTTP server, with TLS where a certificate and key (files) are given."""
    files = Files()
    server = _Quiet(("127.0.0.1", 0), type("Handler", (_Http,), {"files": files}))
    if certificate is not None:
        server.socket = _context(certificate).wrap_socket(server.socket, server_side=True)
    return _running(server, files, "http" if certificate is None else "https")


class _Ftp(socketserver.StreamRequestHandler):
    files: Files
    context: ssl.SSLContext | None

    def handle(self):
        self.directory, self.name, self.allowed, self.listener, self.private = "", "", False, None, False
        self.say(220, "ready")
        while line := self.rfile.readline():
            command, _, argument = line.decode().strip().partition(" ")
            self.files.seen.append((command, argument, {}))
            if command == "QUIT":
                break
            getattr(self, f"on_{command.lower()}", self.unknown)(argument)
        if self.listener is not None:
            self.listener.close()
        self.request.close()

    def say(self, code, text):
        self.wfile.write(f"{code} {text}\r\n".encode())

    def unknown(self, _):
        self.say(502, "not implemented")

    def on_auth(self, _):
        if self.context is None:
            self.say(502, "no TLS here")
            return
        self.say(234, "go ahead")
        self.request = self.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

    def on_pbsz(self, _):
        self.say(200, "ok")

    def on_prot(self, _):
        self.private = True
        self.say(200, "ok")

    def on_user(self, argument):
        self.name = argument
        self.say(331, "and the password?")

    def on_pass(self, argument):
        self.allowed = self.files.user is None or (self.name, argument) == self.files.user
        self.say(*((230, "welcome") if self.allowed else (530, "go away")))

    def on_type(self, _):
        self.say(200, "ok")

    def on_cwd(self, argument):
        known = argument in self.files.directories
        self.directory = argument.rstrip("/") + "/" if known else self.directory
        self.say(*((250, "ok") if known else (550, "no such directory")))

    def on_epsv(self, _):
        self.unknown(_)

    def on_pasv(self, _):
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.say(227, f"(127,0,0,1,{port // 256},{port % 256})")

    def data(self):
        connection, _ = self.listener.accept()
        self.listener.close()
        return self.context.wrap_socket(connection, server_side=True) if self.private else connection

    def on_stor(self, argument):
        if "STOR" in self.files.statuses:
            self.listener.close()
            self.say(self.files.statuses["STOR"], "no")
            return
        self.say(150, "send")
        body = b""
        with contextlib.closing(self.data()) as connection:
            while chunk := connection.recv(65536):
                body += chunk
            if self.private:
                connection.unwrap()
        self.files.content["/" + self.directory + argument] = body
        self.say(226, "stored")

    def on_retr(self, argument):
        content = self.files.content.get("/" + self.directory + argument)
        if content is None:
            self.listener.close()
            self.say(550, "no such file")
            return
        self.say(150, "here it comes")
        with contextlib.closing(self.data()) as connection:
            connection.sendall(content)
            if self.private:
                with contextlib.suppress(OSError):
                    connection.unwrap()
        self.say(226, "done")


class _FtpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def handle_error(self, request, address):
        pass


def ftp_files(certificate=None):
    """An FTP server; a certificate and key (files) make it offer TLS."""
    files = Files()
    context = None if certificate is None else _context(certificate)
    server = _FtpServer(("127.0.0.1", 0), type("Handler", (_Ftp,), {"files": files, "context": context}))
    return _running(server, files, "ftp" if certificate is None else "ftps")
