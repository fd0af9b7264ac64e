"""The security module goes away and comes back, is locked and unlocked, proves itself; one daemon
per data directory."""
import contextlib
import fcntl
import json
import os
import socket
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from support import BIN, CliError, Instance, wait_until

QUICK = {"hsm.probe_interval_ms": 100, "hsm.restart_interval_ms": 200, "hsm.timeout_ms": 5000,
         "audit.checkpoint_interval_ms": 100}


class HsmLife(unittest.TestCase):
    def hsm_state(self, instance):
        return instance.florin("hsm", "status")["state"]

    def wait_hsm(self, instance, *states):
        wait_until(" or ".join(states), lambda: self.hsm_state(instance) in states, 60)

    def take_away(self, instance):
        (instance.folder / "tokens").rename(instance.folder / "away")

    def bring_back(self, instance):
        (instance.folder / "away").rename(instance.folder / "tokens")

    def metric(self, instance, name):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(instance.folder / "run/auditor.sock"))
            connection.sendall(b"GET /operator/v1/metrics HTTP/1.1\r\nHost: localhost\r\n"
                               b"Connection: close\r\n\r\n")
            page = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        for line in page.splitlines():
            if line.rpartition(" ")[0] == name:
                return int(line.rpartition(" ")[2])
        raise AssertionError(f"{name} is not in\n{page}")

    def log_of(self, instance):
        return (instance.folder / "florind.log").read_text()

    def pin_of(self, instance):
        return (instance.folder / "user.pin").read_text().strip()

    def assert_nothing_secret(self, instance):
        text = self.log_of(instance)
        for name in ("user.pin", "so.pin"):
            self.assertNotIn((instance.folder / name).read_text().strip(), text)

    def assert_closed(self, answer):
        """What is behind it is no merchant's business."""
        self.assertEqual(answer.status, 503)
        self.assertEqual(json.loads(answer.body)["code"], "unavailable")
        self.assertIn("x-request-id", answer.headers)
        self.assertEqual(answer.headers["cache-control"], "no-store")

    def test_within_the_grace(self):
        with Instance(settings={**QUICK, "hsm.grace_s": 900}) as instance:
            shop = instance.set_up()
            self.assertEqual(shop.create(100, "EUR", "before").status, 201)
            self.take_away(instance)
            self.wait_hsm(instance, "down", "reinit")
            self.assertEqual(shop.create(100, "EUR", "cached").status, 201)
            with self.assertRaises(CliError) as raised:
                instance.florin("tenant", "create", "second")
            self.assertEqual(raised.exception.error["code"], "hsm-unavailable")
            self.assertEqual(instance.florin("status")["state"], "serving")
            self.bring_back(instance)
            self.wait_hsm(instance, "ready")
            self.assertEqual(instance.florin("tenant", "create", "second")["name"], "second")
            status = instance.florin("hsm", "status")
            self.assertGreaterEqual(status["reinitialisations"], 1)
            self.assertEqual(self.metric(instance, 'hsm_state{state="ready"}'), 1)
            self.assertGreaterEqual(self.metric(instance, "hsm_reinitialisations_total"), 1)
            self.assertIn('"hsm.state"', self.log_of(instance))
            instance.assert_balanced()
            self.assertEqual(instance.daemon.stop(), 0)
            self.assert_nothing_secret(instance)

    def test_after_the_grace(self):
        with Instance(settings={**QUICK, "hsm.grace_s": 1}) as instance:
            shop = instance.set_up()
            self.assertEqual(shop.create(100, "EUR", "before").status, 201)
            self.take_away(instance)
            instance.wait_state(("sealed",), 60)
            wait_until("books closed", lambda: '"daemon.sealed"' in self.log_of(instance), 60)
            answer = shop.create(100, "EUR", "late")
            self.assert_closed(answer)
            with self.assertRaises(CliError) as raised:
                instance.florin("merchant", "list")
            self.assertEqual(raised.exception.error["code"], "hsm-unavailable")
            self.bring_back(instance)
            instance.wait_state(("serving",), 60)
            wait_until("payments again", lambda: shop.create(100, "EUR", "late").status == 201, 60)
            instance.assert_balanced()
            self.assertEqual(instance.daemon.stop(), 0)

    def test_unsigned_entries(self):
        with Instance(settings={**QUICK, "audit.max_unsigned_s": 1}) as instance:
            shop = instance.set_up()
            self.take_away(instance)
            self.wait_hsm(instance, "down", "reinit")
            def refused():
                answer = shop.create(100, "EUR", os.urandom(8).hex())
                return answer if answer.status == 503 else None
            self.assert_closed(wait_until("new work refused", refused, 60))
            self.assertEqual(shop.list().status, 200)
            self.assertEqual(instance.florin("status")["state"], "serving")
            self.bring_back(instance)
            wait_until("new work taken",
                       lambda: shop.create(100, "EUR", os.urandom(8).hex()).status == 201, 60)
            self.assertEqual(instance.daemon.stop(), 0)

    def test_lock_and_unlock(self):
        with Instance(settings=QUICK) as instance:
            shop = instance.set_up()
            self.assertEqual(shop.create(100, "EUR", "before").status, 201)
            proven = instance.florin("hsm", "probe")
            self.assertTrue(proven["fit"], proven)
            self.assertEqual(proven["dialect"], "softhsm")
            self.assertEqual({row["proof"] for row in proven["items"]}, {"passed"})
            self.assertEqual(instance.florin("hsm", "lock")["state"], "sealed")
            self.assertEqual(instance.florin("status")["state"], "sealed")
            self.assertEqual(shop.create(100, "EUR", "locked").status, 503)
            with self.assertRaises(CliError) as raised:
                instance.florin("hsm", "unlock", given="0" * 64)
            self.assertEqual(raised.exception.error["code"], "hsm-pin-incorrect")
            self.assertEqual(instance.florin("status")["state"], "sealed")
            unlocked = instance.florin("hsm", "unlock", given=self.pin_of(instance))
            self.assertEqual(unlocked["state"], "ready")
            instance.wait_state(("serving",))
            wait_until("payments again", lambda: shop.create(100, "EUR", "locked").status == 201, 60)
            instance.assert_balanced()
            self.assertEqual(instance.daemon.stop(), 0)
            self.assert_nothing_secret(instance)

    def test_what_is_in_doubt_is_inquired_at_once_when_the_books_are_open_again(self):
        with Instance(settings=QUICK) as instance:
            shop = instance.set_up()
            instance.ask_sandbox("PUT", "/v1/faults", {"rules": [
                {"operation": "charge", "behaviour": "error_500_after", "count": 1},
                {"operation": "inquiry", "behaviour": "error_500_after", "count": 2}]})
            created = shop.create(100, "EUR", "doubtful")
            self.assertEqual(created.status, 202, created.body)
            # The third inquiry of this opening would come half a minute after the second.
            wait_until("two inquiries",
                       lambda: self.log_of(instance).count('"operation.still_in_doubt"') == 2, 60)
            instance.florin("hsm", "lock")
            instance.florin("hsm", "unlock", given=self.pin_of(instance))
            instance.wait_state(("serving",))
            wait_until("resolution", lambda: '"operation.resolved"' in self.log_of(instance), 15)
            self.assertEqual(instance.florin("status")["payments_in_doubt"], 0)
            instance.assert_balanced()
            self.assertEqual(instance.daemon.stop(), 0)

    def test_it_ends_while_books_are_being_closed(self):
        """SIGTERM while a lock waits for a merchant's request and a webhook is under way."""
        with Instance(settings=QUICK, sandbox_options=["--stall-ms", "2000"]) as instance, \
                socket.socket() as silent, ThreadPoolExecutor() as others:
            shop = instance.set_up()
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            instance.florin("webhook", "create", "--merchant", "shop", "--url",
                            f"https://localhost:{silent.getsockname()[1]}/hooks",
                            "--secret-file", instance.folder / "silent.secret")
            instance.arm("charge", "stall")
            payment = others.submit(shop.create, 100, "EUR", "slow")
            webhook = others.submit(silent.accept).result(20)[0]
            lock = others.submit(instance.run_florin, "hsm", "lock", check=False)
            wait_until("closing", lambda: '"daemon.closing_books"' in self.log_of(instance))
            self.assertEqual(instance.daemon.stop(30), 0)
            lock.result()
            self.assertEqual(payment.result().status, 201)
            webhook.close()
            instance.restart_daemon()
            instance.assert_balanced()

    def test_a_call_that_never_returns_ends_the_daemon(self):
        settings = {**QUICK, "hsm.timeout_ms": 500, "hsm.stuck_limit_ms": 1500}
        with Instance(settings=settings) as instance, contextlib.ExitStack() as held:
            shop = instance.set_up()
            # Whoever locks the token's files makes every use of a token key wait.
            for path in (instance.folder / "tokens").rglob("*"):
                if path.is_file():
                    fcntl.lockf(held.enter_context(open(path, "r+b")), fcntl.LOCK_EX)
            self.assertEqual(shop.create(100, "EUR", "cached").status, 201)
            wait_until("the end", lambda: not instance.daemon.alive(), 60)
            self.assertEqual(instance.daemon.child.returncode, 75)
            self.assertIn("is stuck: only a new process helps", self.log_of(instance))
            held.close()
            instance.restart_daemon()
            instance.move_client(shop)
            self.assertEqual(shop.create(100, "EUR", "again").status, 201)
            instance.assert_balanced()

    def test_one_daemon_per_data_directory(self):
        with Instance() as instance:
            done = subprocess.run(
                [str(BIN / "florind"), "--config", str(instance.folder / "florind.conf")],
                text=True, capture_output=True, timeout=60,
                env={**os.environ, "SOFTHSM2_CONF": str(instance.folder / "softhsm2.conf")})
            self.assertEqual(done.returncode, 69, done.stderr)
            self.assertIn("another daemon", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
