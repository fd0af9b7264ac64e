"""What stands between the daemon and its connectors: breaker, list of hosts, registry, the harmless call."""
import subprocess
import unittest

from support import BIN, Instance, wait_until


class Connectors(unittest.TestCase):
    def test_a_connector_that_does_not_work_is_left_alone(self):
        with Instance(settings={"payments.connector_breaker_failures": "3",
                                "payments.connector_breaker_open_s": "1"}) as instance:
            shop = instance.set_up()
            instance.sandbox.kill()
            codes = [shop.create(1000, "EUR", f"down-{number}").json["last_decline"]["code"]
                     for number in range(4)]
            self.assertEqual(codes, ["acquirer_unreachable"] * 3 + ["connector_busy"])
            self.assertEqual(instance.florin("status")["payments_in_doubt"], 0)
            instance.start_sandbox(instance.sandbox_port)

            def paid():
                number = len(shop.list(limit=100).json["data"])
                return shop.create(1000, "EUR", f"up-{number}").json["status"] == "requires_capture"
            wait_until("connector that works again", paid)
            self.assertTrue(instance.florin("connector", "test", "acquirer")["works"])

    def test_hosts_that_are_not_listed_are_not_dialled(self):
        with Instance(settings={"egress.acquirer_hosts": "psp.example"}) as instance:
            shop = instance.set_up()
            answer = shop.create(1000, "EUR", "elsewhere")
            self.assertEqual(answer.json["last_decline"]["code"], "acquirer_unreachable", answer.body)
            tested = instance.florin("connector", "test", "acquirer")
            self.assertEqual((tested["works"], tested["stage"]), (False, "address"), tested)

    def test_the_registry(self):
        with Instance() as instance:
            names = [row["name"] for row in instance.florin("schema", "list")["items"]]
            self.assertEqual(names, ["connector.sandbox", "connector.stripe", "declines"])
            for name in names:
                shown = instance.florin("schema", "show", name)
                self.assertEqual(shown["name"], name)
                text = subprocess.run([BIN / "florin", "--output", "table", "--run-dir",
                                       instance.folder / "run", "schema", "show", name],
                                      check=True, capture_output=True, text=True).stdout
                self.assertIn(shown["title"], text)
            unknown = instance.run_florin("schema", "show", "nothing", check=False)
            self.assertEqual(unknown.returncode, 4, unknown.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
