"""chainmend probe: the fix that it writes, servers that are no TLS servers or do not answer, and what it refuses. What it
says of faults stands in probe_faults.py.
"""

import json
import socket
import textwrap
import threading

from lab import clients, tls_servers
from lab.case import HOST, LabCase, main
from lab.chainmend import run
from lab.nginx import ews_backend, tls_lines, vip
from lab.programs import free_port

PHONE = "lync_phone_edition"


class Probe(LabCase):
    def vip(self):
        """A load balancer that serves the leaf alone: its port."""
        port, backend = free_port(), free_port()
        self.nginx(ews_backend(backend), vip(port, backend, self.pki.rsa)).wait_for_port(port)
        return port

    def probe(self, port, *options, host=HOST):
        return run("probe", f"127.0.0.1:{port}", "--sni", host, "--roots", self.pki.root.pem, "--bundle",
                   self.pki.bundle, *options)

    def test_mends_with_what_it_writes(self):
        vip = self.vip()
        phone = clients.gnutls(vip, root=self.pki.root.pem, host=HOST)
        self.assertFalse(phone.completed)
        done = self.probe(vip, "--as", PHONE, "--pem-out", self.folder / "full.pem")
        self.assertIn("wrote", done.stderr)
        served = clients.certificates_in((self.folder / "full.pem").read_text())
        self.assertEqual(served, self.pki.served(self.pki.rsa))
        self.assertEqual(clients.certificates_in((self.folder / "full-chain.pem").read_text()), served[1:])

        recipe = done.stdout.split("as chainmend.yaml:\n")[1]
        recipe = textwrap.dedent(recipe[recipe.index("  chain:\n"):])
        port = free_port()
        config = recipe.replace("0.0.0.0:443", f"127.0.0.1:{port}").replace("server.key", str(self.pki.rsa.key))
        front = self.start(config + "admin: { listen: off }\nclients: { learn: false }\n", wait=False)
        front.wait_for_port(port)
        phone = clients.gnutls(port, root=self.pki.root.pem, host=HOST)
        self.assertTrue(phone.completed, phone.output)
        self.assertEqual(phone.chain, served)
        answer = clients.curl(f"https://{HOST}:{port}/EWS/Exchange.asmx", root=self.pki.root.pem, resolve=HOST)
        self.assertEqual(answer.code, 200, front.tail(20))
        again = self.probe(port, "--as", PHONE)
        self.assertEqual(again.returncode, 0, again.stdout)
        self.assertNotIn("Fix", again.stdout)

    def test_writes_what_nginx_and_haproxy_take(self):
        """The recipes for both, followed with the files that were written, let the phone in."""
        done = self.probe(self.vip(), "--as", PHONE, "--pem-out", self.folder / "full.pem")
        self.assertIn("ssl_certificate full.pem;", done.stdout)
        self.assertIn("cat full.pem server.key > /etc/haproxy/server.pem", done.stdout)
        for server in (tls_servers.nginx, tls_servers.haproxy):
            with self.subTest(server.__name__):
                port = free_port()
                folder = self.folder / server.__name__
                folder.mkdir()
                program = server(tls_servers.Terms(folder, port, self.folder / "full.pem", self.pki.rsa.key))
                self.addCleanup(program.stop)
                program.wait_for_port(port)
                phone = clients.gnutls(port, root=self.pki.root.pem, host=HOST)
                self.assertTrue(phone.completed, phone.output)

    def test_compares_with_a_file_and_with_another_server(self):
        pki = self.pki
        vip = self.vip()
        other = pki.leaf("other-leaf")
        behind, renewed, backend = free_port(), free_port(), free_port()
        whole = pki.authority.bundle("whole.pem", pki.rsa, pki.server_ca, pki.primary)
        self.nginx(f"""
          server {{ listen 127.0.0.1:{behind} ssl; {tls_lines(pki.rsa, chain=whole)} }}
          server {{ listen 127.0.0.1:{renewed} ssl; {tls_lines(other)} }}""").wait_for_port(renewed)
        rows = [
            (whole, {"same-leaf", "only-there"}, ["at " + str(whole), "not here: 'Lab Server CA', 'Lab Primary CA'"]),
            (f"127.0.0.1:{behind}", {"same-leaf", "only-there"}, ["can let logins through"]),
            (f"127.0.0.1:{renewed}", {"other-leaf"}, ["another certificate", "Extended Protection refuses logins"]),
            (pki.rsa.pem, {"same-leaf"}, []),
        ]
        for against, ids, words in rows:
            with self.subTest(str(against)):
                done = self.probe(vip, "--as", PHONE, "--against", against, "--json")
                found = json.loads(done.stdout)["targets"][0]["against"]["findings"]
                self.assertEqual({finding["id"] for finding in found}, ids)
                page = " ".join(self.probe(vip, "--as", PHONE, "--against", against).stdout.split())
                for text in words:
                    self.assertIn(text, page)
        for against, text in [("nowhere.pem/x", "no such file"), (f"127.0.0.1:{backend}", "refused"),
                              (pki.rsa.key, "this is a private key")]:
            with self.subTest(against):
                done = self.probe(vip, "--against", against)
                self.assertEqual(done.returncode, 2)
                self.assertIn(text, done.stderr)

    def resolving(self, *addresses):
        """The environment in which HOST has these addresses."""
        hosts = self.folder / "hosts"
        hosts.write_text("".join(f"{address} {HOST}\n" for address in addresses))
        return {"LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_HOSTS": str(hosts)}

    def test_compares_the_addresses_of_a_name(self):
        """What an internal and an external VIP show, side by side."""
        port = free_port()
        other = self.pki.leaf("second-vip")
        self.nginx(f"""
          server {{ listen 127.0.0.1:{port} ssl; {tls_lines(self.pki.rsa)} }}
          server {{ listen 127.0.0.2:{port} ssl; {tls_lines(other)} }}""").wait_for_port(port)
        ask, names = ["probe", f"{HOST}:{port}", "--as", PHONE], self.resolving("127.0.0.1", "127.0.0.2", "127.0.0.3")
        report = json.loads(run(*ask, "--all-addresses", "--json", environment=names).stdout)["targets"][0]
        difference, = report["differences"]
        self.assertEqual((difference["here"], difference["there"]), ("127.0.0.2", "127.0.0.1"))
        self.assertEqual({finding["id"] for finding in difference["findings"]}, {"other-leaf"})
        self.assertEqual([one["failure"] is None for one in report["connections"]], [True, True, False])
        one = json.loads(run(*ask, "--json", environment=names).stdout)["targets"][0]
        self.assertEqual((len(one["addresses"]), one["differences"]), (1, []))

    def test_has_an_answer_for_a_name_with_fifty_addresses(self):
        addresses = [f"127.0.1.{i}" for i in range(1, 51)]
        done = run("probe", f"{HOST}:1", "--all-addresses", environment=self.resolving(*addresses))
        self.assertEqual(done.returncode, 2)
        for address in addresses:
            self.assertIn(f"\n  {address}  ", done.stdout)
        self.assertNotIn("Clients", done.stdout)

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
