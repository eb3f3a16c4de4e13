"""Real servers on this machine for tests of outbound HTTP: polite ones, rude ones, and their certificates."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from quintet.settings import use


class Site(ThreadingHTTPServer):
    """A small site that remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.seen: list[dict[str, Any]] = []
        self.replies: list[tuple[int, dict[str, str], bytes]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Queue one reply; header names with underscores for dashes."""
        self.replies.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, body))


class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
        status, extra, content = self.server.replies.pop(0) if self.server.replies else (200, {}, b"hello")
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = respond  # noqa: N815 - the library's names

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
        thread.join(5)


@contextmanager
def opened(*ports: int) -> Iterator[None]:
    """Let guarded requests reach this machine on these ports, as a laptop's settings can."""
    with use(
        {
            "QUINTET_STAGE": "local",
            "QUINTET_OUTBOUND_PLAIN": "1",
            "QUINTET_OUTBOUND_PORTS": ",".join(str(port) for port in ports),
            "QUINTET_OUTBOUND_NETWORKS": "127.0.0.0/8",
        }
    ):
        yield


@contextmanager
def talker(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that says exactly what `talk` sends, to one client after another; answers its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def run() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    try:
                        client.settimeout(60)
                        client.recv(65_536)
                        talk(client)
                    except OSError:
                        continue

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(6)


def drip(prefix: bytes) -> Callable[[socket.socket], None]:
    """Says `prefix`, then a byte every twentieth of a second."""

    def talk(client: socket.socket) -> None:
        client.sendall(prefix)
        while True:
            client.sendall(b"x")
            time.sleep(0.05)

    return talk


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate for `host` that vouches for itself, and its key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return cert_file, key_file
