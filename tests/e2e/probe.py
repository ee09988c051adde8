"""chainmend probe: the fix that it writes, servers that are no TLS servers or do not answer, and what it refuses. What it
says of faults stands in probe_faults.py.
"""

import json
import os
import socket
import struct
import subprocess
import textwrap
import threading
import time

from lab import clients, tls_servers
from lab.authority import openssl
from lab.case import HOST, LabCase, main
from lab.chainmend import binary, run
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
                                   (b"+OK Dovecot ready.\r\n", False, "POP3"),
                                   (b"* OK IMAP4rev1\r\n", False, "IMAP"),
                                   (b"\xff\xfe\x1b[31mgarbage", True, "something else than TLS")]:
            with self.subTest(words):
                done = self.probe(banner(text, waits))
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stdout)
                self.assertNotIn("\x1b", done.stdout)

    def server(self, behave):
        """A server whose connections are each given to behave(socket) on a thread: its port."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        peers = []

        def of_one(peer):
            try:
                behave(peer)
            except OSError:
                pass  # the client left

        def serve():
            while True:
                try:
                    peers.append(listener.accept()[0])
                except OSError:
                    return
                threading.Thread(target=of_one, args=(peers[-1],), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        self.addCleanup(listener.close)
        self.addCleanup(lambda: [peer.close() for peer in peers])
        return listener.getsockname()[1]

    def test_gives_up_on_servers_that_do_not_answer(self):
        def drip(peer):
            for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
                peer.send(bytes([byte]))
                threading.Event().wait(0.1)

        def flood(peer):
            peer.recv(4096)
            peer.sendall((b"\x16\x03\x03\x40\x00" + bytes(16384)) * 100)

        def reset(peer):
            peer.recv(4096)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()

        def close(peer):
            peer.recv(4096)
            peer.shutdown(socket.SHUT_RDWR)

        for name, behave, words in [
                ("silence", lambda peer: None, "no hello is answered in time"),
                ("drip", drip, "no hello is answered in time"), ("flood", flood, "something else than TLS"),
                ("reset", reset, "reset on each hello"), ("close", close, "closed on each hello")]:
            with self.subTest(name):
                begun = time.monotonic()
                done = run("probe", f"127.0.0.1:{self.server(behave)}", "--timeout", "300ms", "--as", PHONE, timeout=50)
                self.assertLess(time.monotonic() - begun, 10)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(words, done.stdout)
                self.assertNotIn("Clients", done.stdout)

    def test_bears_with_servers_that_close_at_any_byte(self):
        port = self.vip()
        for count in (1, 5, 30, 80, 300, 900, 1500):
            def cut(peer, count=count):
                with socket.create_connection(("127.0.0.1", port)) as behind:
                    behind.sendall(peer.recv(65536))
                    answer = b""
                    while len(answer) < count and (data := behind.recv(count - len(answer))):
                        answer += data
                    peer.sendall(answer)
                    peer.shutdown(socket.SHUT_RDWR)
            with self.subTest(count):
                done = run("probe", f"127.0.0.1:{self.server(cut)}", "--timeout", "2s", "--as", PHONE, timeout=50)
                self.assertIn(done.returncode, (0, 1, 2), done.stderr)
                self.assertNotIn("Sanitizer", done.stderr)
                self.assertIn("\nReach\n", done.stdout)

    def test_does_not_read_lists_without_end(self):
        """A megabyte of certificates, and 200 small ones: told, in little memory."""
        hello = b"\x03\x03" + bytes(32) + b"\x00" + b"\xc0\x2f" + b"\x00"
        small = self.pki.rsa.bytes[:1] + b"\x03\x02\x01\x00"

        def message(kind, body):
            return bytes([kind]) + len(body).to_bytes(3, "big") + body

        def answer(certificates):
            entries = b"".join(len(one).to_bytes(3, "big") + one for one in certificates)
            data = message(2, hello) + message(11, len(entries).to_bytes(3, "big") + entries)
            return b"".join(b"\x16\x03\x03" + len(data[i:i + 16384]).to_bytes(2, "big") + data[i:i + 16384]
                            for i in range(0, len(data), 16384))

        for name, certificates in [("megabyte", [bytes(1 << 20)]), ("200", [small] * 200)]:
            def serve(peer, text=answer(certificates)):
                peer.recv(65536)
                peer.sendall(text)
            with self.subTest(name):
                command = [binary(), "probe", f"127.0.0.1:{self.server(serve)}", "--timeout", "2s", "--as", PHONE]
                with open(self.folder / "page", "w+b") as page:
                    process = subprocess.Popen(command, stdout=page, stderr=page)
                    _, status, used = os.wait4(process.pid, 0)
                    page.seek(0)
                    text = " ".join(page.read().decode().split())
                process.returncode = os.waitstatus_to_exitcode(status)
                self.assertIn(process.returncode, (0, 1), text)
                self.assertIn("more than 32 certificates or 64 KiB", text)
                self.assertLess(used.ru_maxrss, 300 * 1024)

    def test_shows_no_text_that_a_terminal_obeys(self):
        port, evil = free_port(), self.folder / "evil"
        openssl("req", "-x509", "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{evil}.key", "-out", f"{evil}.pem",
                "-subj", "/CN=gone\x1b[2J\u202emoc.live/O=\u200bx\x07", "-addext", "subjectAltName=DNS:a\x1b[31mb")
        self.nginx(f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {evil}.pem; "
                   f"ssl_certificate_key {evil}.key; }}").wait_for_port(port)
        for options in ([], ["--json"]):
            done = self.probe(port, "--as", PHONE, "--as", "openssl_3", *options)
            self.assertIn("moc.live", done.stdout)
            for sign in "\x1b\x07\u202e\u200b":
                self.assertNotIn(sign, done.stdout + done.stderr)

    def test_refuses_what_it_cannot_do(self):
        rows = [
            (["probe"], "needs a server"),
            (["probe", "http://mail"], "https://"),
            (["probe", "mail", "--as", "lync_phone_editon"], "lync_phone_edition"),
            (["probe", "mail", "--timeout", "soon"], "--timeout"),
            (["probe", "mail", "--connect", "vip"], "--connect"),
            (["probe", "mail", "--roots", "nowhere.pem"], "nowhere.pem"),
            (["probe", "mail", "--trust-profile", "x"], "TYPE=FILE"),
            (["probe", "mail", "--trust-profile", f"nokia={self.pki.root.pem}"], '"nokia"'),
            (["probe", "mail", "--as", "iphone"], "--types"),
            (["probe", "mail", "--sni", "bad name"], "--sni"),
            (["probe", "mail", "--sni", "10.0.0.1"], "--sni"),
            (["probe", "127.0.0.1:1"], "refused"),
            (["probe", "127.0.0.1:1"], "No address can be reached"),
            (["probe", "127.0.0.1:1", "--pem-out", "x.pem"], "x.pem was not written"),
            (["probe", "nosuch.invalid"], "resolve"),
        ]
        for arguments, words in rows:
            with self.subTest(arguments):
                done = run(*arguments, cwd=self.folder)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stdout + done.stderr)

    def test_says_maybe_where_only_the_client_knows(self):
        port = free_port()
        self.nginx(vip(port, free_port(), self.pki.rsa)).wait_for_port(port)
        asked = ["probe", f"nobody.invalid:{port}", "--connect", "127.0.0.1", "--sni", HOST, "--as", "lync_phone_edition"]
        sure = run(*asked, "--roots", self.pki.root.pem)  # the roots that it has
        self.assertRegex(sure.stdout, r"lync_phone_edition      FAILS ")
        self.assertIn("nothing that was sent leads to one of its roots", " ".join(sure.stdout.split()))
        told = run(*asked)
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        self.assertRegex(told.stdout, r"lync_phone_edition      MAYBE  if 'CN=Lab Server CA")
        self.assertIn("cannot resolve nobody.invalid", told.stdout)
        self.assertNotIn("--connect ADDRESS", told.stdout)

    def test_takes_a_kind_of_client_as_all_of_its_versions(self):
        done = self.probe(self.vip(), "--as", "ios", "--as", "java_6", "--json")
        clients = json.loads(done.stdout)["targets"][0]["addresses"][0]["clients"]
        self.assertEqual([one["client"] for one in clients], ["ios_6", "ios_9", "ios_15", "java_6"])

    def test_lists_the_client_types(self):
        done = run("probe", "--types")
        self.assertEqual(done.returncode, 0)
        self.assertIn("lync_phone_edition", done.stdout)
        self.assertIn("assumed: ", done.stdout)


if __name__ == "__main__":
    main()
