"""Support for system tests: an evaluation instance of real processes in a folder of its own.

The build tree is named by FLORIN_BUILD (build/dev when absent). Every wait is a poll with a deadline;
a failure shows the last lines of the logs.
"""
import atexit
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("FLORIN_BUILD", ROOT / "build" / "dev")) / "bin"
sys.path.insert(0, str(ROOT / "docs" / "examples"))
import merchant as merchant_client  # noqa: E402

TENANT = "demo"
LONG = os.environ.get("FLORIN_LONG") == "1"
SEED = int(os.environ.get("FLORIN_SEED", secrets.randbits(32)))


def wait_until(what, condition, seconds=20, interval_s=0.05):
    """The first true value of `condition`, which is asked again and again."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {seconds} s")
        time.sleep(interval_s)


def make_certificates(folder):
    """A CA and a server certificate for localhost, as a bank's PKI would give them."""
    run = lambda *words: subprocess.run(["openssl", *words], cwd=folder, check=True,  # noqa: E731
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("req", "-x509", *curve, "-days", "90", "-keyout", "ca.key", "-out", "ca.pem",
        "-subj", "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "server.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n"
                                       "extendedKeyUsage=serverAuth\n"
                                       "basicConstraints=critical,CA:FALSE\n")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-days", "90", "-extfile", "server.ext", "-out", "server.pem")


class CliError(AssertionError):
    """`florin` ended with another code than 0."""

    def __init__(self, words, code, stderr):
        super().__init__(f"florin {' '.join(map(str, words))} -> exit {code}: {stderr.strip()}")
        self.code = code
        try:
            self.error = json.loads(stderr.strip().splitlines()[-1])["error"]
        except (ValueError, KeyError, IndexError):
            self.error = None


class Process:
    """A child with its output in a log file."""

    def __init__(self, name, command, log, environment=None):
        self.name, self.log = name, log
        with open(log, "ab") as output:
            self.child = subprocess.Popen([str(word) for word in command], stdout=output,
                                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                          env={**os.environ, **(environment or {})})

    def alive(self):
        return self.child.poll() is None

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self, seconds=20):
        """Asks it to end; returns the exit code. Not ending in time is a failure."""
        if self.alive():
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"{self.name} did not end within {seconds} s\n{self.tail()}")
        return self.child.returncode

    def tail(self, lines=20):
        text = pathlib.Path(self.log).read_text(errors="replace").splitlines()[-lines:]
        return f"--- last lines of {self.name}\n" + "\n".join(text)


