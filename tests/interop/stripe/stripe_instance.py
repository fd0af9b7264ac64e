"""An evaluation instance whose acquirer is localstripe behind our front."""
import os
import pathlib
import secrets
import socket
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "system")]
from front import Front, Upstream, wait_for_port  # noqa: E402
from support import Instance, Process  # noqa: E402


class StripeInstance(Instance):
    """`keys`: whether the front honours idempotency keys, as the real service does."""

    def __init__(self, keys=True, seed=0, **more):
        super().__init__(**more)
        self.keys, self.seed, self.counterpart = keys, seed, None

    def start(self):
        self.stripe_key = "sk_test_" + secrets.token_hex(12)
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
            port = probe.getsockname()[1]
        self.counterpart = Process(
            "localstripe", [os.environ["FLORIN_LOCALSTRIPE"], "-B", HERE / "localstripe_main.py",
                            port], self.base / "localstripe.log")
        wait_for_port(port, self.counterpart.alive)
        self.upstream = Upstream(port, self.stripe_key)
        super().start()
        self.front = Front(self.upstream, self.folder / "tls/server.pem",
                           self.folder / "tls/server.key", self.keys, self.seed)

    def create_connector(self):
        key_file = self.folder / "stripe.key"
        key_file.write_text(self.stripe_key)
        key_file.chmod(0o400)
        self.florin("connector", "create", "stripe", "--kind", "stripe", "--base-url",
                    f"https://localhost:{self.front.port}", "--api-key-file", key_file)

    def book(self):
        return self.front.book()

    def kill_daemon(self):
        super().kill_daemon()
        if not self.keys:
            # A request that was sent and not executed yet could not be told from one that never was.
            self.front.drain()

    def cut(self):
        super().cut()
        if self.counterpart is not None and self.counterpart.alive():
            self.counterpart.kill()
