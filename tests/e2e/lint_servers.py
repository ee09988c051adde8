"""chainmend lint with servers: a keystore and the bindings of IIS against what nginx, openssl and gnutls-serv show."""

import hashlib
import json
import shutil
import socket
import threading
from pathlib import Path

from lab import tls_servers
from lab.authority import openssl
from lab.case import HOST, LabCase, main
from lab.chainmend import run
from lab.programs import Program, free_port
from lab.schema import wrongs

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "deploy/schemas/lint.schema.json").read_text())
APPLICATION = "{4dc3e181-e14b-4a21-b022-59fc669b0914}"


def thumbprint(issued):
    return hashlib.sha1(issued.bytes).hexdigest().upper()


def netsh(*bindings, asks="Disabled"):
    """What `netsh http show sslcert` prints, in the form that Microsoft documents."""
    return "\r\nSSL Certificate bindings:\r\n-------------------------\r\n\r\n" + "".join(
        f"    {'IP:port' if place[0].isdigit() else 'Hostname:port':29}: {place}\r\n"
        f"    Certificate Hash             : {used.lower()}\r\n"
        f"    Application ID               : {APPLICATION}\r\n"
        f"    Certificate Store Name       : My\r\n"
        f"    Verify Client Certificate Revocation : Enabled\r\n"
        f"    Verify Revocation Using Cached Client Certificate Only : Disabled\r\n"
        f"    Usage Check                  : Enabled\r\n"
        f"    Revocation Freshness Time    : 0\r\n"
        f"    URL Retrieval Timeout        : 0\r\n"
        f"    Ctl Identifier               : (null)\r\n"
        f"    Ctl Store Name               : (null)\r\n"
        f"    DS Mapper Usage              : Disabled\r\n"
        f"    Negotiate Client Certificate : {asks}\r\n\r\n" for place, used in bindings)


