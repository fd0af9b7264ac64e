"""Domains, their certificates and client certificates, as openssl and Python's ssl see them."""
import http.client
import json
import secrets
import signal
import socket
import ssl
import subprocess
import threading
import unittest

from pki import Authority, PAST
from support import BIN, CliError, Instance, wait_until

SHOP, OPEN, MIXED = "shop.bank.test", "open.bank.test", "mixed.bank.test"
OLD_LIST = ("-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z")
BODY = {"amount": {"value": 500, "currency": "EUR"}, "merchant_reference": "order-1",
        "payment_method": {"type": "token", "token": "tok_approve"}, "capture_method": "manual"}


class Domains(Instance):
    """An instance with three domains: SHOP requires client certificates, MIXED takes them, OPEN
    belongs to a tenant that nobody here is of."""

    def start(self):
        self.domains = self.base / "domains"
        self.pki = Authority(self.base / "bank")
        self.settings["api.certificates"] = self.domains
        self.pki.client("shop")
        self.pki.client("second", names="DNS:second.shop.test")
        for name, settings in ((SHOP, "tenant = demo\nclient_certificates = required"),
                               (MIXED, "client_certificates = optional"),
                               (OPEN, "tenant = somebody-else")):
            self.add_domain(name, settings, clients=name != OPEN)
        super().start()

    def add_domain(self, name, settings, clients=False):
        folder = self.domains / name
        folder.mkdir(parents=True, exist_ok=True)
        self.pki.server(name, name)
        (folder / "chain.pem").write_text(self.pki.path(f"{name}.pem").read_text())
        key = folder / "key.pem"
        key.unlink(missing_ok=True)
        key.touch(0o600)
        key.write_text(self.pki.path(f"{name}.key").read_text())
        (folder / "domain.conf").write_text(f"[domain]\n{settings}\n")
        if clients:
            (folder / "clients.pem").write_text(self.pki.path("root.pem").read_text())
            (folder / "clients.crl").write_text(self.pki.revocations())

    def context(self, certificate=None):
        context = ssl.create_default_context(cafile=str(self.pki.path("root.pem")))
        # What the client itself would refuse must reach the server.
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        if certificate is not None:
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return context

    def connect(self, domain, certificate=None, context=None):
        context = context or self.context(certificate)
        tcp = socket.create_connection(("127.0.0.1", self.api_port), timeout=30)
        connection = http.client.HTTPConnection(domain, self.api_port)
        try:
            connection.sock = context.wrap_socket(tcp, server_hostname=domain)
        except BaseException:
            tcp.close()
            raise
        return connection

    def ask(self, connection, method="GET", target="/v1/payments", document=None, headers=None):
        body = None if document is None else json.dumps(document)
        headers = dict(headers or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text)

    def once(self, domain, certificate=None, *words, **more):
        connection = self.connect(domain, certificate)
        try:
            return self.ask(connection, *words, **more)
        finally:
            connection.close()

    def signed(self, client, domain, certificate=None, method="GET", target="/v1/payments"):
        """A signed request of a merchant at a domain; status and document."""
        client.authority = f"{domain}:{self.api_port}"
        return self.once(domain, certificate, method, target,
                         headers=client.headers_for(method, target, b"", "", ""))

    def log_text(self):
        return (self.folder / "florind.log").read_text()


