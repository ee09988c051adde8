"""chainmend init: what it writes from flags and from answers passes check, and nothing is written otherwise."""

import json
import os
import pty
import re
import select
import signal
import time

from lab import chainmend
from lab.authority import openssl
from lab.case import HOST, LabCase, main
from lab.chainmend import SANITIZERS, binary
from lab.nginx import ews_backend, vip
from lab.programs import Program, free_port

PASSWORD = "geheim"


class Person:
    """Somebody at a terminal: says things when the program has asked for them."""

    def __init__(self, folder, *arguments):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update(SANITIZERS, TERM="dumb")
            os.execv(binary(), [binary(), *map(str, arguments)])
        self.seen = ""

    def wait_for(self, words, timeout=60):
        deadline = time.monotonic() + timeout
        while words not in self.seen:
            if time.monotonic() > deadline:
                raise AssertionError(f"{words!r} does not come\n{self.seen}")
            if select.select([self.terminal], [], [], 0.1)[0] and not self._read():
                raise AssertionError(f"ended without {words!r}\n{self.seen}")

    def answer(self, question, text):
        self.wait_for(question)
        self.seen = self.seen[self.seen.index(question) + len(question):]
        os.write(self.terminal, text.encode() + b"\n")

    def status(self):
        while self._read():
            pass
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.terminal)
        return code

    def _read(self):
        try:
            piece = os.read(self.terminal, 4096)
        except OSError:  # how a terminal says that nobody is left on the other side
            return False
        self.seen += piece.decode()
        return bool(piece)


