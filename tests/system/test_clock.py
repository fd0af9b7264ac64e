"""A wall clock that jumps: nothing is dispatched and nothing acts on time until an operator says that
the time is right.
"""
import os
import pathlib
import struct
import unittest

from support import BIN, Instance, wait_until

SHIM = pathlib.Path(BIN).parent / "tests" / "modules" / "clock_shim.so"
MINUTE_S = 60


class ClockInstance(Instance):
    def daemon_environment(self):
        offset = self.folder / "clock.offset"
        if not offset.exists():
            offset.write_bytes(bytes(8))
        return {**super().daemon_environment(), "LD_PRELOAD": str(SHIM),
                "FLORIN_CLOCK_SHIM": str(offset)}

    def move_clock(self, seconds):
        with open(self.folder / "clock.offset", "r+b") as file:
            file.write(struct.pack("<q", seconds * 10**9))
            file.flush()
            os.fsync(file.fileno())

    def clock(self):
        return self.florin("status")["clock"]


class Clock(unittest.TestCase):
    def test_a_clock_that_jumps(self):
        self.assertTrue(SHIM.exists(), f"not built: {SHIM}")
        with ClockInstance(settings={"payments.connector_deadline_ms": 2000}) as instance:
            shop = instance.set_up()
            self.assertEqual(instance.clock(), {"state": "ok"})
            payment = shop.create(1200, "EUR", "clock-1").json["id"]
            instance.ask_sandbox("PUT", "/v1/faults", {"rules": [
                {"operation": "charge", "behaviour": "close_after", "count": 1}]})
            doubt = shop.create(800, "EUR", "clock-2").json["id"]

            for jump in (6 * MINUTE_S, -6 * MINUTE_S):
                instance.move_clock(jump)
                found = wait_until("the jump to be noticed", lambda: instance.clock()["state"]
                                   == "diverged" and instance.clock())
                self.assertAlmostEqual(found["divergence_s"], jump, delta=2)
                executed = instance.book()["executed"]["charge"]
                # The merchant's own clock is right, and the request signed well: it is not taken.
                refused = shop.create(1300, "EUR", f"clock-{jump}")
                self.assertIn(refused.status, (401, 503), refused.body)
                self.assertEqual(instance.book()["executed"]["charge"], executed)
                instance.move_clock(0)
                self.assertEqual(instance.clock()["state"], "diverged")
                self.assertEqual(shop.create(1300, "EUR", "clock-back").status, 503)
                self.assertEqual(shop.get(payment).status, 200)
                before = instance.entry_count()["system", "system"]
                done = instance.florin("config", "confirm-clock")
                self.assertEqual(done["state"], "ok")
                self.assertEqual(instance.entry_count()["system", "system"], before + 1)

            self.assertEqual(shop.create(1300, "EUR", "clock-again").status, 201)
            wait_until("end of the doubt",
                       lambda: shop.get(doubt).json["status"] == "requires_capture", seconds=40)


if __name__ == "__main__":
    unittest.main()
