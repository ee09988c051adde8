"""What the commands print and how they exit: check, chain, config, version."""

import json
import re
import shutil
import subprocess

from lab import chainmend
from lab.case import HOST, LabCase, main
from lab.clients import certificates_in
from lab.nginx import aia_responder
from lab.programs import free_port


class ConfigCommand(LabCase):
    def test_explains_what_a_preset_stands_for(self):
        file = self.folder / "chainmend.yaml"
        file.write_text("listeners: [{ name: web, listen: 127.0.0.1:80, tls: off,"
                        " routes: [{ preset: exchange, upstream: cas }] }]\n"
                        "upstreams: { cas: { servers: http://10.0.0.1 } }\n")
        done = chainmend.run("config", "--explain", file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in ("path: '/Microsoft-Server-ActiveSync'", "response: 65m", "max_body: off", "keep_alive:"):
            self.assertIn(line, done.stdout)
        again = self.folder / "again.yaml"
        again.write_text(done.stdout)
        self.assertEqual(chainmend.run("config", "--explain", again).stdout, done.stdout)

    def test_explains_nothing_wrong(self):
        file = self.folder / "chainmend.yaml"
        file.write_text("listener: []\n")
        done = chainmend.run("config", "--explain", file)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("did you mean", done.stderr)


class ChainCommand(LabCase):
    def chain(self, *arguments):
        return chainmend.run("chain", *arguments)

    def usual(self, *more):
        return self.chain("--leaf", self.pki.rsa.pem, "--bundle", self.pki.bundle, "--roots", self.pki.root.pem, *more)

    def test_prints_leaf_first(self):
        done = self.usual()
        self.assertEqual(done.returncode, 0, done.stderr)
        names = ["mail.contoso.test", "Lab Server CA", "Lab Primary CA"]
        at = [done.stdout.index(name) for name in names]
        self.assertEqual(at, sorted(at))
        self.assertNotIn("\x1b", done.stdout)  # no colours where no terminal is

    def test_pem_is_what_a_server_needs(self):
        done = self.usual("--pem")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(certificates_in(done.stdout), self.pki.served(self.pki.rsa))

    def test_json(self):
        done = self.usual("--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertTrue(said["complete"])
        self.assertIn("Lab Root", json.dumps(said["anchor"]))
        self.assertEqual([certificates_in(c["pem"])[0] for c in said["chain"]], self.pki.served(self.pki.rsa))
        for key in ("sha256", "subject", "issuer", "not_after", "source"):
            self.assertTrue(all(c[key] for c in said["chain"]), key)
        self.assertEqual([c["source"] for c in said["chain"]][1:], ["bundle", "bundle"])
        for key in ("warnings", "rejected"):
            self.assertIsInstance(said[key], list)

    def test_out_writes_the_file(self):
        file = self.folder / "full.pem"
        done = self.usual("--pem", "--out", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(certificates_in(file.read_text()), self.pki.served(self.pki.rsa))

    def test_no_path_is_1_and_says_which_issuer_is_missing(self):
        url = "http://ca.invalid/server-ca.der"
        leaf = self.pki.leaf("with-url", aia=[url])
        done = self.chain("--leaf", leaf.pem, "--roots", self.pki.root.pem)
        self.assertEqual(done.returncode, 1, done.stderr)
        said = done.stdout + done.stderr
        self.assertIn("Lab Server CA", said)
        self.assertIn(url, said)
        key_id = subprocess.run(
            ["openssl", "x509", "-in", self.pki.server_ca.pem, "-noout", "-ext", "subjectKeyIdentifier"],
            capture_output=True, text=True).stdout.split()[-1]
        self.assertIn(key_id.replace(":", "").lower(), said.replace(":", "").lower())

    def test_bad_input_is_2(self):
        nonsense = self.folder / "nonsense"
        nonsense.write_text("nonsense")
        for arguments in (["--leaf", nonsense], ["--leaf", self.folder / "nowhere"], [],
                          ["--leaf", self.pki.rsa.pem, "--no-such-option"],
                          ["--leaf", self.pki.rsa.pem, "--at", "yesterday"]):
            with self.subTest(arguments):
                done = self.chain(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertTrue(done.stderr)

    def test_at_another_time(self):
        self.assertEqual(self.usual("--at", "2001-01-01T00:00:00Z").returncode, 1)

    def test_aia(self):
        port = free_port()
        issuing = self.pki.authority.intermediate("issuing", "Lab Issuing CA", self.pki.root)
        leaf = self.pki.leaf("remote", issuer=issuing, aia=[f"http://127.0.0.1:{port}/issuing.der"])
        published = self.folder / "published"
        published.mkdir()
        shutil.copy(issuing.der, published)
        responder = self.nginx(aia_responder(port, published))
        responder.wait_for_port(port)
        arguments = ["--leaf", leaf.pem, "--roots", self.pki.root.pem]
        self.assertEqual(self.chain(*arguments).returncode, 1)
        # A loopback address is refused here as everywhere, unless it is allowed.
        refused = self.chain(*arguments, "--aia")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("private", refused.stdout + refused.stderr)
        cache = ["--aia-cache", self.folder / "cache"]
        fetched = self.chain(*arguments, "--aia", "--aia-allow-private", *cache)
        self.assertEqual(fetched.returncode, 0, fetched.stderr)
        self.assertIn("Lab Issuing CA", fetched.stdout)
        # A URL as public certificates have it, asked for at a proxy: a web server takes absolute-form as well.
        public = self.pki.leaf("public", issuer=issuing, aia=["http://pki.invalid/issuing.der"])
        proxied = self.chain("--leaf", public.pem, "--roots", self.pki.root.pem, "--aia",
                             "--aia-proxy", f"http://127.0.0.1:{port}")
        self.assertEqual(proxied.returncode, 0, proxied.stderr)
        responder.stop()
        self.assertEqual(self.chain(*arguments, *cache).returncode, 0)
        self.assertEqual(self.chain(*arguments).returncode, 1)


class CheckCommand(LabCase):
    def test_prints_a_table_per_listener(self):
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps({"admin": {"listen": "off"}, **self.config()}))
        done = chainmend.run("check", "-c", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("exchange", HOST, "Lab Server CA", "Lab Primary CA", "bundle", "file"):
            self.assertIn(words, done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_notes_whom_a_legacy_policy_leaves_out(self):
        file = self.folder / "chainmend.yaml"
        config = {"admin": {"listen": "off"}, **self.config(listeners=[self.listener(policy="legacy-tls10")])}
        file.write_text(json.dumps(config))
        done = chainmend.run("check", "-c", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("note: DHE suites use a group of 2048 bits; Java 6 and 7", done.stdout)
        notes = json.loads(chainmend.run("check", "-c", file, "--json").stdout)["listeners"][0]["notes"]
        self.assertEqual(done.stdout.count("note: "), len(notes))
        weak = json.loads(chainmend.run("version", "--json").stdout)["can"]["RC4"]
        self.assertEqual(any("library_unsupported" in note for note in notes), not weak)
        file.write_text(json.dumps({"admin": {"listen": "off"}, **self.config(listeners=[self.listener()])}))
        self.assertNotIn("note:", chainmend.run("check", "-c", file).stdout)

    def test_incomplete_chain_is_1(self):
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps({"admin": {"listen": "off"}, **self.config(chain=self.chain(bundles=[]))}))
        done = chainmend.run("check", "-c", file)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("Lab Server CA", done.stdout + done.stderr)


    def test_tells_warnings_beside_errors(self):
        # Of one stage each: where the file is read, and where chains are built.
        for change in ({"proces": {}}, {"certificates": {"mail": {"cert": "nowhere.pem"}}}):
            with self.subTest(change):
                file = self.folder / "chainmend.yaml"
                file.write_text(json.dumps({**self.config(), "admin": {"listen": "0.0.0.0:9465"}, **change}))
                done = chainmend.run("check", "-c", file)
                self.assertEqual(done.returncode, 2)
                self.assertRegex(done.stderr, r"error: (?s:.*)1:\d+: warning: ")
                told = json.loads(chainmend.run("check", "-c", file, "--json").stdout)
                self.assertEqual([len(told["errors"]) > 0, len(told["warnings"])], [True, 1])


class OtherCommands(LabCase):
    def test_config_prints_what_config_accepts(self):
        done = chainmend.run("config")
        self.assertEqual(done.returncode, 0, done.stderr)
        for key in ("listeners:", "certificates:", "upstreams:", "tls_policies:", "aia:", "on_incomplete:"):
            self.assertIn(key, done.stdout)
        file = self.folder / "chainmend.yaml"
        file.write_text(done.stdout)
        checked = chainmend.run("check", file)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        # With its examples it lacks nothing but their files.
        whole = "\n".join(line.removeprefix("# ") if line.startswith(("#   ", "# trust_", "# cert", "# tls_", "# client_",
                                                                     "# listeners:", "# upstreams:")) else line
                          for line in done.stdout.split("\n# The smallest file")[0].splitlines())
        file.write_text(whole.replace("/var/lib/chainmend", str(self.folder)))
        checked = chainmend.run("check", file)
        self.assertEqual(checked.returncode, 2)
        for line in checked.stderr.splitlines():
            self.assertRegex(line, "No such file|no file matches", checked.stderr)

    def test_version_says_what_openssl_can_do(self):
        done = chainmend.run("version")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("0.1.0", "OpenSSL 3", "TLS 1.0", "RC4", "3DES", "SSLv2"):
            self.assertIn(words, done.stdout)

    def test_the_manual_page_has_every_command_and_option(self):
        page = chainmend.run("help", "--man")
        self.assertEqual(page.returncode, 0)
        text = page.stdout.replace("\\-", "-")
        commands = re.findall(r"^  ([a-z]+) ", chainmend.run("--help").stdout.partition("Commands")[2], re.M)
        self.assertGreater(len(commands), 8)
        for command in commands:
            self.assertIn(f".SS {command}\n", text)
            for option in re.findall(r"--[a-z-]+", chainmend.run(command, "--help").stdout):
                self.assertIn(option, text)
        checked = subprocess.run(["groff", "-man", "-ww", "-z"], input=page.stdout, capture_output=True, text=True)
        self.assertEqual(checked.stderr, "")

    def test_help_shows_an_example(self):
        for command in ("run", "check", "chain", "config", "version"):
            with self.subTest(command):
                done = chainmend.run(command, "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"chainmend {command}", done.stdout)
        self.assertEqual(chainmend.run("--help").returncode, 0)
        self.assertEqual(chainmend.run().returncode, 2)
        self.assertEqual(chainmend.run("no-such-command").returncode, 2)


if __name__ == "__main__":
    main()