class Init(LabCase):
    def setUp(self):
        super().setUp()
        pki = self.pki
        made = pki.authority.pfx("mail.pfx", pki.rsa, PASSWORD, windows_kind=True)
        openssl("crl2pkcs7", "-nocrl", "-certfile", pki.bundle, "-out", self.folder / "ca.p7b")
        for name, source in {"mail.pfx": made, "root.pem": pki.root.pem, "mail.pem": pki.rsa.pem,
                             "mail.key": pki.rsa.key}.items():
            (self.folder / name).write_bytes(source.read_bytes())
        (self.folder / "mail.pass").write_text(PASSWORD + "\n")
        self.file = self.folder / "chainmend.yaml"

    def server(self):
        """A server behind with a certificate for HOST and not for its address."""
        port, backend = free_port(), free_port()
        self.nginx(ews_backend(backend), vip(port, backend, self.pki.rsa)).wait_for_port(port)
        return f"https://127.0.0.1:{port}"

    def init(self, *arguments):
        return chainmend.run("init", *arguments, cwd=self.folder)

    def usual(self, *more):
        return self.init("--pfx", "mail.pfx", "--password-file", "mail.pass", "--bundle", "ca.p7b", "--root", "root.pem",
                         *more)

    def assert_good(self, name="chainmend.yaml"):
        checked = chainmend.run("check", name, cwd=self.folder)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        return checked.stdout

    def test_flags_make_a_file_that_check_accepts(self):
        server = self.server()
        done = self.usual("--phones", "10.20.0.0/16", "--upstream", server, "--listen", "127.0.0.1:8443")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for words in (HOST, "RSA 2048", "complete", "Lab Root", "Written: chainmend.yaml"):
            self.assertIn(words, done.stdout)
        text = self.file.read_text()
        for words in ("pfx: mail.pfx, password_file: mail.pass", "bundles: [ca.p7b]", "name: lync_phone_edition",
                      "source: [10.20.0.0/16]", "policy: legacy-tls10", f"servers: [{server}]",
                      f"server_name: {HOST}"):
            self.assertIn(words, text)
        self.assertNotIn(PASSWORD, text + done.stdout + done.stderr)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o640)
        self.assertRegex(self.assert_good(), r"lync_phone_edition\t.*\tTLS 1.0\tlegacy-tls10\n")
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith("chainmend.yaml")],
                         ["chainmend.yaml"])

    def test_json_says_what_was_found_and_written(self):
        server = self.server()
        done = self.usual("--upstream", server, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        told = json.loads(done.stdout)
        self.assertEqual((told["written"], told["errors"], told["warnings"]), ("chainmend.yaml", [], []))
        certificate = told["certificate"]
        self.assertEqual((certificate["names"][0], certificate["key"], certificate["complete"]), (HOST, "RSA 2048", True))
        self.assertIn("Lab Root", certificate["root"])
        self.assertEqual([one["server"] for one in told["servers"]], [server])
        self.assertIn(f"server_name: {HOST}", self.file.read_text())
        self.assert_good()

        refused = self.usual("--upstream", "127.0.0.1:9", "--json", "--force")
        self.assertEqual(refused.returncode, 2)
        told = json.loads(refused.stdout)
        self.assertIsNone(told["written"])
        self.assertEqual([one["file"] for one in told["errors"]], ["--upstream"])

    def test_names_of_files_may_be_anything(self):
        for name in ("it's a: [name], #1", "-dash", "tab\there", 'quote"back\\slash', "ü"):
            with self.subTest(name):
                (self.folder / name).write_bytes((self.folder / "mail.pfx").read_bytes())
                done = self.init("--force", f"--pfx={name}", "--password-file", "mail.pass", "--bundle", "ca.p7b",
                                 "--root", "root.pem", "--upstream", "http://127.0.0.1:9")
                self.assertIn("Written", done.stdout, done.stderr)
                self.assert_good()

    def test_phones_have_the_name_they_are_given(self):
        self.usual("--phones", "10.20.0.0/16", "--phones", "2001:db8::/32", "--phone-type", "lobby", "--upstream",
                   "http://127.0.0.1:9")
        self.assertRegex(self.assert_good(), r"lobby\t.*\tTLS 1.0\tlegacy-tls10\n")

    def test_file_in_another_folder_still_finds_the_others(self):
        (self.folder / "etc").mkdir()
        self.usual("--upstream", "http://127.0.0.1:9", "-o", "etc/chainmend.yaml")
        self.assert_good("etc/chainmend.yaml")

    def test_says_what_is_missing(self):
        done = self.init("--cert", "mail.pem", "--key", "mail.key", "--upstream", "http://127.0.0.1:9")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("Its chain is incomplete", done.stdout)
        self.assertRegex(done.stderr, "chainmend.yaml:3:9: warning: .*CN=Lab Server CA")
        self.assertRegex(done.stdout, "http://127.0.0.1:9: .*\n  warning: Connection refused")

    def test_says_what_the_server_needs(self):
        done = self.init("--pfx", "mail.pfx", "--password-file", "mail.pass", "--upstream", self.server())
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"not trusted: the issuer 'CN=Lab Server CA.*chain\.bundles \(--bundle\)")
        done = self.init("--force", "--pfx", "mail.pfx", "--password-file", "mail.pass", "--bundle", "ca.p7b",
                         "--upstream", self.server())
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"not trusted: .*'CN=Lab Root.*a root into chain\.trust \(--root\)")

    def test_takes_a_server_that_is_as_old_as_its_clients(self):
        port = free_port()
        server = Program("s_server", ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                                      self.pki.rsa.pem, "-key", self.pki.rsa.key, "-tls1_2", "-cipher",
                                      "AES128-SHA", "-www"],
                         self.folder / "s_server.log")
        self.addCleanup(server.stop)
        server.wait_for_port(port)
        done = self.usual("--upstream", f"https://127.0.0.1:{port}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"shows a certificate for {HOST}", done.stdout)

    def test_never_overwrites_unless_told_to(self):
        self.file.write_text("mine\n")
        done = self.usual("--upstream", "http://127.0.0.1:9")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        for words in ("chainmend.yaml is there already", "--force", "-o FILE"):
            self.assertIn(words, done.stderr)
        self.assertEqual(self.file.read_text(), "mine\n")
        self.usual("--upstream", "http://127.0.0.1:9", "--force")
        self.assert_good()

    def test_refuses_with_the_remedy(self):
        (self.folder / "wrong").write_text("falsch\n")
        upstream = ["--upstream", "http://127.0.0.1:9"]
        for arguments, words in (
                ([], "no terminal to ask at: give --pfx FILE (or --cert FILE) and --upstream URL"),
                (["--pfx", "mail.pfx"], "give --upstream URL"),
                (upstream, "give --pfx FILE (or --cert FILE)"),
                (["--pfx", "nowhere.pfx", *upstream], "nowhere.pfx: cannot read"),
                (["--pfx", "mail.pfx", *upstream], "--password-file FILE"),
                (["--pfx", "mail.pfx", "--password-file", "wrong", *upstream], "the password is wrong: the first line of --password-file"),
                (["--pfx", "mail.pfx", "--password-file", "gone", *upstream], "gone"),
                (["--cert", "mail.pem", *upstream], "mail.pem:1: this is a certificate, where a private key is expected"),
                (["--pfx", "mail.pem", *upstream], "mail.pem: no PKCS#12"),
                (["--cert", "mail.pem", "--key", "mail.key", "--upstream", "10.0.0.11"], "https://host:port"),
                (["--cert", "mail.pem", "--key", "mail.key", "--phones", "10.20", *upstream], "10.20"),
                (["--cert", "mail.pem", "--key", "mail.key", "--listen", "443x", *upstream], "443x"),
                (["--cert", "mail.pem", "--key", "mail.key", "--bundle", "gone.p7b", *upstream], "gone.p7b"),
                (["--cert", "mail.pem", "--key", "mail.key", "-o", "no/such/place", *upstream], "no/such/place")):
            with self.subTest(arguments):
                done = self.init(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(words, done.stderr)
                self.assertNotIn(PASSWORD, done.stderr)
                self.assertFalse(self.file.exists())

    def test_asks_at_a_terminal(self):
        person = Person(self.folder, "init")
        person.answer("Certificate with its key", "nowhere.pfx")
        person.wait_for("nowhere.pfx: cannot read")
        person.answer("Certificate with its key", "mail.pfx")
        person.answer("File that holds its password", "mail.pass")
        person.wait_for(f"{HOST}; RSA 2048")
        person.answer("Server behind", "ftp://10.0.0.11")
        person.wait_for("expected http://host:port")
        person.answer("Server behind", self.server())
        person.answer("Networks of phones", "10.20.0.0/33")
        person.answer("Networks of phones", "10.20.0.0/16, 10.21.0.0/16")
        person.answer("Listen on [0.0.0.0:443]", "127.0.0.1:8443")
        person.wait_for("chain is incomplete")
        person.answer("Files with intermediates", "gone.p7b")
        person.wait_for("gone.p7b")
        person.answer("Files with intermediates", "ca.p7b")
        person.answer("Files with roots", "root.pem")
        person.wait_for("Written")
        self.assertEqual(person.status(), 0, person.seen)
        self.assertIn("source: [10.20.0.0/16, 10.21.0.0/16]", self.file.read_text())
        self.assert_good()

    def test_asks_for_the_key_of_a_pem(self):
        person = Person(self.folder, "init", "--upstream", "http://127.0.0.1:9")
        person.answer("Certificate with its key", "mail.pem")
        person.answer("Its private key", "mail.key")
        person.answer("Networks of phones", "")
        person.answer("Listen on", "")
        person.answer("Files with intermediates", "ca.p7b")
        person.answer("Files with roots", "root.pem")
        person.wait_for("Written")
        self.assertIn("cert: mail.pem, key: mail.key", self.file.read_text())
        self.assertNotIn("client_types", self.file.read_text())
        person.status()

    def test_ctrl_c_and_the_end_of_the_input_write_nothing(self):
        for key, status in (("\x03", -signal.SIGINT), ("\x04", 2)):
            with self.subTest(key):
                before = sorted(self.folder.iterdir())
                person = Person(self.folder, "init")
                person.wait_for("Certificate with its key")
                os.write(person.terminal, key.encode())
                self.assertEqual(person.status(), status)
                self.assertEqual(sorted(self.folder.iterdir()), before)
                self.assertFalse(re.search("Written", person.seen))


if __name__ == "__main__":
    main()
