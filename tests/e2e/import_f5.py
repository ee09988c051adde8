"""chainmend import-f5: the configuration of a BIG-IP becomes one of chainmend that starts and serves, with the faults of the
BIG-IP or without them, and nothing of it gets lost on the way."""

import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

from lab import chainmend, clients
from lab.bigip import EXCHANGE
from lab.case import HOST, LabCase, main
from lab.nginx import ews_backend
from lab.programs import free_ports
from lab.schema import wrongs

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "deploy/schemas/import-f5.schema.json").read_text())
PORTS = ("backend", "spare", "inside", "outside", "plain", "guarded")


class ImportF5(LabCase):
    def setUp(self):
        super().setUp()
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.conf = self.folder / "bigip.conf"
        self.conf.write_text(EXCHANGE.format(**self.ports))
        self.certs = self.folder / "ssl"
        self.certs.mkdir()
        shutil.copy(self.pki.rsa.pem, self.certs / "mail.crt")
        shutil.copy(self.pki.rsa.key, self.certs / "mail.key")
        shutil.copy(self.pki.bundle, self.certs / "issuers.crt")
        self.out = self.folder / "lab"

    def take(self, *arguments, source=None, status=1):
        done = chainmend.run("import-f5", source or self.conf, "--map", "10.0.0.5=127.0.0.1", "-o", self.out, "--force", *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def run_it(self, folder=None, with_trust=True):
        """The imported configuration, with what a test needs added: the lab's root, and files beside it."""
        folder = folder or self.out
        text = (folder / "chainmend.yaml").read_text()
        trust = f"  trust: [{self.pki.root.pem}]\n  aia: {{ mode: off }}\n"
        if with_trust:
            text = text.replace("chain:\n", "chain:\n" + trust) if "chain:\n" in text else f"chain:\n  bundles: [{self.pki.bundle}]\n{trust}{text}"
        text = text.replace("certs/", f"{folder}/certs/")
        port = free_ports(1)[0]
        program = self.start(f"admin: {{ listen: '127.0.0.1:{port}' }}\nclients: {{ file: clients }}\n{text}", wait=False)
        program.admin_port = port
        program.wait_until(lambda: program.get("/readyz") == 200, 60, "become ready")
        return program

    def verdict(self, port):
        return clients.s_client(port, "-tls1_2", root=self.pki.root.pem, server_name=HOST)

    def test_shows_the_fault_of_the_inner_address_and_mends_it(self):
        self.nginx(ews_backend(self.ports["backend"]))
        self.take("--as-is", "--cert-dir", self.certs)
        program = self.run_it()
        inside, outside = self.verdict(self.ports["inside"]), self.verdict(self.ports["outside"])
        self.assertEqual(inside.chain, [self.pki.rsa.bytes])
        self.assertFalse(inside.completed)
        self.assertEqual(len(outside.chain), 3)
        self.assertTrue(outside.completed, outside.output)
        program.stop()
        self.take("--cert-dir", self.certs)
        self.run_it()
        for name in ("inside", "outside"):
            seen = self.verdict(self.ports[name])
            self.assertTrue(seen.completed, seen.output)
            self.assertEqual(seen.chain, self.pki.served(self.pki.rsa))
        answer = clients.curl(f"https://{HOST}:{self.ports['inside']}/EWS/Exchange.asmx", root=self.pki.root.pem,
                              resolve=HOST)
        self.assertEqual(answer.code, 200, answer.errors)
        plain = clients.curl(f"http://127.0.0.1:{self.ports['plain']}/owa")
        self.assertEqual(plain.code, 302)

    def test_tells_of_each_property_of_each_object(self):
        said = json.loads(self.take("--json", "--cert-dir", self.certs).stdout)
        self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
        self.assertEqual((said["taken"], len(said["left_out"]), said["problems"]), (3, 1, []))
        told = {(one["object"], one["property"]): one["outcome"] for one in said["lines"]}
        for (what, outcome) in {
            ("/Common/cas", "load-balancing-mode"): "mapped",
            ("/Common/cas", "members /Common/cas2:%d" % self.ports["spare"]): "approximated",
            ("/Common/cas", "monitor"): "approximated",
            ("/Common/owa", "password"): "not mapped",
            ("/Common/owa", "recv"): "mapped",
            ("/Common/by_address", "timeout"): "mapped",
            ("/Common/inside", "cert-key-chain mail cert"): "mapped",
            ("/Common/outside", "cert-key-chain mail chain"): "mapped",
            ("/Common/outside", "passphrase"): "not needed",
            ("/Common/ews_inside", "vs-index"): "not needed",
            ("/Common/guarded", "source"): "refused",
        }.items():
            self.assertEqual(told.get(what), outcome, what)
        reached = {one["object"] for one in said["lines"]}
        told = {one["line"] for one in said["lines"]}
        for line, text in enumerate(self.conf.read_text().splitlines(), 1):
            if text.startswith("    ") and text.strip() != "}" and self.object_at(line) in reached:
                self.assertTrue(told & set(self.blocks_at(line)[:-1]), f"line {line}: {text}")

    def object_at(self, line):
        return self.conf.read_text().splitlines()[self.blocks_at(line)[-1] - 1].split()[-2]

    def blocks_at(self, line):
        """The line, and those that the blocks around it begin in."""
        lines = self.conf.read_text().splitlines()
        found, indent = [line], len(lines[line - 1]) - len(lines[line - 1].lstrip())
        for number in range(line - 1, 0, -1):
            text = lines[number - 1]
            if text.endswith("{") and len(text) - len(text.lstrip()) < indent:
                found.append(number)
                indent = len(text) - len(text.lstrip())
        return found

    def test_hides_secrets_and_names_the_origin_of_values(self):
        done = self.take("--cert-dir", self.certs)
        yaml = (self.out / "chainmend.yaml").read_text()
        self.assertNotIn("secret-of-the-monitor", done.stdout + done.stderr + yaml)
        self.assertIn(f"bigip.conf:{self.conf.read_text()[:self.conf.read_text().index('priority-group')].count(chr(10)) - 1}", yaml)
        self.assertEqual((self.out / "certs/mail.key").stat().st_mode & 0o777, 0o600)

    def test_takes_what_is_guarded_only_when_told_to(self):
        done = self.take("--virtual", "guarded", status=2)
        self.assertIn("--i-know", done.stdout)
        self.assertFalse((self.out / "chainmend.yaml").exists())
        self.take("--virtual", "guarded", "--i-know")
        yaml = (self.out / "chainmend.yaml").read_text()
        self.assertIn("WARNING: the BIG-IP guards this", yaml)
        self.assertIn("10.0.0.0/8", yaml)

    def x509(self, *what):
        return subprocess.run(["openssl", "x509", "-noout", *what, "-in", self.out / "certs/mail.crt"], capture_output=True, text=True, check=True).stdout

    def test_makes_look_alikes_of_certificates_that_are_not_at_hand(self):
        (self.certs / "mail.key").unlink()
        for how, count in (("--as-is", 1), ("--mended", None)):
            self.take(how, "--lab-keys", "--cert-dir", self.certs, "--virtual", "ews_inside")
            program = self.run_it(with_trust=False)
            seen = clients.s_client(self.ports["inside"], "-tls1_2", root=self.out / "certs/lab-root.crt", server_name=HOST)
            self.assertEqual(seen.completed, count is None, seen.output)
            self.assertEqual(len(seen.chain), count or 3)  # as the issuers at hand are two
            self.assertIn("chainmend lab look-alike", self.x509("-subject"))
            self.assertIn(HOST, self.x509("-ext", "subjectAltName"))
            self._end(program)

    def test_reads_a_ucs_and_the_certificates_in_it(self):
        ucs = self.folder / "backup.ucs"
        with tarfile.open(ucs, "w:gz") as archive:
            stored = {"config/bigip.conf": self.conf.read_bytes(), "config/._bigip.conf": b"Mac OS X"}
            for name, folder in (("mail.crt", "certificate_d"), ("issuers.crt", "certificate_d"), ("mail.key", "certificate_key_d")):
                stored[f"config/filestore/files_d/Common_d/{folder}/:Common:{name}_60123_1"] = (self.certs / name).read_bytes()
            for name, content in stored.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        self.take(source=ucs)
        checked = chainmend.run("check", "--json", self.out / "chainmend.yaml")
        self.assertNotEqual(checked.returncode, 2, checked.stdout + checked.stderr)
        self.assertEqual((self.out / "certs/mail.crt").read_bytes(), self.pki.rsa.pem.read_bytes())

    def test_every_fragment_starts_and_serves(self):
        """What the import makes of each fragment of the unit tests listens and completes a handshake, or answers."""
        golden = Path(__file__).resolve().parents[1] / "proxy/diagnose/f5/golden"
        shutil.copy(self.pki.rsa.pem, self.certs / "old.crt")
        shutil.copy(self.pki.rsa.key, self.certs / "old.key")
        served = 0
        for fragment in sorted(golden.glob("*.conf")):
            port, = free_ports(1)
            text = fragment.read_text().replace(":8443", f":{port}").replace("/Contoso/mail.", "/Common/mail.")
            self.conf.write_text(text.replace("10.0.0.11", "127.0.0.1"))
            with self.subTest(fragment.stem):
                done = chainmend.run("import-f5", self.conf, "--map", "10.0.0.5=127.0.0.1", "--virtual", self.first_virtual(text),
                                     "--i-know", "--cert-dir", self.certs, "-o", self.out, "--force")
                if fragment.stem.startswith("refused") and fragment.stem != "refused_route_domain":  # that has --map
                    self.assertEqual(done.returncode, 2, done.stderr)
                    continue
                self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
                program = self.run_it()
                if "certificates: [" in (self.out / "chainmend.yaml").read_text():
                    self.assertTrue(self.verdict(port).completed)
                elif "redirect:" in (self.out / "chainmend.yaml").read_text():
                    self.assertEqual(clients.curl(f"http://127.0.0.1:{port}/").code, 302)
                served += 1
                self._end(program)
        self.assertGreaterEqual(served, 25)

    @staticmethod
    def first_virtual(text):
        return next(line.split()[2] for line in text.splitlines() if line.startswith("ltm virtual "))

    def test_refuses_what_it_cannot_take_and_says_why(self):
        for content, words in ((b"pool cas {\n members 10.0.0.1:80 {}\n}\n", "version 9 or 10"),
                               (b"\x8c\x0d\x04\x09\x03\x02" + bytes(200), "encrypted"),
                               (b"\x1f\x8b\x08\x00garbage", "gzip"),
                               (b"ltm pool /Common/p { }\n", "no virtual server")):
            path = self.folder / "other.conf"
            path.write_bytes(content)
            done = self.take(source=path, status=2)
            self.assertIn(words, done.stderr)
        done = self.take("--virtual", "nobody", status=2)
        self.assertIn("nobody", done.stderr)


if __name__ == "__main__":
    main()
