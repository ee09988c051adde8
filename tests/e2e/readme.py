"""Every command in README.md does what README.md says, beside the files that README.md speaks of."""

import base64
import json
import os
import re
import shlex
import subprocess
import urllib.request
from pathlib import Path

from lab import clients
from lab.authority import openssl
from lab.case import LabCase, main
from lab.chainmend import SANITIZERS, binary
from lab.nginx import ews_backend, vip
from lab.programs import Program, free_port
from lab.wire import Wire, get

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
HOST = "mail.contoso.com"  # as in README.md


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def commands():
    """Each of the shell commands, in one line."""
    return [line for block in blocks("sh") for line in block.replace("\\\n", " ").splitlines()]


class Readme(LabCase):
    def setUp(self):
        super().setUp()
        authority = self.pki.authority
        leaf = self.pki.leaf("mail", [HOST])
        pfx = authority.pfx("mail.pfx", leaf, "geheim", windows_kind=True)
        bundle = authority.bundle("ca.pem", self.pki.primary, self.pki.server_ca)
        openssl("crl2pkcs7", "-nocrl", "-certfile", bundle, "-out", self.folder / "intermediates.p7b")
        for name, content in {"leaf.pem": leaf.pem, "ca.pem": bundle, "root.pem": self.pki.root.pem, "mail.pfx": pfx}.items():
            (self.folder / name).write_bytes(content.read_bytes())
        (self.folder / "mail.pass").write_text("geheim\n")
        backend, self.server = free_port(), free_port()
        self.nginx(ews_backend(backend), vip(self.server, backend, leaf)).wait_for_port(self.server)
        self.port, self.admin_port, self.exporter_port = free_port(), free_port(), free_port()
        # What `logs.handshakes.hellos: true` makes of a hello of TLS 1.0 with one suite.
        hello = b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x01" + bytes(33) + b"\x00\x02\x00\x2f\x01\x00"
        (self.folder / "handshakes.jsonl").write_text(json.dumps(
            {"event": "handshake", "client_type": "legacy_phone", "hello": base64.b64encode(hello).decode()}) + "\n")
        self.environment = {
            **os.environ, **SANITIZERS, "PATH": f"{Path(binary()).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"), "XDG_CACHE_HOME": "",
            "SSL_CERT_FILE": str(self.pki.root.pem),  # the lab's root is this system's trust
        }

    def test_every_command(self):
        self.assertGreater(len(commands()), 10)
        ci = (ROOT / ".ci" / "run").read_text()
        for command in commands():
            with self.subTest(command):
                if command.startswith("./"):
                    # The two commands of a fresh clone build everything: .ci/run runs them, not this test.
                    script = command.split()[0].removeprefix("./")
                    self.assertTrue(os.access(ROOT / script, os.X_OK))
                    self.assertIn(f"\n{script}", ci)
                elif command.startswith("chainmend proxy"):
                    program = self.serve(f"{command} --admin 127.0.0.1:{self.admin_port}")
                    self.assert_serves(old_phones=True)
                    self.assertNotIn("warn  config", program.output)
                    program.stop()
                elif " --listen " in command:
                    self.assert_measures_on_request(command)
                elif command.startswith("chainmend init"):
                    self.assert_runs(command)
                    self.assert_file_is_as_printed()
                elif command.startswith("chainmend run"):
                    self.serve(command)
                    self.assert_serves(old_phones=True)  # the commands after it find it running
                else:
                    self.assert_runs(command)

    def adapted(self, text):
        """With what a test may do in place of what it may not: take port 443, be somewhere else."""
        for here, there in (("https://10.0.0.11", f"https://127.0.0.1:{self.server}"), ("10.20.0.0/16", "127.0.0.0/8"),
                            ("0.0.0.0:443", f"127.0.0.1:{self.port}"), ("--from :443", f"--from 127.0.0.1:{self.port}"),
                            ("127.0.0.1:9465", f"127.0.0.1:{self.admin_port}"),
                            ("127.0.0.1:9466", f"127.0.0.1:{self.exporter_port}"),
                            (f"measure {HOST}", f"measure 127.0.0.1:{self.port} --sni {HOST}"),
                            (f"probe {HOST}", f"probe 127.0.0.1:{self.port} --sni {HOST}")):
            text = text.replace(here, there)
        return text

    def assert_runs(self, command):
        done = subprocess.run(["bash", "-c", self.adapted(command)], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=60)
        # Some types of client do fail at a listener of today, and probe says so.
        expected = (0, 1) if command.startswith("chainmend probe") else (0,)
        self.assertIn(done.returncode, expected, done.stdout + done.stderr)
        self.assertTrue(done.stdout or "--out" in command or " > " in command)

    def assert_measures_on_request(self, command):
        program = Program("measure", ["env", "-C", self.folder, *shlex.split(self.adapted(command))], self.folder / "log",
                          self.environment)
        self.addCleanup(program.stop)
        program.wait_for_port(self.exporter_port, 60)

    def assert_file_is_as_printed(self):
        """init's file is the YAML in README.md, which then goes on as a test may use it."""
        printed, = blocks("yaml")
        file = self.folder / "chainmend.yaml"
        self.assertEqual(self.adapted(file.read_text()), self.adapted(printed))
        file.write_text(self.adapted(printed).replace("chain:\n", "chain:\n  aia: { cache: aia }\n") +
                        f"admin: {{ listen: 127.0.0.1:{self.admin_port} }}\nclients: {{ file: clients }}\n")

    def serve(self, command):
        program = Program("chainmend", ["env", "-C", self.folder, *shlex.split(self.adapted(command))],
                          self.folder / "log", self.environment)
        self.addCleanup(program.stop)
        program.wait_for_port(self.port, 60)
        program.wait_for_port(self.admin_port, 60)
        return program

    def assert_serves(self, old_phones):
        """A client of today and an old phone get the whole chain, and reach the server behind."""
        root = self.folder / "root.pem"
        phone = clients.gnutls(self.port, root=root, host=HOST)
        self.assertEqual(phone.completed, old_phones, phone.output)
        self.assertEqual(len(phone.chain), 3 if old_phones else 0)
        answer = clients.curl(f"https://{HOST}:{self.port}/EWS/Exchange.asmx", "--data", "<GetFolder/>", root=root,
                              resolve=HOST)
        self.assertEqual(answer.code, 200, answer.errors)

    def write_config(self, change=lambda text: text):
        printed, = blocks("yaml")
        (self.folder / "chainmend.yaml").write_text(change(self.adapted(printed)) + (
            f"admin: {{ listen: 127.0.0.1:{self.admin_port} }}\nclients: {{ file: clients }}\n"))

    def test_only_the_phones_speak_tls_1_0(self):
        self.write_config(lambda text: text.replace("127.0.0.0/8", "10.20.0.0/16"))
        self.serve("chainmend run")
        self.assert_serves(old_phones=False)

    def test_names_of_policies_exist(self):
        names = re.findall(r"^\| `([\w-]+)` \| [\d., to]+ \|", README, re.M)
        self.assertGreaterEqual(len(names), 3)
        for name in names:
            with self.subTest(name):
                self.write_config(lambda text: text.replace("policy: intermediate", f"policy: {name}"))
                self.assert_runs("chainmend check")

    def test_names_of_metrics_exist(self):
        self.write_config()
        program = self.serve("chainmend run")
        clients.s_client(self.port, "-tls1_1", "-cipher", "NULL:@SECLEVEL=0")  # what never happened has no sample
        with Wire.connect(self.port) as wire:
            wire.request(get())
        with Wire.connect(self.port, tls=False) as wire:
            wire.send("noise\r\n" * 10)
            wire.to_end()

        def missing():
            page = urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics", timeout=10).read().decode()
            return [name for name in re.findall(r"`(chainmend_\w+)", README)
                    if f"# TYPE {name} " not in page and name not in never_happened]
        # Nobody is asked for a certificate here: its name stands in the table of metrics alone.
        never_happened = ["chainmend_client_certificate_total"]
        tables = "".join(file.read_text() for file in (ROOT / "proxy/metrics").glob("*.cpp"))
        for name in never_happened:
            self.assertIn(f'{{"{name.removeprefix("chainmend_")}"', tables)
        program.wait_until(lambda: not missing(), 10, f"have {missing()}")

    def test_test_programs_exist(self):
        made = "".join(file.read_text() for file in (ROOT / "tests").rglob("CMakeLists.txt"))
        names = re.findall(r"--target chainmend test_(\w+)", README)
        self.assertTrue(names)
        for name in names:
            self.assertIn(f"chainmend_test({name}\n", made)

    def test_links_and_folders_exist(self):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
            self.assertTrue((ROOT / target).exists(), target)


if __name__ == "__main__":
    main()