class LintServers(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.local = cls.pki.leaf("local", ["127.0.0.1", "localhost"])
        cls.renewed = cls.pki.leaf("renewed", ["127.0.0.1", "localhost"], days=(-1, 700))
        cls.chain = cls.pki.authority.bundle("local-chain.pem", cls.local, cls.pki.server_ca, cls.pki.primary)

    def lint(self, *arguments, status=None):
        done = run("lint", "--json", "--timeout", "3s", *arguments)
        self.assertTrue(done.stdout, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return said

    def ids(self, said, *severities):
        return sorted(one["id"] for one in said["findings"] if one["severity"] in (severities or ("error", "warning")))

    def serve(self, kind="nginx", chain=None, key=None, **how):
        folder = self.folder / f"server-{self._count}"
        self._count += 1
        folder.mkdir()
        port = free_port()
        program = tls_servers.SERVERS[kind](tls_servers.Terms(folder, port, chain or self.chain, key or self.local.key, **how))
        self.addCleanup(program.stop)
        program.wait_for_port(port)
        return port

    def keystore(self, server=None, key=None, nginx=None):
        folder = self.folder / "keystore/certs"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy((server or self.local).pem, folder / "server.crt")
        shutil.copy(self.pki.bundle, folder / "issuers.crt")
        shutil.copy(self.pki.root.pem, folder / "hq_ca.crt")
        if key:
            shutil.copy(key, folder / "server.key")
        if nginx:
            shutil.copy(nginx, folder / "nginx.crt")
        return folder

    def test_a_keystore_that_fits_is_told_from_its_content(self):
        for kind in ("nginx", "openssl", "gnutls"):
            port = self.serve(kind)
            said = self.lint(self.keystore(key=self.local.key, nginx=self.local.pem), f"127.0.0.1:{port}", status=0)
            self.assertEqual((said["kind"], self.ids(said)), ("keystore", []), said)
            facts = "\n".join(said["facts"])
            for part in (f"choose the thumbprint {thumbprint(self.local)}", "nginx.crt is the same", "server.key: the key of server.crt",
                         f"127.0.0.1:{port} shows server.crt", f"Asked at 127.0.0.1 on 127.0.0.1:{port}"):
                self.assertIn(part, facts)

    def test_tells_the_second_reason_by_its_name_and_mends_it(self):
        port = self.serve()
        done = run("lint", "keystore", self.keystore(server=self.renewed, nginx=self.local.pem), f"localhost:{port}")
        said = " ".join(done.stdout.split())
        self.assertEqual(done.returncode, 1)
        for part in ("error: binding-mismatch", "second reason of Mitel's article", "SSL handshake error", "Certificate Authority Invalid",
                     f".AddSslCertificate('{thumbprint(self.renewed)}', 'My')", "Default Web Site", "error: nginx-mismatch"):
            self.assertIn(part, said)
        self.assertNotIn("PRIVATE KEY", done.stdout)
        for line in done.stdout.splitlines():
            self.assertTrue(len(line) <= 80 or " " not in line.strip(), line)

    def test_the_bindings_alone_tell_the_mismatch(self):
        text = self.folder / "sslcert.txt"
        text.write_bytes(netsh(("0.0.0.0:443", thumbprint(self.renewed))).encode("utf-16"))
        said = self.lint(self.keystore(), text, status=1)
        self.assertEqual((said["kind"], self.ids(said)), ("keystore", ["binding-mismatch"]))
        self.assertIn(f"netsh http add sslcert ipport=0.0.0.0:443 certhash={thumbprint(self.local)}", said["findings"][0]["fix"])
        self.assertEqual(said["findings"][0]["line"], 5)

    def test_finds_wrong_keys_missing_issuers_and_names(self):
        folder = self.keystore(server=self.pki.rsa, key=self.local.key)
        (folder / "issuers.crt").unlink()
        port = self.serve(chain=self.pki.rsa.pem, key=self.pki.rsa.key)
        said = self.lint(folder, f"localhost:{port}", status=1)
        self.assertEqual(self.ids(said), ["intermediate-missing", "issuer-missing", "key-mismatch", "name-mismatch"])
        locked = folder / "server.key"
        locked.unlink()
        openssl("pkcs8", "-topk8", "-in", self.pki.rsa.key, "-out", locked, "-passout", "pass:geheim")
        said = self.lint(folder, status=1)
        self.assertEqual(self.ids(said), ["issuer-missing", "unreadable"])
        password = self.folder / "password"
        password.write_text("geheim\n")
        done = run("lint", folder, "--password-file", password)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("geheim", done.stdout + done.stderr)

    def test_tells_the_third_and_the_fourth_reason(self):
        done = run("lint", "keystore", self.keystore(), "nobody.invalid")
        self.assertEqual(done.returncode, 2)
        said = " ".join(done.stdout.split())
        self.assertIn("third reason of Mitel's article", said)
        self.assertIn("A record", said)
        port = self.serve(versions=("1.2", "1.3"))
        self.assertEqual(self.ids(self.lint(self.keystore(), f"127.0.0.1:{port}", status=0)), ["tls10-refused"])

    def test_bindings_against_files_and_server(self):
        port = self.serve()
        text = self.folder / "sslcert.txt"
        text.write_text(netsh((f"0.0.0.0:{port}", thumbprint(self.local)), ("mail.contoso.test:444", thumbprint(self.local)),
                              ("0.0.0.0:445", "0" * 40)))
        said = self.lint(text, self.local.pem, self.renewed.pem, f"127.0.0.1:{port}", "--roots", self.pki.root.pem, status=1)
        self.assertEqual(said["kind"], "iis")
        self.assertEqual(self.ids(said), ["bound-other-name", "bound-replaced", "bound-replaced", "bound-unknown", "only-with-name"])
        self.assertEqual(self.ids(said, "note"), ["asks-late"])
        self.assertIn(f"127.0.0.1:{port} shows the certificate that is bound", said["facts"])
        text.write_text(netsh((f"0.0.0.0:{port}", thumbprint(self.renewed)), asks="Enabled"))
        said = self.lint("iis", text, f"127.0.0.1:{port}", "--roots", self.pki.root.pem, status=1)
        self.assertEqual(self.ids(said), ["binding-mismatch"])
        self.assertIn("clientcertnegotiation=enable", said["findings"][0]["fix"])

    def test_finds_expired_certificates_and_sites_that_differ(self):
        old = self.pki.leaf("old", [HOST], days=(-30, -1))
        text, sites = self.folder / "sslcert.txt", self.folder / "sites.txt"
        text.write_text(netsh(("0.0.0.0:443", thumbprint(old))))
        sites.write_bytes(("\r\nprotocol             : https\r\nbindingInformation   : *:443:\r\n"
                           f"certificateHash      : {thumbprint(self.local)}\r\ncertificateStoreName : My\r\n\r\n"
                           "protocol             : https\r\nbindingInformation   : *:8443:\r\ncertificateHash      : \r\n"
                           "certificateStoreName : \r\n").encode("utf-16"))
        said = self.lint(text, sites, old.pem, self.local.der, status=1)
        self.assertEqual(self.ids(said), ["bindings-disagree", "bound-none", "expired"])

    def test_a_listing_tells_what_is_bound_without_its_key(self):
        text, store = self.folder / "sslcert.txt", self.folder / "my.txt"
        text.write_text(netsh(("0.0.0.0:443", "A" * 40), ("0.0.0.0:444", "B" * 40), ("0.0.0.0:445", "C" * 40)))
        store.write_bytes("".join(f"Subject       : CN={name}\r\nThumbprint    : {used * 40}\r\nHasPrivateKey : {key}\r\n\r\n"
                                  for name, used, key in (("mail", "A", "False"), ("sip", "B", "True"))).encode("utf-16"))
        said = self.lint(text, store, status=1)
        self.assertEqual((said["kind"], self.ids(said)), ("iis", ["bound-unknown", "bound-without-key"]))
        self.assertIn("0.0.0.0:444: " + "B" * 40 + ", CN=sip, listed in ", said["facts"][1])

    def test_a_text_without_certificates_passes_no_check(self):
        text = self.folder / "sites.txt"
        text.write_text("protocol bindingInformation sslFlags\n-------- ------------------ --------\nhttps    *:443:             0\n")
        said = self.lint(text, self.local.pem, status=1)
        self.assertEqual((said["kind"], self.ids(said)), ("iis", ["unreadable"]))

    def test_one_file_of_a_keystore_is_a_chain_and_a_folder_may_be_called_like_a_kind(self):
        folder = self.keystore()
        self.assertEqual(self.lint(folder / "server.crt")["kind"], "chain")
        done = run("lint", "keystore", cwd=self.folder)
        self.assertIn("keystore: 4 certificates in 3 files", done.stdout)
        copied = shutil.copytree(self.keystore(key=self.local.key), self.folder / "copied")
        said = self.lint(copied)
        self.assertEqual((said["kind"], "private-key" in self.ids(said)), ("keystore", False))

    def test_the_list_of_a_server_alone(self):
        port = self.serve(chain=self.local.pem)
        given = [f"127.0.0.1:{port}", "--roots", self.pki.root.pem]
        said = self.lint(*given, status=1)
        self.assertEqual((said["kind"], self.ids(said), said["servers"]), ("chain", ["intermediate-missing"], [f"127.0.0.1:{port}"]))
        self.assertEqual((said["files"], said["certificates"]), (0, 1))
        fixed = self.folder / "fixed.pem"
        self.lint(*given, "--bundle", self.pki.bundle, "--fix", fixed, status=1)
        openssl("verify", "-CAfile", self.pki.root.pem, "-untrusted", fixed, self.local.pem)
        self.assertEqual(self.lint(f"127.0.0.1:{self.serve(chain=fixed)}", "--roots", self.pki.root.pem, status=0)["findings"], [])

    def test_a_file_beside_a_server_is_compared_with_it(self):
        port = self.serve()
        given = [f"127.0.0.1:{port}", "--roots", self.pki.root.pem, "--bundle", self.pki.bundle]
        self.assertEqual(self.ids(self.lint(self.chain, *given, status=0), "note"), ["same-leaf"])
        self.assertIn("other-leaf", self.ids(self.lint("chain", self.renewed.pem, *given)))

    def test_says_what_clients_without_a_name_get(self):
        other = self.pki.leaf("other", ["other.contoso.test"])
        port = free_port()
        program = Program("openssl", ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", "-cert", other.pem,
                                      "-key", other.key, "-cert2", self.local.pem, "-key2", self.local.key, "-servername", "localhost",
                                      "-cert_chain", self.pki.bundle], self.folder / "s_server.log")
        self.addCleanup(program.stop)
        program.wait_for_port(port)
        said = self.lint(f"localhost:{port}", "--roots", self.pki.root.pem, "--bundle", self.pki.bundle)
        told = [one for one in said["findings"] if one["id"] == "other-without-name"]
        self.assertIn(thumbprint(other), told[0]["text"])

    def test_servers_that_are_none_are_told(self):
        closed = free_port()
        for behaviour, words in ((lambda s: s.close(), "closed on each hello"), (lambda s: s.sendall(b"HTTP/1.1 400 Bad\r\n\r\n"), "plain HTTP"),
                                 (lambda s: None, "answered in time"), (flood, "something else than TLS")):
            with Peer(behaviour) as peer:
                done = run("lint", "--timeout", "1s", f"127.0.0.1:{peer.port}", timeout=60)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(words, " ".join(done.stdout.split()))
        done = run("lint", f"127.0.0.1:{closed}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("not-reached", done.stdout)

    def test_refuses_what_has_no_sense(self):
        text = self.folder / "sslcert.txt"
        text.write_text(netsh(("0.0.0.0:443", "0" * 40)))
        for arguments, words in ((["iis", self.local.pem], "netsh http show sslcert"), (["keystore", "localhost:1"], "keystore/certs"),
                                 (["root-store", self.pki.root.pem, "localhost:1"], "no server is looked at"),
                                 ([text, "localhost:1", "localhost:2"], "one server at a time"), (["--timeout", "x", text], "--timeout"),
                                 ([self.folder / "gone.pem"], "gone.pem"), (["http://localhost"], "no TLS"), (["localhost:99999"], "port"),
                                 (["iis"], "lint iis sslcert.txt"), (["keystore"], "keystore/certs"), ([text, "--roots", self.pki.root.pem], "about chains")):
            done = run("lint", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(words, done.stderr)


def flood(connection):
    try:
        for _ in range(4096):
            connection.sendall(b"x" * 65536)
    except OSError:
        pass


class Peer:
    """Accepts on loopback and does one thing with each connection."""

    def __init__(self, behaviour):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.behaviour, self.kept = behaviour, []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.listening.accept()[0]
            except OSError:
                return
            self.kept.append(connection)
            threading.Thread(target=self.behave, args=[connection], daemon=True).start()

    def behave(self, connection):
        try:
            connection.recv(65536)
            self.behaviour(connection)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for connection in self.kept:
            connection.close()


if __name__ == "__main__":
    main()
