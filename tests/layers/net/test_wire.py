"""The wire to AWS: what a call costs beyond the service's own time."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from quintet.net import aws
from quintet.settings import Settings, use
from quintet.store.calls import table_call


class Quick(BaseHTTPRequestHandler):
    """Answers at once, on a connection that stays."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def test_a_call_does_not_wait_for_delayed_acknowledgements(table: Settings) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quick)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with use({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}):
            table_call("GetItem", Key={})
            started = time.monotonic()
            for _ in range(20):
                table_call("GetItem", Key={})
            spent = time.monotonic() - started
    finally:
        server.shutdown()
        server.server_close()
    assert spent < 20 * 0.02, "each call would wait 40 ms for the kernel"


def test_without_credentials_the_reason_is_said(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws.session(), "get_credentials", lambda: None)
    aws._generation[0] += 1  # the line is made anew, with what the session now has
    with pytest.raises(NoCredentialsError):
        table_call("GetItem", Key={})
    monkeypatch.undo()
    aws._generation[0] += 1
