"""The security module goes away and comes back, is locked and unlocked, proves itself; one daemon
per data directory."""
import os
import subprocess
import unittest

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
        page = subprocess.run(
            ["curl", "-s", "--unix-socket", str(instance.folder / "run/auditor.sock"),
             "http://localhost/operator/v1/metrics"], text=True, capture_output=True, timeout=30)
        for line in page.stdout.splitlines():
            if line.rpartition(" ")[0] == name:
                return int(line.rpartition(" ")[2])
        raise AssertionError(f"{name} is not in\n{page.stdout}{page.stderr}")

    def log_of(self, instance):
        return (instance.folder / "florind.log").read_text()

    def pin_of(self, instance):
        return (instance.folder / "user.pin").read_text().strip()

    def assert_nothing_secret(self, instance):
        text = self.log_of(instance)
        for name in ("user.pin", "so.pin"):
            self.assertNotIn((instance.folder / name).read_text().strip(), text)

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
            self.assertEqual(answer.status, 503)
            self.assertEqual(answer.json["code"], "hsm-unavailable")
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
            wait_until("new work refused",
                       lambda: shop.create(100, "EUR", os.urandom(8).hex()).status == 503, 60)
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
