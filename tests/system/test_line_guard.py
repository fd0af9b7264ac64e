"""What stands before a connector: how much may be under way, how many requests may start in a second,
and that one which does not work is left alone for a while. Whatever it holds back was not sent, and says
so; what brings evidence about a doubt is never held back."""
import threading
import unittest

from support import Instance, wait_until

LIMITS = {"payments.connector_max_in_flight": 512, "payments.connector_requests_per_s": 0,
          "payments.connector_breaker_failures": 0, "payments.connector_breaker_open_s": 3600}


class Guarded(Instance):
    """One instance through all limits; a change of them is a restart."""

    def limit(self, shop, **limits):
        self.daemon.stop()
        self.change_config({**LIMITS, **{f"payments.connector_{name}": value
                                         for name, value in limits.items()}})
        self.restart_daemon()
        self.move_client(shop)

    def metric(self, name, **labels):
        """The sum of what the metric shows with these labels."""
        total = 0
        for line in self.operator_page("/operator/v1/metrics").splitlines():
            wanted = line.startswith((name + "{", name + " "))
            if wanted and all(f'{key}="{value}"' in line for key, value in labels.items()):
                total += int(line.rpartition(" ")[2])
        return total

    def held_back(self):
        return self.metric("connector_requests_total", result="held_back")

    def doubtful(self, shop, behaviour="error_500_after"):
        """A payment whose outcome got lost; the acquirer has it."""
        self.arm("charge", behaviour)
        answer = shop.create(100, "EUR", "doubtful")
        assert answer.status == 202, answer.body
        return answer.json["id"]


def is_busy(answer):
    """What was held back: not sent, and a new payment may be tried at once."""
    return (answer.status == 201 and answer.json["status"] == "failed"
            and answer.json["last_decline"]["code"] == "connector_busy")


class LineGuard(unittest.TestCase):
    def test_what_stands_before_a_connector(self):
        with Guarded(settings={"payments.connector_deadline_ms": 40000},
                     sandbox_options=["--stall-ms", "40000"]) as instance:
            self.instance = instance
            self.shop = instance.set_up()
            self.check_under_way()
            self.check_starts()
            self.check_left_alone()
            self.check_tried_again()
            self.check_book()

    def status(self, payment):
        return self.shop.get(payment).json["status"]

    def is_authorized(self, payment):
        return self.status(payment) == "requires_capture"

    def check_under_way(self):
        """One request may be under way: while it hangs nothing else starts, and a doubt ends."""
        self.instance.limit(self.shop, max_in_flight=1)
        doubt = self.instance.doubtful(self.shop)
        executed = self.instance.book()["executed"]["charge"]
        self.instance.arm("charge", "stall")
        held = []
        other = self.instance.client(self.shop.key_id, self.instance.folder / "shop.secret")
        other.timeout_s = 120
        hanging = threading.Thread(
            target=lambda: held.append(other.create(200, "EUR", "hangs")))
        hanging.start()
        wait_until("the request to hang", lambda: self.instance.book()["executed"]["charge"]
                   == executed + 1)
        self.assertTrue(is_busy(self.shop.create(300, "EUR", "held-1")))
        wait_until("end of the doubt", lambda: self.is_authorized(doubt))
        self.assertEqual(held, [], "the doubt ended while the line was full")
        self.assertTrue(is_busy(self.shop.create(300, "EUR", "held-2")))
        self.assertEqual(self.instance.held_back(), 2, "nothing but the two")
        # The acquirer goes away before it has answered.
        self.instance.sandbox.kill()
        hanging.join(60)
        self.instance.start_sandbox(self.instance.sandbox_port)
        self.assertEqual(held[0].status, 202, held[0].body)
        wait_until("end of what hung", lambda: self.is_authorized(held[0].json["id"]))
        self.assertEqual(self.instance.metric("connector_requests_in_flight"), 0)
        self.assertEqual(self.shop.create(300, "EUR", "free").json["status"], "requires_capture")

    def check_starts(self):
        """One start a second: those beyond it are held back; a doubt ends all the same."""
        self.instance.limit(self.shop, requests_per_s=1)
        doubt = self.instance.doubtful(self.shop)
        held = 0

        def both():
            nonlocal held
            held += is_busy(self.shop.create(400, "EUR", "fast"))
            return held and self.is_authorized(doubt)
        wait_until("a start held back and the end of the doubt", both, seconds=60, interval_s=0)
        self.assertEqual(self.instance.held_back(), held, "nothing but starts")

    def check_left_alone(self):
        """After failures the connector is left alone for an hour; the doubts end meanwhile."""
        self.instance.limit(self.shop, breaker_failures=3)
        is_open = lambda: self.instance.metric("connector_breaker_open")  # noqa: E731
        doubts = []
        for number in range(3):
            self.assertEqual(is_open(), 0, number)
            # The inquiries that follow must not mend what the failures say.
            doubts.append(self.instance.doubtful(self.shop))
        self.assertEqual(is_open(), 1)
        self.assertTrue(is_busy(self.shop.create(500, "EUR", "alone")))
        for doubt in doubts:
            wait_until("end of the doubt", lambda doubt=doubt: self.is_authorized(doubt))
        self.assertEqual(is_open(), 1, "evidence closes it no earlier than a trial would")
        self.assertTrue(is_busy(self.shop.create(500, "EUR", "still-alone")))
        held = self.shop.capture(doubts[0], 100, "EUR").json
        self.assertEqual((held["status"], held["captures"][0]["status"],
                          held["last_decline"]["code"]),
                         ("requires_capture", "failed", "connector_busy"))
        self.assertEqual(self.instance.held_back(), 3)
        self.assertIn("connector.left_alone", self.log())

    def check_tried_again(self):
        """After its time one request tries; it works again, and what was held back can be paid."""
        self.instance.limit(self.shop, breaker_failures=1, breaker_open_s=1)
        doubt = self.instance.doubtful(self.shop, "close_after")
        wait_until("a payment that gets through", lambda: self.shop.create(
            600, "EUR", "again").json["status"] == "requires_capture")
        self.assertEqual(self.instance.metric("connector_breaker_open"), 0)
        self.assertIn("connector.works_again", self.log())
        wait_until("end of the doubt", lambda: self.is_authorized(doubt))
        self.assertEqual(self.shop.create(600, "EUR", "ever-after").json["status"],
                         "requires_capture")

    def log(self):
        return (self.instance.folder / "florind.log").read_text(errors="replace")

    def check_book(self):
        """What was held back never came to the acquirer, and nothing came twice."""
        book = self.instance.book()
        ours = {}
        cursor = None
        while True:
            page = self.shop.list(limit=100, cursor=cursor).json
            ours.update({row["id"]: row["status"] for row in page["data"]})
            cursor = page.get("next_cursor")
            if not cursor:
                break
        authorized = sum(status == "requires_capture" for status in ours.values())
        self.assertEqual(len(book["charges"]), authorized)
        self.assertEqual(set(book["executions_by_reference"].values()), {1})
        self.instance.assert_balanced()


if __name__ == "__main__":
    unittest.main(verbosity=2)
