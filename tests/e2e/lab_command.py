"""chainmend lab: each scenario by its own checks, and by clients that are not ours."""

import json
import re
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import chainmend, clients
from lab.programs import Program, free_ports

HOST = "mail.contoso.test"


class Labs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="chainmend-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "lab"
        self.base = free_ports(8)[0]

    def lab(self, *arguments):
        return chainmend.run("lab", *arguments, "--dir", self.folder, timeout=200)

    def start(self, scenario):
        program = Program("lab", [chainmend.binary(), "lab", scenario, "--dir", self.folder, "--port-base", str(self.base)],
                          self.folder.parent / f"{scenario}.log")
        self.addCleanup(program.stop)
        program.wait_until(lambda: "Serving until Ctrl-C" in program.output, 60, "serve")
        return program

    def s_client(self, part, *options, root="root.pem"):
        return clients.s_client(self.base + part, *options, root=self.folder / "pki" / root, server_name=HOST)

    def test_every_scenario_is_broken_and_mended_by_its_own_checks(self):
        names = [one["scenario"] for one in json.loads(chainmend.run("lab", "--json").stdout)]
        self.assertGreater(len(names), 10)
        for name in names:
            with self.subTest(name):
                done = self.lab(name, "--once", "--json", "--port-base", self.base)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                said = json.loads(done.stdout)
                self.assertEqual({one["state"] for one in said["checks"]}, {"broken", "fixed"})
                self.assertIn(1, [one["status"] for one in said["checks"] if one["state"] == "broken"])

    def test_lpe2012_as_openssl_and_gnutls_see_it_and_changed_while_it_runs(self):
        self.start("lpe2012")
        old_phone = lambda part: clients.gnutls(self.base + part, root=self.folder / "pki/root.pem", host=HOST)
        self.assertEqual(self.s_client(1).alert_sent, 48)
        self.assertEqual(old_phone(1).alert_sent, 42)
        for part in (2, 3):
            self.assertTrue(self.s_client(part).completed)
            self.assertTrue(old_phone(part).completed)
        for change, completes in (("fix", True), ("break", False), ("fix", True)):
            done = self.lab(change)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual((self.s_client(1).completed, old_phone(1).completed), (completes, completes), change)

    def test_other_faults_as_openssl_sees_them(self):
        for scenario, options, root in (("two-intermediates", [], "root.pem"), ("expired-intermediate", [], "root.pem"),
                                        ("cross-sign", [], "old-root.pem")):
            with self.subTest(scenario):
                program = self.start(scenario)
                self.assertFalse(self.s_client(1, *options, root=root).completed)
                self.assertTrue(self.s_client(3, *options, root=root).completed)
                self.assertEqual(self.lab("fix").returncode, 0)
                self.assertTrue(self.s_client(1, *options, root=root).completed)
                program.stop()

    def test_the_server_behind_answers_as_exchange_does(self):
        self.start("lpe2012")
        url = f"https://{HOST}:{self.base + 3}/EWS/Exchange.asmx"
        asked = lambda *more: clients.curl(url, "--data", "<GetFolder/>", *more, root=self.folder / "pki/root.pem", resolve=HOST)
        self.assertEqual(asked().code, 401)
        for how in ("--ntlm", "--basic"):
            answer = asked(how, "--user", "anna:secret")
            self.assertEqual(answer.code, 200, answer.errors)
            self.assertIn(b"ServerVersionInfo", answer.body)
        log = (self.folder / "logs/iis.log").read_text()
        self.assertRegex(log, r"POST /EWS/Exchange.asmx - \d+ CONTOSO\\ntlm 127.0.0.1 curl/\S+ - 200 0 0 1")
        self.assertNotIn("secret", log)

    def test_logs_of_others_are_there_for_explain(self):
        self.start("lpe2012")
        done = chainmend.run("explain", self.folder / "logs")
        self.assertEqual(done.returncode, 1)
        self.assertIn("chain-untrusted", done.stdout)

    def test_ends_whole(self):
        program = self.start("lpe2012")
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(30), 0)
        for part in range(1, 8):
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.base + part), 5)

    def test_mistakes_are_told_with_their_remedy(self):
        precious = self.folder / "precious.txt"
        self.folder.mkdir()
        precious.write_text("mine")
        done = self.lab("lpe2012", "--once")
        self.assertEqual((done.returncode, "--dir names a folder" in done.stderr), (2, True), done.stderr)
        self.assertEqual(precious.read_text(), "mine")
        precious.unlink()
        done = self.lab("fix")
        self.assertEqual((done.returncode, "`chainmend lab SCENARIO` makes one" in done.stderr), (2, True), done.stderr)
        done = chainmend.run("lab", "lpe2102")
        self.assertEqual((done.returncode, 'did you mean "lpe2012"?' in done.stderr), (2, True), done.stderr)
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", self.base + 4))
        taken.listen()
        done = self.lab("lpe2012", "--once", "--port-base", self.base)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--port-base takes other ports", done.stderr)
        self.assertIn(str(self.base + 4), done.stderr)

    def test_pages_fit_80_columns(self):
        for line in chainmend.run("lab").stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    unittest.main()
