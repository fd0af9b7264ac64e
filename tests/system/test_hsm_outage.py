"""A security module that is lost, hangs or refuses while the daemon serves: cases 6, 7, 8, 10, 19."""
import unittest

from hsm_faults import FOREVER
from hsm_support import FaultyInstance
from support import CliError, wait_until

QUICK = {"hsm.probe_interval_ms": "200", "hsm.restart_interval_ms": "200"}


class HsmOutage(unittest.TestCase):
    def instance(self, **settings):
        named = {name.replace("__", "."): str(value) for name, value in settings.items()}
        return FaultyInstance(settings={**QUICK, **named})

    def hsm(self, instance):
        return instance.florin("hsm", "status")

    def wait_hsm(self, instance, states, seconds=35):
        return wait_until(f"security module {states}",
                          lambda: self.hsm(instance)["state"] in states, seconds)

    def payment(self, instance, shop, reference):
        answer = shop.create(100, "EUR", reference)
        self.assertEqual(answer.status, 201, answer.body)

    def refuse_tenant(self, instance, name):
        """Work that needs the module is refused at once, with its own code."""
        with self.assertRaises(CliError) as raised:
            instance.florin("tenant", "create", name)
        self.assertTrue(raised.exception.error["code"].startswith("hsm-"), raised.exception)

    def finish(self, instance):
        instance.assert_balanced()
        instance.assert_no_secret(instance.log_text())
        self.assertEqual(instance.faults.calls("C_GenerateKey"), 2, "only the ceremony makes keys")

    def test_hsm_case_06_token_directory_moved_away(self):
        with self.instance(hsm__grace_s=600) as instance:
            shop = instance.set_up()
            process = instance.daemon.child.pid
            tokens, away = instance.folder / "tokens", instance.base / "away"
            tokens.rename(away)
            self.wait_hsm(instance, ("down", "reinit", "initialising"))
            for number in range(5):
                self.payment(instance, shop, f"during-{number}")
            self.refuse_tenant(instance, "cold")
            away.rename(tokens)
            self.wait_hsm(instance, ("ready",))
            instance.florin("tenant", "create", "warm")
            self.payment(instance, shop, "after")
            self.assertEqual(instance.daemon.child.pid, process)
            self.assertTrue(instance.daemon.alive())
            states = [row["to"] for row in instance.log_events("hsm.state")]
            self.assertIn("down", states)
            self.assertEqual(states[-1], "ready")
            page = instance.operator_page("/operator/v1/metrics")
            self.assertIn('hsm_state{state="ready"} 1\n', page)
            restarts = next(line for line in page.splitlines()
                            if line.startswith("hsm_reinitialisations_total "))
            self.assertGreater(int(restarts.split()[1]), 0)
            self.finish(instance)

    def test_hsm_case_07_grace_ends(self):
        with self.instance(hsm__grace_s=1) as instance:
            shop = instance.set_up()
            self.payment(instance, shop, "before")
            tokens, away = instance.folder / "tokens", instance.base / "away"
            tokens.rename(away)
            wait_until("end of the grace", lambda: instance.log_events("daemon.sealed"), 60)
            refused = shop.create(100, "EUR", "too late")
            self.assertEqual(refused.status, 503, refused.body)
            self.assertIn("retry-after", refused.headers)
            self.assertEqual(instance.florin("status")["state"], "sealed")
            away.rename(tokens)
            wait_until("books", lambda: instance.log_events("daemon.books_open"), 60)
            instance.wait_state(("serving",))

            def served():
                instance.api_port = instance.port_from("run/api.port", instance.daemon)
                instance.move_client(shop)
                try:
                    return shop.create(100, "EUR", "afterwards").status == 201
                except OSError:
                    return False
            wait_until("payment", served, 60)
            self.finish(instance)

    def test_hsm_case_08_sessions_closed_behind_the_daemon(self):
        with self.instance() as instance:
            shop = instance.set_up()
            for action in ("CloseSessions", "Logout"):
                logins = instance.faults.calls("C_Login")
                rule = instance.faults.arm("C_SignInit", action)
                self.payment(instance, shop, action)
                instance.faults.wait_fired(rule)
                instance.faults.disarm(rule)
                wait_until("signature", lambda: not instance.florin("status")["ledgers"][1].get(
                    "unsigned_entries"), 30)
                self.wait_hsm(instance, ("ready",))
                self.assertEqual(instance.faults.calls("C_Login"), logins + 1)
            self.finish(instance)

    def test_hsm_case_10_a_hang_costs_no_payment(self):
        with self.instance(hsm__timeout_ms=1000, hsm__grace_s=600) as instance:
            shop = instance.set_up()
            rule = instance.faults.arm("C_Encrypt", "Block")
            wait_until("hang", lambda: self.hsm(instance)["lanes_stuck"] >= 1, 30)
            for number in range(5):
                self.payment(instance, shop, f"beside-{number}")
            instance.faults.release(rule)
            wait_until("free lane", lambda: self.hsm(instance)["lanes_stuck"] == 0, 30)
            self.wait_hsm(instance, ("ready",))
            self.finish(instance)

    def test_hsm_case_10_a_call_that_never_returns_ends_the_process(self):
        with self.instance(hsm__timeout_ms=500, hsm__stuck_limit_ms=1500) as instance:
            shop = instance.set_up()
            self.payment(instance, shop, "before")
            rule = instance.faults.arm("C_Encrypt", "Block", count=FOREVER)
            self.assertEqual(instance.daemon.child.wait(60), 75)
            self.assertIn("stuck", instance.log_events("daemon.exit")[-1]["message"])
            instance.faults.disarm(rule)
            instance.restart_daemon()
            instance.move_client(shop)
            self.payment(instance, shop, "after")
            self.finish(instance)

    def test_hsm_case_19_pin_changed_by_a_ceremony(self):
        with self.instance(hsm__grace_s=600) as instance:
            shop = instance.set_up()
            fresh = instance.base / "new.pin"
            fresh.write_text("f" * 16 + "0123456789abcdef\n")
            with self.assertRaises(CliError) as raised:
                short = instance.base / "short.pin"
                short.write_text("0123456789\n")
                instance.florin("hsm", "change-pin", "--pin-file", short)
            self.assertEqual(raised.exception.error["code"], "config-invalid")
            changed = instance.florin("hsm", "change-pin", "--pin-file", fresh)
            self.assertEqual(changed["state"], "ready")
            self.assertEqual(len(instance.log_events("hsm.pin_changed")), 1)
            self.payment(instance, shop, "with the new one")
            restarts = self.hsm(instance)["reinitialisations"]
            instance.faults.arm("C_EncryptInit", "FailBefore", return_value=0x32)
            wait_until("restart",
                       lambda: self.hsm(instance)["reinitialisations"] > restarts)
            self.wait_hsm(instance, ("ready",))
            self.payment(instance, shop, "after a restart of the module")
            pin_file = instance.folder / "user.pin"
            pin_file.chmod(0o600)
            pin_file.write_text(fresh.read_text())
            pin_file.chmod(0o400)
            instance.daemon.stop()
            instance.restart_daemon()
            instance.move_client(shop)
            self.payment(instance, shop, "after a start with the new one")
            self.finish(instance)

    def test_hsm_case_19_pin_changed_by_another_tool(self):
        with self.instance(hsm__grace_s=600) as instance:
            shop = instance.set_up()
            pin_file = instance.folder / "user.pin"
            fresh = "f" * 16 + "0123456789abcdef"
            instance.pkcs11_tool("--change-pin", "--new-pin", fresh)
            logins = instance.faults.calls("C_Login")
            instance.faults.arm("C_EncryptInit", "FailBefore", return_value=0x32)
            self.wait_hsm(instance, ("auth-blocked",))
            self.assertEqual(instance.faults.calls("C_Login"), logins + 1, "one try")
            self.payment(instance, shop, "within the grace")
            pin_file.chmod(0o600)
            pin_file.write_text(fresh + "\n")
            pin_file.chmod(0o400)
            instance.florin("hsm", "unlock", "--pin-file", pin_file)
            self.wait_hsm(instance, ("ready",))
            self.assertEqual(instance.faults.calls("C_Login"), logins + 2)
            self.payment(instance, shop, "after")
            self.finish(instance)


if __name__ == "__main__":
    unittest.main(verbosity=2)
