"""One JSON line per failed handshake with everything that is known, and never a secret anywhere."""

import datetime
import re
import socket
import time

from lab import clients
from lab.case import HOST, LabCase, main
from lab.wire import Wire


def hello():
    """A ClientHello by hand: TLS 1.2, three suites, no extension."""
    body = b"\x03\x03" + b"\x11" * 32 + b"\x00" + bytes.fromhex("0006c02fc013002f") + b"\x01\x00"
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message


class HandshakeLog(LabCase):
    def only_line(self, program):
        lines = program.wait_for_lines(1)
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def test_has_every_field(self):
        program = self.start(self.config())
        before = datetime.datetime.now(datetime.timezone.utc)
        seen = clients.s_client(self.port, root=self.pki.authority.root("other", "Other Root").pem, server_name=HOST)
        self.assertEqual(seen.alert_sent, 48)
        line = self.only_line(program)
        at = datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00"))
        self.assertLess(abs((at - before).total_seconds()), 60)
        self.assertTrue(line["connection"])
        self.assertEqual(line["listener"], "exchange")
        self.assertTrue(line["peer"].startswith("127.0.0.1:"), line)
        self.assertEqual(line["sni"], HOST)
        self.assertIn("tls1.3", line["versions"])
        self.assertIn("0x1301", line["suites"])  # TLS_AES_128_GCM_SHA256
        self.assertEqual(line["reason"], "client_unknown_ca")
        self.assertEqual((line["alert"], line["alert_code"], line["direction"]), ("unknown_ca", 48, "received"))
        self.assertEqual(line["stage"], "server_flight")

    def test_of_a_refused_version_still_knows_the_hello(self):
        program = self.start(self.config())
        clients.s_client(self.port, "-tls1", server_name=HOST, legacy=True)
        line = self.only_line(program)
        self.assertEqual((line["reason"], line["alert"], line["sni"]),
                         ("version_unsupported", "protocol_version", HOST))
        self.assertEqual(line["versions"], ["tls1.0"])

    def test_of_an_old_phone_that_refuses_the_chain(self):
        program = self.start(self.config(chain=self.chain(bundles=[]),
                                         listeners=[self.listener(policy="legacy-tls10")]))
        self.assertEqual(clients.gnutls(self.port, root=self.pki.root.pem, host=HOST).alert_sent, 42)
        line = self.only_line(program)
        self.assertEqual((line["reason"], line["alert"]), ("client_bad_certificate", "bad_certificate"))
        self.assertNotIn("sni", line)

    def test_of_suites_that_this_library_lacks(self):
        program = self.start(self.config(listeners=[self.listener(policy="legacy-tls10")]))
        rc4_only = "NONE:+VERS-TLS1.0:+RSA:+ARCFOUR-128:+3DES-CBC:+MD5:+SHA1:+COMP-NULL:%NO_EXTENSIONS"
        self.assertEqual(clients.gnutls(self.port, priority=rc4_only).alert_received, 40)
        line = self.only_line(program)
        self.assertEqual((line["reason"], line["alert"]), ("library_unsupported", "handshake_failure"))

    def test_of_a_client_that_leaves_in_the_middle(self):
        program = self.start(self.config(listeners=[self.listener(policy="legacy-tls10")]))
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(hello())
            connection.recv(1)
        self.assertEqual(self.only_line(program)["reason"], "client_aborted")

    def test_of_a_client_that_stalls(self):
        program = self.start(self.config(listeners=[
            self.listener(policy="legacy-tls10", timeouts={"first_byte": "1s", "handshake": "2s"})]))
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(hello())
            began = time.monotonic()
            connection.settimeout(20)
            while connection.recv(65536):  # the server's flight, then the end
                pass
            self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(self.only_line(program)["reason"], "timeout")

    def test_noise_is_counted_and_not_a_failure(self):
        program = self.start(self.config(listeners=[self.listener(timeouts={"first_byte": "1s", "handshake": "2s"})]))
        for kind, noise in (("connect_close", b""), ("http_request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                            ("not_tls", b"\x00garbage\xff" * 10), ("partial_hello_timeout", hello()[:20])):
            with self.subTest(kind), Wire.connect(self.port, tls=False) as wire:
                wire.send(noise)
                told = wire.to_end() if noise else b""
                self.assertEqual(told.startswith(b"HTTP/1.1 400 "), kind == "http_request", told)
                self.assertEqual(b"TLS" in told, kind == "http_request", told)
                wire.close()
                program.wait_for_metric("tls_noise_total", 1, kind=kind)
        self.assertEqual(program.metric("tls_handshakes_total"), 0)
        self.assertEqual(program.lines(), [])

    def test_one_line_each(self):
        program = self.start(self.config())
        for _ in range(20):
            clients.s_client(self.port, "-tls1", legacy=True)
        lines = program.wait_for_lines(20)
        self.assertEqual(len({line["connection"] for line in lines}), 20)
        self.assertEqual(program.metric("tls_handshake_failures_total"), 20)


class Secrets(LabCase):
    PASSWORD = "Sesam-oeffne-dich-4711"

    def test_appear_nowhere(self):
        pfx = self.pki.authority.pfx("secret.pfx", self.pki.rsa, self.PASSWORD)
        password = self.folder / "password"
        password.write_text(self.PASSWORD)
        config = self.config(certificates={"mail": {"pfx": str(pfx), "password_file": str(password)}},
                             listeners=[self.listener(policy="legacy-tls10")])
        config["logs"]["level"] = "debug"
        program = self.start(config)
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            wire.request("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic R2VoZWltbmlzCg==\r\n"
                         "Cookie: session=Zimtschnecke\r\n\r\n")
        clients.s_client(self.port, root=self.pki.authority.root("other", "Other Root").pem)
        program.wait_for_lines(1)
        password.write_text("wrong-" + self.PASSWORD)
        self.assertFalse(program.reload())
        told = program.output + program.ask("/status")[2] + program.ask("/metrics")[2]
        for file in program.folder.glob("*.jsonl"):
            told += file.read_text()
        program.stop()
        told += program.output
        self.assertIn("secret.pfx", told)  # so that the search below looks at something
        key = re.sub(r"-----.*?-----|\s", "", self.pki.rsa.key.read_text())
        for secret in (self.PASSWORD, "R2VoZWltbmlzCg", "Zimtschnecke", "PRIVATE KEY", key[100:140]):
            self.assertNotIn(secret, told)


if __name__ == "__main__":
    main()
