"""A running daemon and its security module: cases 21, 24, 26."""
import pathlib
import signal
import subprocess
import unittest

from hsm_faults import FOREVER, FUNCTIONS
from hsm_support import FaultyInstance, descriptors
from support import BIN, LONG, wait_until

PROBING = {"C_EncryptInit", "C_Encrypt", "C_DecryptInit", "C_Decrypt", "C_GetSessionInfo",
           "C_GetTokenInfo", "C_GenerateRandom"}
# A stuck call costs its whole deadline twice.
WAYS = ("serving", "starting", "signing", "starting", "serving", "signing", "starting", "serving",
        "starting", "stuck")
# What calls the module by the clock is far away.
NO_CHECKPOINTS = {"audit.checkpoint_interval_ms": "3600000", "audit.max_unsigned_s": "86400"}


class HsmRunning(unittest.TestCase):
    def test_hsm_case_24_no_child_processes(self):
        """The daemon starts no process, so none can inherit the module or what it holds open."""
        symbols = subprocess.run(["nm", "-D", "--undefined-only", BIN / "florind"], text=True,
                                 capture_output=True, check=True).stdout
        starters = {"fork", "vfork", "execve", "execv", "execvp", "execl", "posix_spawn",
                    "posix_spawnp", "system", "popen", "clone", "daemon"}
        used = {line.split()[-1].partition("@")[0] for line in symbols.splitlines() if line.strip()}
        self.assertEqual(used & starters, set())
        # A probe or a checkpoint has the token's files open while it runs.
        with FaultyInstance(settings={**NO_CHECKPOINTS, "hsm.probe_interval_ms": "3600000"}) as instance:
            shop = instance.set_up()
            self.assertEqual(shop.create(100, "EUR", "first").status, 201)
            instance.export_and_verify("one")
            process = instance.daemon.child.pid
            for task in pathlib.Path(f"/proc/{process}/task").iterdir():
                self.assertEqual((task / "children").read_text(), "")
            held = [name for name in descriptors(process)
                    if any(part in name for part in ("/tokens/", "softhsm", "user.pin", "so.pin"))]
            self.assertEqual(held, [], "between calls nothing of the token is open")

    def test_hsm_case_26_no_call_on_the_path_of_a_payment(self):
        """Over many payments the module is not asked to find anything, nor anything else but what
        the clock causes."""
        count = 10_000 if LONG else 200
        with FaultyInstance(settings=NO_CHECKPOINTS) as instance:
            shop = instance.set_up()
            self.assertEqual(shop.create(100, "EUR", "first").status, 201)
            before = {name: instance.faults.calls(name) for name in FUNCTIONS}
            for number in range(count):
                self.assertEqual(shop.create(100, "EUR", f"order-{number}").status, 201)
            made = {name: instance.faults.calls(name) - before[name] for name in FUNCTIONS}
            self.assertEqual({name: calls for name, calls in made.items()
                              if calls and name not in PROBING}, {})
            for name in PROBING:
                self.assertLess(made[name], count / 2, name)

    def test_hsm_case_21_termination(self):
        """SIGTERM while it starts, serves, signs and hangs: it ends, and never by a fault."""
        with FaultyInstance(settings={"hsm.timeout_ms": "2000"}) as instance:
            shop = instance.set_up()
            for number in range(200 if LONG else 20):
                with self.subTest(number=number):
                    self.end_somehow(instance, number)
            instance.faults.disarm()
            instance.restart_daemon()
            instance.move_client(shop)
            self.assertEqual(shop.create(100, "EUR", "last").status, 201)
            instance.assert_balanced()
            instance.assert_no_secret(instance.log_text())

    def end_somehow(self, instance, number):
        way = WAYS[number % len(WAYS)]
        if not instance.daemon.alive():
            if way == "starting":
                logins = instance.faults.calls("C_Login")
                instance.start_daemon(wait=False)
                wait_until("login", lambda: instance.faults.calls("C_Login") > logins)
            else:
                instance.restart_daemon()
        rule = None
        if way in ("signing", "stuck"):
            rule = instance.faults.arm("C_Sign", "Block", count=FOREVER)
            instance.florin("merchant", "create", f"m{number}")
            instance.faults.wait_fired(rule)
        process = instance.daemon.child
        process.send_signal(signal.SIGTERM)
        if way == "signing":
            instance.faults.release(rule)
        code = process.wait(60)
        instance.faults.disarm()
        # Before it can hear a signal, the signal itself ends it.
        allowed = {"starting": (0, -signal.SIGTERM), "stuck": (0, -signal.SIGABRT)}.get(way, (0,))
        self.assertIn(code, allowed, f"{way}: {instance.daemon.tail()}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
