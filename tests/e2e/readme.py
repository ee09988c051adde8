"""Every command in README.md does what README.md says, beside the files that README.md speaks of."""

import os
import re
import subprocess
import urllib.request
from pathlib import Path

from lab import clients
from lab.case import HOST, LabCase, main
from lab.chainmend import SANITIZERS, binary
from lab.programs import Program, free_port
from lab.wire import Wire, get

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


class Readme(LabCase):
    def setUp(self):
        super().setUp()
        self.port, self.admin_port = free_port(), free_port()
        self.pki.authority.bundle("ca.pem", self.pki.primary, self.pki.server_ca)
        pfx = self.pki.authority.pfx("mail.pfx", self.pki.rsa, "geheim", windows_kind=True,
                                     with_certificates=[self.pki.server_ca, self.pki.primary])
        for name, content in {
            "leaf.pem": self.pki.rsa.pem, "ca.pem": self.pki.bundle, "root.pem": self.pki.root.pem, "mail.pfx": pfx,
        }.items():
            (self.folder / name).write_bytes(content.read_bytes())
        (self.folder / "mail.pass").write_text("geheim\n")
        # The configuration as printed, but for what a test may not do: take port 443, write to /var/lib.
        config, = blocks("yaml")
        self.assertIn("0.0.0.0:443", config)
        (self.folder / "chainmend.yaml").write_text(
            config.replace("0.0.0.0:443", f"127.0.0.1:{self.port}") +
            f"admin: {{ listen: 127.0.0.1:{self.admin_port} }}\nchain: {{ aia: {{ cache: aia }} }}\n"
            "clients: { file: clients }\n")
        self.environment = {
            **os.environ, **SANITIZERS, "PATH": f"{Path(binary()).parent}:{os.environ['PATH']}",
            "SSL_CERT_FILE": str(self.pki.root.pem),  # the lab's root is this system's trust
        }

    def shell(self, command):
        command = command.replace("127.0.0.1:9465", f"127.0.0.1:{self.admin_port}")
        command = command.replace("probe mail.contoso.com", f"probe 127.0.0.1:{self.port} --sni {HOST}")
        return subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=60)

    def test_every_command(self):
        commands = [line for block in blocks("sh") for line in block.splitlines()]
        self.assertGreater(len(commands), 8)
        ci = (ROOT / ".ci" / "run").read_text()
        for command in commands:
            with self.subTest(command):
                if command.startswith("./"):
                    # The two commands of a fresh clone build everything: .ci/run runs them, not this test.
                    script = command.split()[0].removeprefix("./")
                    self.assertTrue(os.access(ROOT / script, os.X_OK))
                    self.assertIn(f"\n{script}", ci)
                elif command.startswith("chainmend run"):
                    self.serve(command)
                else:
                    done = self.shell(command)
                    # Old phones do fail at a listener of today, and probe says so.
                    expected = (0, 1) if command.startswith("chainmend probe") else (0,)
                    self.assertIn(done.returncode, expected, done.stdout + done.stderr)
                    self.assertTrue(done.stdout or "--out" in command)

    def serve(self, command):
        """The commands after it find it running."""
        program = Program("chainmend", ["env", "-C", self.folder, *command.split()], self.folder / "log",
                          self.environment)
        self.addCleanup(program.stop)
        program.wait_for_port(self.admin_port, 60)

    def test_names_of_metrics_exist(self):
        program = Program("chainmend", [binary(), "run", "-c", self.folder / "chainmend.yaml"], self.folder / "log",
                          self.environment)
        self.addCleanup(program.stop)
        program.wait_for_port(self.admin_port, 60)
        clients.s_client(self.port, "-tls1", legacy=True)  # what never happened has no sample: here is a failure
        with Wire.connect(self.port) as wire:
            wire.request(get())  # and a request
        with Wire.connect(self.port, tls=False) as wire:
            wire.send("noise\r\n" * 10)
            wire.to_end()

        def missing():
            page = urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics", timeout=10).read().decode()
            return [name for name in re.findall(r"`(chainmend_\w+)", README) if f"# TYPE {name} " not in page]
        program.wait_until(lambda: not missing(), 10, f"have {missing()}")

    def test_links_and_folders_exist(self):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
            self.assertTrue((ROOT / target).exists(), target)


if __name__ == "__main__":
    main()
