"""chainmend probe against servers that are not ours: what it must say of each fault, and what it must not; and whether
what it foretells of a kind of client is what a real client of that kind does.
"""

import json
import os
import socket
import threading
from dataclasses import dataclass, field

from lab import clients
from lab.case import HOST, LabCase, main
from lab.chainmend import run, until
from lab.nginx import ANY_TLS
from lab.programs import free_port

PHONE, OPENSSL = "lync_phone_edition", "openssl_3"


@dataclass
class Fault:
    """What is wrong with a server, and what probe says of it."""

    name: str
    findings: set  # ids, all of them
    phone: str = "fails"  # outcome for PHONE, whose roots are given
    modern: str = "fails"  # likewise for OPENSSL
    leaf: str = "rsa"
    chain: tuple = ()  # names of certificates behind the leaf
    tls: str = ANY_TLS
    said: tuple = field(default=())  # words of the page


FAULTS = [
    Fault("none", set(), phone="connects", modern="connects", chain=("server-ca", "primary"),
          said=("complete: ends at the root", "TLS_RSA_WITH_AES")),
    Fault("leaf alone", {"intermediate-missing"}, said=("0x80072f0d", "'Lab Server CA'", "tmsh", "--pem-out")),
    Fault("second intermediate missing", {"intermediate-missing"}, chain=("server-ca",), said=("'Lab Primary CA'",)),
    Fault("wrong order", {"wrong-order"}, modern="connects", chain=("primary", "server-ca"), said=("out of order",)),
    Fault("root included", {"root-included"}, phone="connects", modern="connects",
          chain=("server-ca", "primary", "root")),
    Fault("root in place of the intermediates", {"intermediate-missing", "unrelated"}, chain=("root",)),
    Fault("sent twice", {"duplicate"}, phone="connects", modern="connects", chain=("server-ca", "server-ca", "primary")),
    Fault("stranger in the list", {"unrelated"}, phone="connects", modern="connects",
          chain=("server-ca", "primary", "stranger")),
    Fault("expired leaf", {"expired"}, leaf="expired", chain=("server-ca", "primary"), said=("0x80072f05",)),
    Fault("leaf of tomorrow", {"not-yet-valid"}, leaf="early", chain=("server-ca", "primary")),
    Fault("leaf that ends in days", {"expires-soon"}, phone="connects", modern="connects", leaf="short",
          chain=("server-ca", "primary")),
    Fault("other name", {"name-mismatch"}, leaf="other", chain=("server-ca", "primary"), said=("0x80072f06",)),
    Fault("unknown root", {"root-not-trusted", "root-included"}, leaf="private", chain=("stranger",),
          said=("--roots",)),
    Fault("SHA-512", {"sha512"}, leaf="sha512", modern="connects", chain=("server-ca", "primary"), said=("SHA-512",)),
    Fault("SHA-1", {"weak"}, phone="connects", modern="connects", leaf="sha1", chain=("server-ca", "primary")),
    Fault("client's certificate", {"wrong-purpose"}, leaf="purpose", chain=("server-ca", "primary"),
          phone="connects", modern="connects"),
    Fault("no TLS 1.0", set(), modern="connects", chain=("server-ca", "primary"),
          tls="ssl_protocols TLSv1.2 TLSv1.3;", said=("alert 70 (protocol_version)", "TLS 1.0 at most")),
    Fault("ECDSA alone", set(), modern="connects", leaf="ec", chain=("server-ca", "primary"),
          said=("alert 40 (handshake_failure)",)),
]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Probe(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pki = cls.pki
        stranger = pki.authority.root("stranger", "Stranger Root")
        pki.leaf("expired", days=(-30, -1))
        pki.leaf("early", days=(1, 300))
        pki.leaf("short", days=(-30, 10))
        pki.leaf("other", ["www.contoso.test"])
        pki.leaf("private", issuer=stranger)
        pki.leaf("sha512", digest="sha512")
        pki.leaf("sha1", digest="sha1")
        pki.leaf("purpose", usage="clientAuth")
        pki.leaf("ec", key="ec")

    def file(self, name):
        return self.pki.folder / f"{name}.pem"

    def serve(self, fault):
        """nginx with this fault: its port."""
        port = free_port()
        chain = self.folder / f"{port}.pem"
        chain.write_text("".join(self.file(name).read_text() for name in (fault.leaf, *fault.chain)))
        self.nginx(f"""
          server {{
            listen 127.0.0.1:{port} ssl;
            {fault.tls}
            ssl_certificate {chain};
            ssl_certificate_key {self.pki.folder / fault.leaf}.key;
            return 200 "ok";
          }}""")
        until(lambda: answers(port), what="nginx listens")
        return port

    def probe(self, port, *options, host=HOST):
        return run("probe", f"127.0.0.1:{port}", "--sni", host, "--roots", self.pki.root.pem, "--bundle",
                   self.pki.bundle, *options)

    def test_says_what_is_wrong_and_what_becomes_of_clients(self):
        for fault in FAULTS:
            with self.subTest(fault.name):
                port = self.serve(fault)
                done = self.probe(port, "--as", PHONE, "--as", OPENSSL, "--json")
                target = json.loads(done.stdout)["targets"][0]["addresses"][0]
                found = {finding["id"] for served in target["served"] for finding in served["findings"]}
                self.assertEqual(found, fault.findings)
                outcomes = {client["client"]: client["outcome"] for client in target["clients"]}
                self.assertEqual(outcomes, {PHONE: fault.phone, OPENSSL: fault.modern})
                self.assertEqual(done.returncode, 1 if "fails" in outcomes.values() else 0)
                page = self.probe(port, "--as", PHONE, "--as", OPENSSL)
                for words in fault.said:
                    self.assertIn(words, page.stdout)
                self.assertEqual(page.stderr, "")
                for line in page.stdout.splitlines():
                    self.assertTrue(len(line) <= 100, line)

    def test_foretells_what_real_clients_do(self):
        for fault in FAULTS:
            if fault.name == "client's certificate":
                continue  # old phones are not known to look at the purpose, and OpenSSL does
            with self.subTest(fault.name):
                port = self.serve(fault)
                phone = clients.gnutls(port, root=self.pki.root.pem, host=HOST)
                modern = clients.s_client(port, root=self.pki.root.pem, server_name=HOST)
                if fault.name not in ("wrong order", "SHA-512", "SHA-1"):  # GnuTLS sorts, and reads SHA-512
                    self.assertEqual(phone.completed, fault.phone == "connects", phone.output[-2000:])
                if fault.name != "SHA-1":
                    self.assertEqual(modern.completed, fault.modern == "connects", modern.output[-2000:])

    def test_mends_with_what_it_writes(self):
        vip = self.serve(next(f for f in FAULTS if f.name == "leaf alone"))
        done = self.probe(vip, "--pem-out", self.folder / "full.pem")
        self.assertIn("wrote", done.stderr)
        served = clients.certificates_in((self.folder / "full.pem").read_text())
        self.assertEqual(served, self.pki.served(self.pki.rsa))
        self.assertEqual(clients.certificates_in((self.folder / "full-chain.pem").read_text()), served[1:])

        recipe = done.stdout.split("as chainmend.yaml:\n")[1].split("\n", 1)[1]
        port = free_port()
        config = recipe.replace("0.0.0.0:443", f"127.0.0.1:{port}").replace("server.key", str(self.pki.rsa.key))
        front = self.start(config + "    admin: { listen: off }\n    clients: { learn: false }\n", wait=False)
        until(lambda: answers(port), what=f"chainmend listens\n{front.tail(20)}")
        answer = clients.curl(f"https://{HOST}:{port}/", root=self.pki.root.pem, resolve=HOST)
        self.assertEqual((answer.code, answer.body), (200, b"ok"), front.tail(20))

    def test_tells_what_is_no_tls(self):
        def banner(text, wait_for_client):
            listener = socket.create_server(("127.0.0.1", 0))

            def serve():
                while True:
                    try:
                        peer, _ = listener.accept()
                    except OSError:
                        return
                    with peer:
                        if wait_for_client:
                            peer.recv(4096)
                        peer.sendall(text)

            threading.Thread(target=serve, daemon=True).start()
            self.addCleanup(listener.close)
            return listener.getsockname()[1]

        for text, waits, words in [(b"HTTP/1.1 400 Bad Request\r\n\r\n", True, "plain HTTP"),
                                   (b"SSH-2.0-OpenSSH_9.2p1\r\n", False, "SSH"),
                                   (b"220 mail.contoso.test ESMTP\r\n", False, "STARTTLS"),
                                   (b"* OK IMAP4rev1\r\n", False, "IMAP"),
                                   (b"\xff\xfe\x1b[31mgarbage", True, "something else than TLS")]:
            with self.subTest(words):
                done = self.probe(banner(text, waits))
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stdout)
                self.assertNotIn("\x1b", done.stdout)

    def test_gives_up_on_servers_that_do_not_answer(self):
        def server(behave):
            listener = socket.create_server(("127.0.0.1", 0))
            peers = []

            def serve():
                while True:
                    try:
                        peers.append(listener.accept()[0])
                    except OSError:
                        return
                    threading.Thread(target=behave, args=(peers[-1],), daemon=True).start()

            threading.Thread(target=serve, daemon=True).start()
            self.addCleanup(listener.close)
            self.addCleanup(lambda: [peer.close() for peer in peers])
            return listener.getsockname()[1]

        def drip(peer):
            try:
                for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
                    peer.send(bytes([byte]))
                    threading.Event().wait(0.1)
            except OSError:
                pass

        def flood(peer):
            try:
                peer.recv(4096)
                peer.sendall((b"\x16\x03\x03\x40\x00" + bytes(16384)) * 100)
            except OSError:
                pass

        for name, behave in [("silence", lambda peer: None), ("drip", drip), ("flood", flood),
                             ("close", lambda peer: peer.close())]:
            with self.subTest(name):
                done = run("probe", f"127.0.0.1:{server(behave)}", "--timeout", "300ms", "--as", PHONE, timeout=50)
                self.assertIn(done.returncode, (1, 2), done.stdout)
                self.assertNotIn("connects", done.stdout)

    def test_refuses_what_it_cannot_do(self):
        rows = [
            (["probe"], "needs a server"),
            (["probe", "http://mail"], "https://"),
            (["probe", "mail", "--as", "lync_phone"], "lync_phone_edition"),
            (["probe", "mail", "--timeout", "soon"], "--timeout"),
            (["probe", "mail", "--connect", "vip"], "--connect"),
            (["probe", "mail", "--roots", "nowhere.pem"], "nowhere.pem"),
            (["probe", "mail", "--trust-profile", "x"], "TYPE=FILE"),
            (["probe", "127.0.0.1:1"], "refused"),
            (["probe", "nosuch.invalid"], "resolve"),
        ]
        for arguments, words in rows:
            with self.subTest(arguments):
                done = run(*arguments, cwd=self.folder)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stdout + done.stderr)

    def test_lists_the_client_types(self):
        done = run("probe", "--types")
        self.assertEqual(done.returncode, 0)
        self.assertIn("lync_phone_edition", done.stdout)
        self.assertIn("assumed: ", done.stdout)


if __name__ == "__main__":
    main()
