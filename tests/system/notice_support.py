"""An instance whose acquirer tells it what happened.
"""
import hashlib
import hmac
import http.client
import json
import ssl
import time

from support import Instance

SECRET = "a-signing-secret-of-the-acquirer"


class NoticeInstance(Instance):
    """With a listener for notices; the sandbox tells there once `connect` was called."""

    def change_config(self, settings):
        super().change_config(settings)
        with open(self.folder / "florind.conf", "a", encoding="ascii") as file:
            file.write("\n[notices]\naddress = 127.0.0.1\nport = 0\n")

    def connect(self):
        secret = self.folder / "notices.secret"
        secret.write_text(SECRET)
        secret.chmod(0o400)
        self.path = self.florin("connector", "notices", "acquirer", "--secret-file", secret)["path"]
        self.point_sandbox()

    def point_sandbox(self):
        """Starts the sandbox anew, telling the port that the daemon has now."""
        self.notice_port = self.port_from("run/notices.port", self.daemon)
        self.sandbox.stop()
        self.sandbox_options = [
            "--notice-url", f"https://localhost:{self.notice_port}{self.path}",
            "--notice-secret-file", self.folder / "notices.secret",
            "--notice-roots", self.folder / "tls/ca.pem", "--stall-ms", 3000]
        self.start_sandbox(self.sandbox_port)

    def post(self, body, signature=None, path=None, method="POST", field="Sandbox-Signature"):
        """Sends bytes as an acquirer would; status, headers, body."""
        connection = http.client.HTTPSConnection(
            "localhost", self.notice_port, timeout=10,
            context=ssl.create_default_context(cafile=str(self.folder / "tls/ca.pem")))
        try:
            headers = {"Content-Type": "application/json"}
            if signature is not None:
                headers[field] = signature
            connection.request(method, path or self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def tell(self, event):
        body = json.dumps(event).encode()
        return self.post(body, sign(body))[0]

    def notices(self, method="GET", path="", document=None):
        return self.ask_sandbox(method, "/v1/notices" + path, document)

    def waiting(self):
        return self.florin("payment", "notices")["items"]


def sign(body, at=None, secret=SECRET):
    at = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"