class Instance:
    """Sandbox acquirer, webhook receiver and daemon, with one tenant, merchant and connector when
    set up. Use as a context manager; the folder goes away unless the test failed."""

    def __init__(self, sandbox_options=(), receiver_options=(), settings=None):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="fl-", dir=os.environ.get("TMPDIR", "/tmp")))
        self.folder = self.base / "i"
        # A token in files flushes to the disk that everybody else is using.
        self.settings = {"hsm.timeout_ms": 5000, **(settings or {})}
        self.sandbox_options, self.receiver_options = list(sandbox_options), list(receiver_options)
        self.daemon = self.sandbox = self.receiver = None
        self.key_id = None
        atexit.register(self.cut)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.report()
            self.close()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None and not issubclass(kind, unittest.SkipTest):
            self.report()
        self.close()

    def start(self):
        missing = [name for name in ("florin", "florind", "florin-sandbox", "florin-verify")
                   if not (BIN / name).exists()]
        if missing:
            raise AssertionError(f"not built: {', '.join(missing)} in {BIN}")
        self.run_florin("init", "--evaluation", "--dir", self.folder)
        make_certificates(self.folder / "tls")
        self.change_config(self.settings)
        self.api_key = secrets.token_hex(24)
        key_file = self.folder / "acquirer.key"
        key_file.write_text(self.api_key)
        key_file.chmod(0o400)
        self.start_sandbox()
        self.receiver = Process("receiver", [
            sys.executable, "-B", ROOT / "docs/examples/webhook_receiver.py",
            "--port-file", self.folder / "receiver.port", *self.tls_options(),
            "--secret-file", self.folder / "webhook.secret", "--out", self.folder / "events.jsonl",
            *self.receiver_options], self.folder / "receiver.log")
        self.receiver_port = self.port_from("receiver.port", self.receiver)
        self.start_daemon()

    def tls_options(self):
        return ["--certificate", self.folder / "tls/server.pem",
                "--private-key", self.folder / "tls/server.key"]

    def change_config(self, settings):
        """{"section.key": value}; replaces or adds keys of existing sections."""
        path = self.folder / "florind.conf"
        lines = path.read_text().splitlines()
        for name, value in settings.items():
            section, key = name.split(".")
            start = lines.index(f"[{section}]") + 1
            end = next((i for i in range(start, len(lines)) if lines[i].startswith("[")), len(lines))
            kept = [line for line in lines[start:end] if line.partition("=")[0].strip() != key]
            lines[start:end] = [f"{key} = {value}", *kept]
        path.write_text("\n".join(lines) + "\n")

    def port_from(self, name, process):
        path = self.folder / name

        def read():
            if not process.alive():
                raise AssertionError(f"{process.name} ended\n{process.tail()}")
            return path.exists() and path.read_text().strip()
        return int(wait_until(f"port of {process.name}", read))

    def start_sandbox(self, port=0):
        (self.folder / "sandbox.port").unlink(missing_ok=True)
        self.sandbox = Process("sandbox", [
            BIN / "florin-sandbox", "--address", "127.0.0.1", "--port", port,
            "--port-file", self.folder / "sandbox.port", *self.tls_options(),
            "--book", self.folder / "sandbox.book", "--api-key-file", self.folder / "acquirer.key",
            *self.sandbox_options], self.folder / "sandbox.log")
        self.sandbox_port = self.port_from("sandbox.port", self.sandbox)

    def start_daemon(self, wait=True):
        """Starts florind and waits until it answers on its control socket."""
        (self.folder / "run/api.port").unlink(missing_ok=True)
        self.daemon = Process("florind", [BIN / "florind", "--config", self.folder / "florind.conf"],
                              self.folder / "florind.log", self.daemon_environment())
        if wait:
            self.wait_state(("setup", "sealed", "serving"))

    def daemon_environment(self):
        """What the daemon's environment has besides ours."""
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def wait_state(self, states, seconds=30):
        def ask():
            if not self.daemon.alive():
                raise AssertionError(f"florind ended with {self.daemon.child.returncode}\n"
                                     f"{self.daemon.tail()}")
            try:
                state = self.florin("status")["state"]
            except CliError as error:
                if error.code != 8:
                    raise
                return None
            return state if state in states else None
        return wait_until(f"state {' or '.join(states)}", ask, seconds)

    def kill_daemon(self):
        self.daemon.kill()

    def restart_daemon(self):
        """After a kill or a stop: until it serves again."""
        self.start_daemon(wait=False)
        self.wait_state(("serving",))
        self.api_port = self.port_from("run/api.port", self.daemon)

    def run_florin(self, *words, check=True, environment=None, given=None):
        """Runs the CLI; returns the finished process."""
        command = [BIN / "florin", "--output", "json", "--run-dir", self.folder / "run", *words]
        done = subprocess.run([str(word) for word in command], text=True, capture_output=True,
                              timeout=660, input=given, env={
                                  **os.environ, "FLORIN_TENANT": TENANT, "FLORIN_MODE": "test",
                                  **(environment or {})})
        if check and done.returncode != 0:
            raise CliError(words, done.returncode, done.stderr)
        return done

    def florin(self, *words, **more):
        """Runs the CLI; returns its JSON document, raises CliError on any other exit code than 0."""
        return json.loads(self.run_florin(*words, **more).stdout)

    def set_up(self):
        """People, HSM, tenant, merchant, credential, connector and webhook; returns the merchant's
        client."""
        self.initialise()
        self.florin("tenant", "create", TENANT, "--display", "Demo Bank")
        client = self.add_merchant("shop")
        self.create_connector()
        self.create_webhook()
        return client

    def create_webhook(self):
        """The endpoint that hears of the shop's payments."""
        self.florin("webhook", "create", "--merchant", "shop", "--url",
                    f"https://localhost:{self.receiver_port}/hooks",
                    "--secret-file", self.folder / "webhook.secret")

    def create_connector(self):
        """The connector that takes the payments."""
        self.florin("connector", "create", "acquirer", "--kind", "sandbox", "--base-url",
                    f"https://localhost:{self.sandbox_port}",
                    "--api-key-file", self.folder / "acquirer.key")

    def initialise(self):
        """The first two people, alice and bob, and the HSM."""
        for person in ("alice", "bob"):
            self.enrol(person)
        self.florin(*self.init_words())
        self.wait_state(("serving",))

    def init_words(self):
        return ("hsm", "init", "--so-pin-file", self.folder / "so.pin",
                "--first-person", self.folder / "alice.pub",
                "--second-person", self.folder / "bob.pub")

    def enrol(self, person, **more):
        """A signing key in the instance's folder; returns the file with its public part."""
        words = self.folder / f"{person}.passphrase"
        words.write_text(f"passphrase of {person}\n")
        words.chmod(0o400)
        public = self.folder / f"{person}.pub"
        self.florin("role", "enrol", person, "--out", public, *self.as_person(person), **more)
        return public

    def as_person(self, person):
        """Options of the commands that sign."""
        return ("--key-file", self.folder / f"{person}.key",
                "--passphrase-file", self.folder / f"{person}.passphrase")

    def request(self, person, *words, **more):
        """A command that needs two people, as far as one of them comes; returns the request."""
        given = () if "--yes" in words or "--confirm" in words else ("--yes",)
        done = self.run_florin(*words, *given, *self.as_person(person), check=False, **more)
        if done.returncode != 6:
            raise CliError(words, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def act(self, person, verb, request, *words, **more):
        """approve, reject, cancel or execute, of the text as it is now."""
        digest = self.florin("request", "show", request)["digest"]
        return self.florin("request", verb, request, "--digest", digest[:16],
                           *words, *self.as_person(person), **more)

    def two_people(self, first, second, *words):
        """The first one asks, the second one approves; returns the request as it ended."""
        return self.act(second, "approve", self.request(first, *words)["number"])

    def add_merchant(self, name, *more):
        """A further merchant with a credential; returns its client."""
        self.florin("merchant", "create", name, *more)
        secret = self.folder / f"{name}.secret"
        key = self.florin("credential", "create", "--merchant", name, "--label", "test",
                          "--secret-file", secret)["key_id"]
        self.api_port = self.port_from("run/api.port", self.daemon)
        return self.client(key, secret)

    def client(self, key_id, secret_file):
        return merchant_client.Client(f"https://localhost:{self.api_port}", key_id,
                                      merchant_client.read_secret(secret_file),
                                      str(self.folder / "tls/ca.pem"))

    def move_client(self, client):
        """Points a client to the port that a restarted daemon has."""
        client.port = self.api_port
        client.authority = f"localhost:{self.api_port}"

    def ask_sandbox(self, method, target, document=None):
        connection = http.client.HTTPSConnection(
            "localhost", self.sandbox_port, timeout=10,
            context=ssl.create_default_context(cafile=str(self.folder / "tls/ca.pem")))
        try:
            headers = {"Authorization": f"Bearer {self.api_key}"}
            body = None
            if document is not None:
                body, headers["Content-Type"] = json.dumps(document), "application/json"
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            text = response.read()
            assert response.status == 200, (response.status, text)
            return json.loads(text)
        finally:
            connection.close()

    def operator_page(self, path, role="auditor"):
        """What the operators' socket of the role answers, as text."""
        connection = http.client.HTTPConnection("localhost", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.sock.settimeout(10)
            connection.sock.connect(str(self.folder / f"run/{role}.sock"))
            connection.request("GET", path)
            response = connection.getresponse()
            text = response.read().decode()
            assert response.status == 200, (response.status, text)
            return text
        finally:
            connection.close()

    def book(self):
        """The acquirer's own books."""
        return self.ask_sandbox("GET", "/v1/book")

    def arm(self, operation, behaviour, count=1):
        """The next `count` requests of that operation end badly; replaces earlier rules."""
        self.ask_sandbox("PUT", "/v1/faults", {"rules": [
            {"operation": operation, "behaviour": behaviour, "count": count}]})

    def disarm(self):
        self.ask_sandbox("PUT", "/v1/faults", {"rules": []})

    def events(self):
        """Verified webhooks so far, each id once, in the order received."""
        path = self.folder / "events.jsonl"
        rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return list({row["webhook_id"]: row for row in rows}.values())

    def entry_count(self):
        ledgers = self.florin("status")["ledgers"]
        return {(row["tenant"], row["mode"]): row["entries"] for row in ledgers}

    def balances(self):
        return self.florin("ledger", "balances")["items"]

    def assert_balanced(self):
        """Debits equal credits per currency, posted and pending."""
        sums = {}
        for row in self.balances():
            for layer in ("", "pending_"):
                key = (row["currency"], layer)
                sums[key] = (sums.get(key, 0) + int(row[layer + "debits"])
                             - int(row[layer + "credits"]))
        assert not any(sums.values()), f"not balanced: {sums}"

    def export_and_verify(self, name):
        """Exports the ledger and has both offline verifiers judge it; returns the export's document."""
        made = self.florin("audit", "export", name)
        folder = pathlib.Path(made["directory"])
        for judge in ([BIN / "florin-verify"], [sys.executable, "-B", folder / "verify.py"]):
            done = subprocess.run([*judge, folder], text=True, capture_output=True, timeout=600)
            assert done.returncode == 0 and f"OK {made['entries']} entries" in done.stdout, (
                judge, done.stdout + done.stderr)
        return made

    def report(self):
        for process in (self.sandbox, self.receiver, self.daemon):
            if process is not None:
                print(process.tail(), file=sys.stderr)

    def cut(self):
        for process in (self.daemon, self.receiver, self.sandbox):
            if process is not None and process.alive():
                process.kill()

    def close(self):
        """Ends everything; the daemon has to end by itself when asked."""
        try:
            if self.daemon is not None:
                self.daemon.stop()
        finally:
            self.cut()
            atexit.unregister(self.cut)
            if os.environ.get("FLORIN_KEEP") != "1":
                shutil.rmtree(self.base, ignore_errors=True)
