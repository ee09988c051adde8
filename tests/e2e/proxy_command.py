"""chainmend proxy: one listener from the command line serves what the same configuration in a file would."""

import signal

from lab import chainmend, clients
from lab.case import HOST, LabCase, main
from lab.chainmend import SANITIZERS, binary
from lab.nginx import ews_backend, vip
from lab.programs import Program, free_port


class ProxyCommand(LabCase):
    def setUp(self):
        super().setUp()
        made = self.pki.authority.pfx("mail.pfx", self.pki.rsa, "geheim", windows_kind=True)
        (self.folder / "mail.pfx").write_bytes(made.read_bytes())
        (self.folder / "mail.pass").write_text("geheim\n")
        backend, self.server = free_port(), free_port()
        self.nginx(ews_backend(backend), vip(self.server, backend, self.pki.rsa)).wait_for_port(self.server)
        self.port, self.admin = free_port(), free_port()
        self.environment = {**SANITIZERS, "HOME": str(self.folder / "home"), "XDG_CACHE_HOME": ""}
        self.arguments = ["proxy", "--from", f"127.0.0.1:{self.port}", "--to", f"https://127.0.0.1:{self.server}",
                          "--pfx", "mail.pfx", "--password-file", "mail.pass", "--bundle", str(self.pki.bundle),
                          "--root", str(self.pki.root.pem), "--admin", f"127.0.0.1:{self.admin}"]

    def start(self, *more):
        program = Program("chainmend", ["env", "-C", self.folder, binary(), *self.arguments, *more],
                          self.folder / "log", self.environment)
        self.addCleanup(program.stop)
        program.wait_for_port(self.port)
        return program

    def run_to_its_end(self, *arguments):
        return chainmend.run(*arguments, cwd=self.folder, environment=self.environment)

    def test_serves_the_chain_and_reaches_a_server_by_its_address(self):
        program = self.start("--phones", "127.0.0.0/8")
        self.assert_served(self.port, self.pki.served(self.pki.rsa))
        answer = clients.curl(f"https://{HOST}:{self.port}/EWS/Exchange.asmx", "--data", "<GetFolder/>",
                              root=self.pki.root.pem, resolve=HOST)
        self.assertEqual(answer.code, 200, answer.errors)
        told = self.run_to_its_end("clients", "--admin", f"127.0.0.1:{self.admin}")  # there is no file to name
        self.assertRegex(told.stdout, r"https\t\w+\t[1-9]", told.stderr)
        self.assertNotIn("warning", program.output)
        self.assertNotIn("geheim", program.output)
        self.assertEqual(program.stop(), 0)
        self.assertFalse((self.folder / "home" / "clients").exists())

    def test_without_phones_nobody_speaks_tls_1_0(self):
        self.start()
        self.assertFalse(clients.s_client(self.port, "-tls1", legacy=True).completed)

    def test_there_is_nothing_to_reload(self):
        program = self.start()
        program.send(signal.SIGHUP)
        program.wait_for_text("nothing to reload")
        self.assert_served(self.port, self.pki.served(self.pki.rsa), ["-tls1_2"])

    def test_prints_a_configuration_that_serves_the_same(self):
        printed = self.run_to_its_end(*self.arguments, "--phones", "10.20.0.0/16", "--print-config")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        self.assertNotIn("geheim", printed.stdout)
        (self.folder / "chainmend.yaml").write_text(printed.stdout)
        checked = self.run_to_its_end("check")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertRegex(checked.stdout, r"lync_phone_edition\t.*\tTLS 1.0\tlegacy-tls10\n")
        for words in (f"server_name: {HOST}", str(self.folder / "home/.cache/chainmend/aia")):
            self.assertIn(words, printed.stdout)

    def test_warns_of_servers_that_cannot_be_used(self):
        self.arguments[self.arguments.index("--to") + 1] = f"http://127.0.0.1:{free_port()}"
        program = self.start()
        self.assertRegex(program.output, r"warning: http://127\.0\.0\.1:\d+: Connection refused")

    def test_refuses_with_the_remedy(self):
        complete = ["proxy", "--from", ":1", "--to", "https://a.test", "--pfx", "mail.pfx"]
        for arguments, words in ((["proxy"], "--from is required"),
                                 (["proxy", "--from", ":1"], "--to is required"),
                                 (["proxy", "--from", ":1", "--to", "https://a.test"], "--pfx FILE"),
                                 (complete, "--password-file FILE"),
                                 ([*complete, "--key", "mail.key"], "--key requires --cert"),
                                 ([*complete, "--cert", "mail.pem"], "--pfx excludes --cert"),
                                 (["proxy", "--from", ":1", "--to", "a.test", "--pfx", "mail.pfx", "--password-file",
                                   "mail.pass"], "https://host:port")):
            with self.subTest(arguments):
                done = self.run_to_its_end(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(words, done.stderr)

    def test_port_that_is_taken_is_named(self):
        first = self.start()
        done = self.run_to_its_end(*self.arguments[:-1], "off")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"cannot listen on 127.0.0.1:{self.port}", done.stderr)
        self.assertTrue(first.running)


if __name__ == "__main__":
    main()
