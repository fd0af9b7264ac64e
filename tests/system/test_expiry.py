"""Authorizations that nobody captures: given back before their end, closed by time, and neither twice
nor forgotten when the daemon is killed in between.
"""
import unittest

from support import CliError, Instance, wait_until

VALIDITY_S, MARGIN_S = 8, 5


class ShortLived(Instance):
    def create_connector(self):
        self.florin("connector", "create", "acquirer", "--kind", "sandbox", "--base-url",
                    f"https://localhost:{self.sandbox_port}",
                    "--api-key-file", self.folder / "acquirer.key",
                    "--authorization-validity", f"{VALIDITY_S}s",
                    "--authorization-margin", f"{MARGIN_S}s")


class Expiry(unittest.TestCase):
    def test_authorizations_end(self):
        with ShortLived(settings={"payments.connector_deadline_ms": 2000}) as instance:
            shop = instance.set_up()
            self.check_bad_input(instance)
            self.check_ends(instance, shop)
            self.check_kill(instance, shop)
            self.check_books(instance)

    def check_bad_input(self, instance):
        connector = instance.florin("connector", "list")["items"][0]
        self.assertEqual((connector["authorization_validity_s"], connector["authorization_margin_s"]),
                         (VALIDITY_S, MARGIN_S))
        for words, field in ((("--authorization-validity", "0s"), "authorization_validity"),
                             (("--authorization-validity", "367d"), "authorization_validity"),
                             (("--authorization-validity", "soon"), "authorization_validity"),
                             (("--authorization-margin", "7d"), "authorization_margin")):
            with self.subTest(words=words), self.assertRaises(CliError) as raised:
                instance.florin("connector", "create", "other", "--kind", "sandbox", "--base-url",
                                "https://psp.example", "--api-key-file",
                                instance.folder / "acquirer.key", *words)
            self.assertEqual(raised.exception.code, 2)
            self.assertIn(field, str(raised.exception.error))
        self.assertEqual(len(instance.florin("connector", "list")["items"]), 1)

    def charge(self, instance, reference):
        return [row for row in instance.book()["charges"]
                if row["merchant_reference"] == reference][0]

    def expired(self, shop, payment):
        shown = wait_until(f"{payment} expired", lambda: (
            lambda found: found if found["status"] == "expired" else None)(shop.get(payment).json),
            seconds=60)
        self.assertEqual(shown["amount_released"], shown["amount_authorized"])
        self.assertNotIn("capture_before", shown)
        self.assertNotIn("last_decline", shown)
        return shown

    def told(self, instance, payment):
        return [row["event"]["type"] for row in instance.events()
                if row["event"]["data"]["id"] == payment].count("payment.expired")

    def check_ends(self, instance, shop):
        """One is given back in time; the other one's void is declined, and time ends it."""
        given_back = shop.create(1000, "EUR", "given-back")
        self.assertEqual((given_back.status, given_back.json["status"]), (201, "requires_capture"))
        self.assertIn("capture_before", given_back.json)
        refused = shop.create(1094, "EUR", "refused").json["id"]
        lost = shop.create(1093, "EUR", "lost").json["id"]
        given_back = given_back.json["id"]
        self.expired(shop, given_back)
        self.assertEqual(self.charge(instance, "given-back")["status"], "voided")
        # The answer was lost: the doubt ends by the acquirer's record, and with it the payment.
        self.expired(shop, lost)
        self.assertEqual(self.charge(instance, "lost")["status"], "voided")
        self.expired(shop, refused)
        charge = self.charge(instance, "refused")
        self.assertEqual(charge["status"], "authorized")
        self.assertEqual([part["status"] for part in charge["voids"]], ["declined"])
        types = [entry["type"] for entry in instance.florin(
            "ledger", "entries", "--limit", "1000")["items"]]
        self.assertEqual(types.count("expiry"), 1)
        self.assertGreaterEqual(types.count("clock"), 1)
        for payment in (given_back, refused, lost):
            wait_until("event", lambda one=payment: self.told(instance, one))
        # What has ended takes no capture.
        late = shop.request("POST", f"/v1/payments/{given_back}/captures", {})
        self.assertEqual((late.status, late.json["code"]), (409, "state-conflict"))

    def check_kill(self, instance, shop):
        """Killed while the acquirer carries a void out: the next start knows of both."""
        instance.arm("void", "stall")
        payments = {name: shop.create(2000, "EUR", name).json["id"] for name in ("kill-1", "kill-2")}
        wait_until("a void at the acquirer", lambda: any(
            self.charge(instance, name)["voids"] for name in payments), seconds=60)
        instance.kill_daemon()
        instance.disarm()
        instance.restart_daemon()
        instance.move_client(shop)
        for name, payment in payments.items():
            self.expired(shop, payment)
            self.assertEqual([part["status"] for part in self.charge(instance, name)["voids"]],
                             ["succeeded"])
            wait_until("event", lambda one=payment: self.told(instance, one))
            self.assertEqual(self.told(instance, payment), 1)

    def check_books(self, instance):
        instance.assert_balanced()
        for row in instance.balances():
            self.assertEqual(row["pending_debits"], row["pending_credits"], row)
        self.assertEqual(instance.florin("status")["payments_in_doubt"], 0)
        instance.export_and_verify("expiry")


if __name__ == "__main__":
    unittest.main()
