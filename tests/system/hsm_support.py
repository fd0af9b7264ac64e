"""An evaluation instance whose security module is SoftHSM behind the fault-injecting module, and
what the cases of the security module ask about a daemon."""
import json
import os
import pathlib
import subprocess

from hsm_faults import SHIM, Faults
from support import BIN, Instance


class FaultyInstance(Instance):
    def __init__(self, *arguments, settings=None, **more):
        super().__init__(*arguments, settings={"hsm.module": str(SHIM), "hsm.timeout_ms": "5000",
                                               **(settings or {})}, **more)
        self.faults = Faults(self.base / "faults")

    def daemon_environment(self):
        return {**super().daemon_environment(), **self.faults.environment}

    def run_daemon(self, *options, seconds=60, preexec=None):
        """Runs florind in the foreground until it ends by itself."""
        done = subprocess.run(
            [str(BIN / "florind"), "--config", str(self.folder / "florind.conf"), *options],
            text=True, capture_output=True, timeout=seconds, preexec_fn=preexec,
            env={**os.environ, **self.daemon_environment()})
        self.assert_no_secret(done.stderr)
        return done

    def refusal(self, done):
        """The event with which a daemon that did not start told why; its last line says it too."""
        event = [row for row in events_in(done.stderr) if row["event"] == "daemon.exit"]
        assert len(event) == 1, done.stderr
        assert done.stderr.strip().splitlines()[-1].startswith("florind: "), done.stderr
        return event[0]

    def secrets(self):
        """Everything planted: name and value."""
        found = {"api key of the acquirer": self.api_key}
        for name in ("user.pin", "so.pin", "webhook.secret", "shop.secret"):
            path = self.folder / name
            if path.exists():
                found[name] = path.read_text().strip()
        return found

    def log_text(self):
        return (self.folder / "florind.log").read_text(errors="replace")

    def log_events(self, name=None):
        rows = events_in(self.log_text())
        return [row for row in rows if name is None or row["event"] == name]

    def assert_no_secret(self, text):
        for name, value in self.secrets().items():
            assert value not in text, f"{name} is in the text"

    def token_objects(self):
        return sorted(path for path in (self.folder / "tokens").rglob("*.object")
                      if path.stem != "token")

    def pkcs11_tool(self, *words):
        """OpenSC's tool on the token, through the real module, logged in."""
        from hsm_faults import real_module
        pin = (self.folder / "user.pin").read_text().strip()
        done = subprocess.run(["pkcs11-tool", "--module", real_module(), "--login", "--pin", pin,
                               *map(str, words)], text=True, capture_output=True, timeout=120,
                              env={**os.environ, **super().daemon_environment()})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def events_in(text):
    """The events of a log; other lines are left out."""
    rows = []
    for line in text.splitlines():
        if line.startswith("<") and line[2:4] == ">{":
            rows.append(json.loads(line[3:]))
    return rows


def descriptors(process):
    """Open files of a process: path -> whether exec closes them."""
    found = {}
    for entry in pathlib.Path(f"/proc/{process}/fd").iterdir():
        try:
            flags = (entry.parent.parent / "fdinfo" / entry.name).read_text()
            target = os.readlink(entry)
        except OSError:
            continue
        bits = int(next(line.split()[1] for line in flags.splitlines()
                        if line.startswith("flags:")), 8)
        found[f"{entry.name} {target}"] = bool(bits & os.O_CLOEXEC)
    return found
