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

    def test_hsm_case_23_devices_that_make_the_iv(self):
        """Such a device serves from the ceremony on, over a restart, and the proof names its way."""
        for peer, rule in (("LunaFips", "appended"), ("CloudHsm", "written-back")):
            with self.subTest(peer=peer), FaultyInstance() as instance:
                instance.faults.dialect(peer)
                shop = instance.set_up()
                self.assertEqual(shop.create(100, "EUR", "first").status, 201)
                instance.daemon.stop()
                instance.restart_daemon()
                instance.move_client(shop)
                self.assertEqual(shop.create(100, "EUR", "second").status, 201)
                proven = instance.florin("hsm", "probe")
                self.assertTrue(proven["fit"], proven)
                self.assertEqual(proven["iv_rule"], rule)
                self.assertEqual({row["proof"] for row in proven["items"]}, {"passed"}, proven)
                self.assertEqual(instance.log_events("hsm.iv_of_device")[-1]["rule"], rule)
                instance.assert_no_secret(instance.log_text())

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

    def test_hsm_case_21_termination_while_the_login_hangs(self):
        """A login that never returns holds up neither the start nor the end for longer than its
        deadline, and is not repeated."""
        with FaultyInstance(settings={"hsm.timeout_ms": "2000"}) as instance:
            shop = instance.set_up()
            instance.daemon.stop()
            logins = instance.faults.calls("C_Login")
            rule = instance.faults.arm("C_Login", "Block", count=FOREVER)
            instance.start_daemon(wait=False)
            instance.faults.wait_fired(rule)
            instance.daemon.child.send_signal(signal.SIGTERM)
            code = instance.daemon.child.wait(60)
            self.assertEqual(code, 69, instance.daemon.tail())
            self.assertEqual(instance.faults.calls("C_Login"), logins + 1)
            instance.faults.disarm()
            instance.restart_daemon()
            instance.move_client(shop)
            self.assertEqual(shop.create(100, "EUR", "after").status, 201)
            instance.assert_no_secret(instance.log_text())

    def end_somehow(self, instance, number):
        way = WAYS[number % len(WAYS)]
        rule = None
        if not instance.daemon.alive():
            if way == "starting":
                rule = instance.faults.arm("C_Login", "Block")
                instance.start_daemon(wait=False)
                instance.faults.wait_fired(rule)
            else:
                instance.restart_daemon()
        if way in ("signing", "stuck"):
            rule = instance.faults.arm("C_Sign", "Block", count=FOREVER)
            instance.florin("merchant", "create", f"m{number}")
            instance.faults.wait_fired(rule)
        process = instance.daemon.child
        process.send_signal(signal.SIGTERM)
        if way in ("starting", "signing"):
            instance.faults.release(rule)
        code = process.wait(60)
        instance.faults.disarm()
        allowed = {"stuck": (0, -signal.SIGABRT)}.get(way, (0,))
        self.assertIn(code, allowed, f"{way}: {instance.daemon.tail()}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