class Tls(unittest.TestCase):
    def test_domains_and_client_certificates(self):
        with Domains() as instance:
            self.shop = instance.set_up()
            self.instance = instance
            self.good = instance.pki.path("shop.pem")
            for check in (self.check_status, self.check_unknown_names, self.check_certificate_only,
                          self.check_bound_key, self.check_tenants, self.check_bad_certificates,
                          self.check_reload_under_load, self.check_bad_reloads,
                          self.check_revocation, self.check_white_label):
                with self.subTest(check.__name__):
                    check()

    def check_status(self):
        certificates = self.instance.florin("status")["certificates"]
        self.assertEqual([one["domain"] for one in certificates], ["", MIXED, OPEN, SHOP])
        self.assertEqual(certificates[3]["names"], [SHOP])
        self.assertEqual(certificates[3]["client_certificates"], "required")
        self.assertIn(certificates[3]["days_left"], (29, 30))
        table = subprocess.run([BIN / "florin", "--run-dir", self.instance.folder / "run", "status"],
                               text=True, capture_output=True, timeout=60).stdout
        self.assertRegex(table, rf"{SHOP} +{SHOP} +(29|30) +required +demo")
        # Made for 30 days: one more day and it would be quiet.
        self.assertIn(f"the certificate of {SHOP} ends in 29 days", self.instance.log_text())

    def s_client(self, *words, given=""):
        done = subprocess.run(["openssl", "s_client", "-connect",
                               f"127.0.0.1:{self.instance.api_port}", *map(str, words)],
                              input=given, text=True, capture_output=True, timeout=60)
        return done.stdout + done.stderr

    def check_unknown_names(self):
        for words in (("-noservername",), ("-servername", "unknown.bank.test"),
                      ("-servername", "bank.test")):
            seen = self.s_client(*words, "-showcerts")
            self.assertIn("CN = localhost", seen)
            self.assertNotIn("bank.test", seen.replace("unknown.bank.test", ""))
        for name in (SHOP, SHOP.upper(), OPEN):
            self.assertIn(f"CN = {name.lower()}", self.s_client("-servername", name))
        # Who names no domain does not get to one by the Host header.
        request = f"GET /health HTTP/1.1\r\nHost: {SHOP}\r\nConnection: close\r\n\r\n"
        seen = self.s_client("-noservername", "-quiet", "-ign_eof", given=request)
        self.assertIn("HTTP/1.1 421 Misdirected Request", seen)
        status, body = self.instance.once(OPEN, None, "GET", "/health", headers={"Host": SHOP})
        self.assertEqual((status, body["code"], body["errors"][0]["pointer"]),
                         (421, "header-invalid", "Host"))

    def create_credential(self, certificate, *words):
        return self.instance.florin("credential", "create", "--merchant", "shop",
                                    "--client-certificate", certificate, *words)

    def check_certificate_only(self):
        instance = self.instance
        status, body = instance.once(SHOP, self.good)
        self.assertEqual((status, body["code"]), (401, "credential-invalid"))
        made = self.create_credential(self.good)
        self.assertEqual(made["authentication"], "certificate")
        self.assertEqual(made["certificate_name"], "urn:merchant:shop")
        self.assertNotIn("secret", made)
        for domain in (SHOP, MIXED):
            self.assertEqual(instance.once(domain, self.good)[0], 200)
        status, body = instance.once(SHOP, self.good, "POST", "/v1/payments", document=BODY)
        self.assertEqual((status, body["code"]), (400, "idempotency-key-missing"))
        key = {"Idempotency-Key": secrets.token_hex(16)}
        first = instance.once(SHOP, self.good, "POST", "/v1/payments", document=BODY, headers=key)
        again = instance.once(SHOP, self.good, "POST", "/v1/payments", document=BODY, headers=key)
        self.assertEqual(first[0], 201)
        self.assertEqual(first, again)
        # Without one, and with another's, nobody is anybody.
        self.assertEqual(instance.once(MIXED)[0], 401)
        self.assertEqual(instance.once(MIXED, instance.pki.path("second.pem"))[0], 401)
        with self.assertRaises(CliError) as refused:
            self.create_credential(self.good)
        self.assertEqual(refused.exception.error["code"], "unique-violation")
        # The identifier of a key without a secret signs nothing.
        client = instance.client(made["key_id"], instance.folder / "shop.secret")
        self.assertEqual(instance.signed(client, MIXED)[1]["code"], "signature-invalid")

    def check_bound_key(self):
        instance = self.instance
        secret = instance.folder / "bound.secret"
        second = instance.pki.path("second.pem")
        made = self.create_credential(second, "--authentication", "both", "--secret-file", secret)
        self.assertEqual((made["authentication"], made["certificate_name"]),
                         ("both", "second.shop.test"))
        client = instance.client(made["key_id"], secret)
        self.assertEqual(instance.signed(client, SHOP, second)[0], 200)
        for certificate in (None, self.good):
            status, body = instance.signed(client, MIXED, certificate)
            self.assertEqual((status, body["code"]), (401, "credential-invalid"))
        # Bound is not enough by itself: the certificate alone is nobody's proof.
        self.assertEqual(instance.once(SHOP, second)[0], 401)
        client.authority = f"localhost:{instance.api_port}"
        self.assertEqual(client.list().status, 401)
        for words in (("--authentication", "signature"),):
            with self.assertRaises(CliError):
                self.create_credential(second, *words)
        with self.assertRaises(CliError) as refused:
            self.create_credential(instance.pki.path(f"{SHOP}.pem"))
        self.assertIn("clientAuth", str(refused.exception))

    def check_tenants(self):
        instance = self.instance
        client = instance.client(self.shop.key_id, instance.folder / "shop.secret")
        self.assertEqual(instance.signed(client, SHOP, self.good)[0], 200)
        self.assertEqual(instance.signed(client, MIXED)[0], 200)
        # The domain belongs to a tenant that is not this key's: the key is unknown there.
        status, body = instance.signed(client, OPEN)
        self.assertEqual((status, body["code"]), (401, "signature-invalid"))

    def refused(self, certificate, domain=SHOP):
        """The handshake fails, or in TLS 1.3 the first read after it."""
        # What this side cannot use is no refusal.
        context = self.instance.context(certificate)
        try:
            connection = self.instance.connect(domain, context=context)
        except (ssl.SSLError, ConnectionError):
            return True
        try:
            status, _ = self.instance.ask(connection, "GET", "/health")
        except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
            return True
        finally:
            connection.close()
        return f"answered with {status}"

    def check_bad_certificates(self):
        pki = self.instance.pki
        stranger = Authority(self.instance.base / "stranger")
        pki.client("revoked")
        pki.revoke("revoked")
        self.write(SHOP, "clients.crl", pki.revocations())
        self.reload()
        bad = {
            "none": None,
            "expired": pki.client("expired", more=PAST),
            "wrong authority": stranger.client("shop"),
            "revoked": pki.path("revoked.pem"),
            "usage of servers": pki.client("server-usage", usage="serverAuth"),
            "no usage": pki.client("no-usage", usage=None),
            "any usage": pki.client("any-usage", usage="anyExtendedKeyUsage"),
            "self-signed": pki.self_signed("self-signed"),
            "no name": pki.client("no-name", names=None, subject="shop"),
            "name of a mailbox": pki.client("mail", names="email:shop@bank.test"),
            "chain of 10": pki.chain("long", 10),
            "RSA of 1024": pki.client("small", key=("-newkey", "rsa:1024")),
            "SHA-1": pki.client("sha1", more=("-md", "sha1")),
        }
        for what, certificate in bad.items():
            with self.subTest(what):
                self.assertIs(self.refused(certificate), True)
        for good in (pki.client("rsa", key=("-newkey", "rsa:2048")), self.good):
            self.assertEqual(self.instance.once(SHOP, good, "GET", "/health")[0], 200)
        seen = self.s_client("-servername", SHOP, "-cert", pki.path("revoked.pem"), "-key",
                             pki.path("revoked.key"), "-quiet", "-ign_eof",
                             given="GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn("certificate revoked", seen)
        for reason in ("certificate has expired", "certificate revoked", "certificate chain too long",
                       "clientAuth", "neither a URI nor a DNS name"):
            self.assertIn(reason, self.instance.log_text())

    def write(self, domain, name, text):
        (self.instance.domains / domain / name).write_text(text)

    def reload(self):
        return self.instance.florin("config", "reload")

    def check_reload_under_load(self):
        instance = self.instance
        answered, failures, stop = [0], [], threading.Event()

        def kept():
            connection = instance.connect(SHOP, self.good)
            while not stop.is_set():
                try:
                    status, _ = instance.ask(connection)
                    if status != 200:
                        failures.append(status)
                except Exception as error:  # noqa: BLE001 every failure counts
                    failures.append(error)
                    return
                answered[0] += 1
            connection.close()

        def fresh():
            while not stop.is_set():
                try:
                    if instance.once(MIXED, None, "GET", "/health")[0] != 200:
                        failures.append("fresh")
                except Exception as error:  # noqa: BLE001
                    failures.append(error)
                answered[0] += 1

        threads = [threading.Thread(target=work) for work in (kept, kept, fresh)]
        for thread in threads:
            thread.start()
        try:
            for number in range(6):
                instance.add_domain(MIXED, "client_certificates = optional", clients=True)
                if number % 2:
                    before = instance.log_text().count("tls.reloaded")
                    instance.daemon.child.send_signal(signal.SIGHUP)
                    wait_until("reload", lambda: instance.log_text().count("tls.reloaded") > before)
                else:
                    self.reload()
                seen = answered[0]
                wait_until("requests", lambda: answered[0] > seen + 20 or failures)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(answered[0], 100)

    def check_bad_reloads(self):
        folder = self.instance.domains / OPEN
        chain = (folder / "chain.pem").read_text()
        other = self.instance.pki.path(f"{SHOP}.pem").read_text()
        for name, text, words in (
                ("chain.pem", other, "does not belong"),
                ("chain.pem", "nothing", "cannot be used"),
                ("domain.conf", "[domain]\ntennant = demo\n", "did you mean"),
                ("domain.conf", "[domain]\nclient_certificates = often\n", "none, optional or"),
                ("domain.conf", "[domain]\nclient_certificates = required\n", "need clients.pem"),
                ("clients.pem", chain, "no certificate authority")):
            before = (folder / name).read_text() if (folder / name).exists() else None
            self.write(OPEN, name, text)
            with self.assertRaises(CliError) as refused:
                self.reload()
            self.assertEqual(refused.exception.code, 5)
            self.assertIn(words, str(refused.exception))
            self.assertEqual(self.instance.once(OPEN, None, "GET", "/health")[0], 200)
            if before is None:
                (folder / name).unlink()
            else:
                self.write(OPEN, name, before)
        (folder / "key.pem").chmod(0o640)
        with self.assertRaises(CliError) as refused:
            self.reload()
        self.assertIn("mode 0600", str(refused.exception))
        (folder / "key.pem").chmod(0o600)
        self.reload()

    def check_revocation(self):
        """What a reload takes away ends on open connections too; an old list closes the door."""
        instance = self.instance
        open_ = instance.connect(SHOP, self.good)
        spared = instance.connect(SHOP, instance.pki.path("second.pem"))
        self.assertEqual(instance.ask(open_)[0], 200)
        self.assertEqual(instance.ask(spared, target="/health")[0], 200)
        instance.pki.revoke("shop")
        self.write(SHOP, "clients.crl", instance.pki.revocations())
        self.reload()
        self.assertEqual(instance.ask(open_)[0], 401)
        self.assertEqual(instance.ask(spared, target="/health")[0], 200)
        for connection in (open_, spared):
            connection.close()
        self.assertIs(self.refused(self.good), True)
        second = instance.pki.path("second.pem")
        self.write(SHOP, "clients.crl", instance.pki.revocations(*OLD_LIST))
        warnings = self.reload()["warnings"]
        self.assertTrue(any("revocation list of " + SHOP in text for text in warnings), warnings)
        self.assertIs(self.refused(second), True)
        self.assertIn("CRL has expired", instance.log_text())
        # Other domains are not concerned.
        self.assertEqual(instance.once(MIXED, None, "GET", "/health")[0], 200)
        self.write(SHOP, "clients.crl", instance.pki.revocations())
        self.reload()
        self.assertEqual(instance.once(SHOP, second, "GET", "/health")[0], 200)

    def check_white_label(self):
        for words in (("-noservername",), ("-servername", SHOP)):
            self.assertNotIn("florin", self.s_client(*words, "-msg").lower())
        connection = self.instance.connect(MIXED)
        connection.request("GET", "/v1/payments")
        response = connection.getresponse()
        text = str(response.getheaders()) + response.read().decode()
        connection.close()
        self.assertNotIn("florin", text.lower())


if __name__ == "__main__":
    unittest.main()
