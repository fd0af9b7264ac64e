#!/usr/bin/env python3
"""A receiver of webhooks over HTTPS: checks the signature of the raw body (Standard Webhooks 1.0.0,
`v1`), then appends the event to a file, one JSON object a line. Standard library only.

    webhook_receiver.py --certificate server.pem --private-key server.key --secret-file hook.key \\
        --port-file port --out events.jsonl

The secret's file may be written after the start; until then every delivery is answered 503, so the
sender tries again.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import signal
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300
MAX_BODY_BYTES = 256 * 1024


class Refused(Exception):
    """The message is not authentic, or not recent."""


def decode_secret(text):
    text = text.strip()
    if text.startswith("whsec_"):
        text = text[len("whsec_"):]
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def verify(secret, headers, body, now=None):
    """Checks a delivery. Always on the bytes as received: a decoded and re-encoded body is another
    message. Returns the message id."""
    message_id = headers.get("webhook-id") or ""
    timestamp = headers.get("webhook-timestamp") or ""
    if not message_id or not timestamp.isascii() or not timestamp.isdigit():
        raise Refused("webhook-id or webhook-timestamp is missing or malformed")
    now = time.time() if now is None else now
    if abs(now - int(timestamp)) > TOLERANCE_S:
        raise Refused("webhook-timestamp is too far from now")
    base = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(secret, base, hashlib.sha256).digest()).decode()
    for entry in (headers.get("webhook-signature") or "").split(" "):
        version, _, signature = entry.partition(",")
        if version == "v1" and hmac.compare_digest(signature.encode(), expected.encode()):
            return message_id
    raise Refused("no signature fits")


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options):
        super().__init__((options.address, options.port), Handler)
        self.options = options
        self.lock = threading.Lock()
        self.failures_left = options.fail_first
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(options.certificate, options.private_key)
        # The handshake happens in the connection's own thread, not in the accepting one.
        self.socket = context.wrap_socket(self.socket, server_side=True,
                                          do_handshake_on_connect=False)

    def secret(self):
        try:
            with open(self.options.secret_file, encoding="ascii") as file:
                text = file.read().strip()
        except OSError:
            return None
        return decode_secret(text) if text else None

    def take_failure(self):
        with self.lock:
            if self.failures_left == 0:
                return False
            self.failures_left -= 1
            return True

    def record(self, line):
        with self.lock, open(self.options.out, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def handle_error(self, request, client_address):
        """A broken handshake or a vanished peer is the peer's matter."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "receiver"
    sys_version = ""
    timeout = 20

    def do_POST(self):
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if self.server.take_failure():
            return self.answer(500)
        secret = self.server.secret()
        if secret is None:
            return self.answer(503)
        try:
            message_id = verify(secret, self.headers, body)
            event = json.loads(body)
        except (Refused, ValueError) as error:
            print(f"refused: {error}", file=sys.stderr, flush=True)
            return self.answer(400)
        # Stored before it is acknowledged; the id tells repeated deliveries apart.
        self.server.record({"webhook_id": message_id, "verified": True,
                            "headers": {name.lower(): value for name, value in self.headers.items()},
                            "event": event})
        return self.answer(204)

    def answer(self, status):
        self.send_response_only(status)
        self.send_header("Content-Length", "0") if status != 204 else None
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_):
        """Silence: the events file is the record."""


def main():
    parser = argparse.ArgumentParser(description="Receives and verifies webhooks.")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--port-file", help="where the port is written once it listens")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--private-key", required=True)
    parser.add_argument("--secret-file", required=True, help="file with whsec_...")
    parser.add_argument("--out", required=True, help="file that takes the events")
    parser.add_argument("--fail-first", type=int, default=0, metavar="N",
                        help="answer 500 to the first N deliveries, for tests")
    options = parser.parse_args()
    server = Receiver(options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.port_file:
        temporary = options.port_file + ".new"
        with open(temporary, "w", encoding="ascii") as file:
            file.write(str(server.server_address[1]) + "\n")
        os.replace(temporary, options.port_file)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
