"""How a start can end: setup, sealed, serving, or an exit with one clear line and its own code."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from support import BIN, CliError, Instance, make_certificates


class StartStates(unittest.TestCase):
    def run_daemon(self, instance, *options, seconds=60):
        return subprocess.run(
            [str(BIN / "florind"), "--config", str(instance.folder / "florind.conf"), *options],
            text=True, capture_output=True, timeout=seconds,
            env={**os.environ, "SOFTHSM2_CONF": str(instance.folder / "softhsm2.conf")})

    def assert_exit(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        line = done.stderr.strip().splitlines()[-1]
        for word in words:
            self.assertIn(word, line)

    def test_states_and_exits(self):
        with Instance() as instance:
            self.assertEqual(instance.florin("status")["state"], "setup")
            self.assertFalse((instance.folder / "run/api.port").exists())
            shop = instance.set_up()
            self.assertEqual(shop.create(100, "EUR", "first").status, 201)
            self.check_second_daemon(instance)
            self.assertEqual(instance.daemon.stop(), 0)
            self.check_configuration(instance)
            self.check_token(instance)
            self.check_pin(instance)
            instance.restart_daemon()
            instance.move_client(shop)
            self.assertEqual(shop.create(100, "EUR", "second").status, 201)
            instance.assert_balanced()

    def test_an_instance_with_a_port_of_its_own_is_accepted(self):
        with tempfile.TemporaryDirectory() as base:
            folder = pathlib.Path(base) / "try"
            subprocess.run([BIN / "florin", "init", "--evaluation", "--dir", folder, "--api-port", "8443"],
                           check=True, capture_output=True, timeout=60)
            make_certificates(folder / "tls")
            done = subprocess.run([BIN / "florind", "--config", folder / "florind.conf", "--check-config"],
                                  text=True, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("port = 8443\n", (folder / "florind.conf").read_text())

    def check_second_daemon(self, instance):
        done = self.run_daemon(instance)
        self.assert_exit(done, 69)
        self.assertEqual(instance.florin("status")["state"], "serving")

    def check_configuration(self, instance):
        path = instance.folder / "florind.conf"
        good = path.read_text()
        self.assertEqual(self.run_daemon(instance, "--check-config").returncode, 0)
        for change, words in (
                (good.replace("port = 0", "port = 70000"), ("florind.conf:", "api.port")),
                (good.replace("certificate =", "certficate ="),
                 ("florind.conf:", "api.certficate", "did you mean", "api.certificate")),
                (good + "\n[api]\nport = 1\n", ("florind.conf:", "already set")),
                (good.replace("evaluation = true", "evaluation = perhaps"),
                 ("florind.conf:", "instance.evaluation")),
                (good.replace("brand = evaluation", "brand = eva#luation"), ("florind.conf:", "#"))):
            self.assertNotEqual(change, good)
            path.write_text(change)
            self.assert_exit(self.run_daemon(instance, "--check-config"), 78, *words)
            self.assert_exit(self.run_daemon(instance), 78, *words)
        path.write_text(good)
        path.write_text(good.replace("evaluation = true", "evaluation = false")
                        .replace("evaluation_uids", "#evaluation_uids")
                        .replace("allow_private", "#allow_private"))
        self.assert_exit(self.run_daemon(instance), 78, "evaluation")
        path.write_text(good)
        done = self.run_daemon(instance, "--set", "api.certificate=/nowhere/server.pem")
        self.assert_exit(done, 69, "/nowhere/server.pem")
        self.assertEqual(subprocess.run([str(BIN / "florind")], capture_output=True,
                                        timeout=30).returncode, 64)

    def check_token(self, instance):
        """An initialised token that is gone is an error, never a reason to make a new one."""
        tokens, away = instance.folder / "tokens", instance.folder / "away"
        tokens.rename(away)
        tokens.mkdir(mode=0o700)
        self.assert_exit(self.run_daemon(instance), 69)
        self.assertEqual(list(tokens.iterdir()), [])
        tokens.rmdir()
        away.rename(tokens)

    def check_pin(self, instance):
        pin = instance.folder / "user.pin"
        right = pin.read_text()
        pin.rename(instance.folder / "user.pin.away")
        instance.start_daemon()
        self.assertEqual(instance.florin("status")["state"], "sealed")
        self.assertEqual(instance.florin("hsm", "status")["state"], "sealed")
        self.assertFalse((instance.folder / "run/api.port").exists())
        with self.assertRaises(CliError) as raised:
            instance.florin("merchant", "list")
        self.assertEqual(raised.exception.code, 9)
        self.assertEqual(instance.daemon.stop(), 0)
        pin.write_text("0" * len(right))
        pin.chmod(0o400)
        self.assert_exit(self.run_daemon(instance), 77)
        pin.unlink()
        (instance.folder / "user.pin.away").rename(pin)
        # A restart by the service manager tries no PIN again, the right one neither.
        instance.start_daemon()
        self.assertEqual(instance.florin("status")["state"], "sealed")
        self.assertIn("refused", instance.florin("hsm", "status")["reason"])
        self.assertEqual(instance.florin("hsm", "unlock", "--pin-file", pin)["state"], "ready")
        instance.wait_state(("serving",))
        self.assertEqual(instance.daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
