"""chainmend lint: stores of certificates that openssl made, as text, as JSON, and its exit status."""

import json
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

from lab import chainmend
from lab.schema import wrongs

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "deploy/schemas/lint.schema.json").read_text())


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Lint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        root, key, ca = cls.folder / "root.pem", cls.folder / "root.key", cls.folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", root, "-subj", "/CN=Root of ours", "-days", 999)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cls.folder / "ca.key", "-out", ca, "-CA", root, "-CAkey", key,
                "-subj", "/CN=Issuing CA of ours", "-addext", "basicConstraints=critical,CA:TRUE", "-days", 999)
        cls.good, cls.bad, cls.p7b = root, cls.folder / "store.pem", cls.folder / "store.p7b"
        cls.bad.write_text(root.read_text() + ca.read_text() + root.read_text() + key.read_text())
        openssl("crl2pkcs7", "-nocrl", "-certfile", root, "-certfile", ca, "-outform", "DER", "-out", cls.p7b)

    def found(self, *arguments):
        done = chainmend.run("lint", "root-store", "--json", *arguments)
        said = json.loads(done.stdout)
        self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
        return done.returncode, [(one["id"], one["entry"], one["line"]) for one in said["findings"] if one["id"] != "phone-root-missing"]

    def test_a_sound_root_passes(self):
        self.assertEqual(self.found(self.good), (0, []))

    def test_finds_what_is_wrong_and_where(self):
        lines = self.bad.read_text().splitlines()
        begins = [number for number, line in enumerate(lines, 1) if "BEGIN" in line]
        status, found = self.found(self.bad)
        self.assertEqual(status, 1)
        self.assertEqual(found, [("private-key", None, begins[3]), ("not-self-signed", 2, begins[1]), ("duplicate", 3, begins[2])])

    def test_reads_p7b_and_standard_input(self):
        self.assertEqual(self.found(self.p7b), (1, [("not-self-signed", 2, None)]))
        done = chainmend.run("lint", "-", send=self.bad.read_bytes())
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard input:", done.stdout)

    def test_writes_the_chain_that_passes(self):
        leaf, fixed = self.folder / "leaf.pem", self.folder / "fixed.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "leaf.key", "-out", leaf,
                "-CA", self.folder / "ca.pem", "-CAkey", self.folder / "ca.key", "-subj", "/CN=mail", "-days", 300,
                "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:mail.contoso.com")
        backwards = self.folder / "backwards.pem"
        backwards.write_text(self.good.read_text() + leaf.read_text())
        given = ["--bundle", self.folder / "ca.pem", "--roots", self.good]
        done = chainmend.run("lint", "--json", backwards, *given, "--fix", fixed)
        said = json.loads(done.stdout)
        self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
        self.assertEqual((done.returncode, said["kind"]), (1, "chain"))
        self.assertEqual([one["id"] for one in said["findings"] if one["severity"] == "error"], ["leaf-not-first", "intermediate-missing"])
        again = chainmend.run("lint", "chain", fixed, "--roots", self.good, "--fail-on", "note")
        self.assertEqual((again.returncode, again.stderr), (0, ""), again.stdout)
        openssl("verify", "-CAfile", self.good, "-untrusted", fixed, leaf)
        kept = chainmend.run("lint", backwards, *given, "--fix", fixed)
        self.assertEqual(kept.returncode, 2)
        self.assertIn("fixed.pem", kept.stderr)
        nothing = chainmend.run("lint", "chain", leaf, "--roots", self.good, "--fix", self.folder / "none.pem")
        self.assertEqual(nothing.returncode, 2)
        self.assertFalse((self.folder / "none.pem").exists())

    def test_looks_into_pfx_files_of_every_kind(self):
        password = self.folder / "mail.pass"
        password.write_text("geheim\n")
        made = ["pkcs12", "-export", "-in", self.folder / "ca.pem", "-inkey", self.folder / "ca.key", "-name", "Mail of ours"]
        old = ["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
        for extra, secret, opened, ids in (
                (["-certfile", self.good], "geheim", True, ["pfx-new-algorithms"]),
                (old, "geheim", True, ["pfx-no-chain", "pfx-old-algorithms"]),
                (old, "geheim", False, ["pfx-old-algorithms", "unreadable"]),
                (["-nomac", "-certfile", self.good], "geheim", True, ["pfx-new-algorithms", "pfx-no-mac"]),
                (["-certfile", self.good], "", False, ["pfx-new-algorithms", "pfx-no-password"])):
            pfx = self.folder / "mail.pfx"
            openssl(*made, *extra, "-out", pfx, "-passout", f"pass:{secret}")
            done = chainmend.run("lint", "--json", pfx, *(["--password-file", password] if opened else []))
            said = json.loads(done.stdout)
            self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
            self.assertEqual((said["kind"], sorted(one["id"] for one in said["findings"])), ("pfx", ids), extra)
            self.assertEqual(done.returncode, 1 if "unreadable" in ids else 0)
            windows = "every Windows" if extra[:1] == ["-legacy"] else "Server 2019"
            self.assertTrue(any("read by" in fact and windows in fact and ("legacy" in fact) == ("-legacy" in extra) for fact in said["facts"]))
            self.assertEqual(any("'Mail of ours'" in fact for fact in said["facts"]), "unreadable" not in ids)
            self.assertNotIn("geheim", done.stdout + done.stderr)
        self.assertEqual(chainmend.run("lint", "pfx", self.good).returncode, 2)

    def test_prints_sarif(self):
        odd = self.folder / "odd name.pem"
        odd.write_bytes(self.bad.read_bytes())
        done = chainmend.run("lint", "root-store", "--sarif", odd)
        said = json.loads(done.stdout)
        self.assertEqual((done.returncode, said["version"]), (1, "2.1.0"))
        run = said["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        self.assertEqual(len(rules), len(set(rules)))
        for result in run["results"]:
            self.assertIn(result["ruleId"], rules)
            self.assertIn(result["level"], ("note", "warning", "error"))
        first = run["results"][0]["locations"][0]["physicalLocation"]
        self.assertTrue(first["artifactLocation"]["uri"].endswith("/odd%20name.pem"))
        self.assertGreater(first["region"]["startLine"], 1)

    def test_prints_junit(self):
        for arguments, failures in (([self.bad], 2), ([self.bad, "--fail-on", "warning"], 3), ([self.good], 0)):
            done = chainmend.run("lint", "root-store", "--junit", *arguments)
            suite = xml.etree.ElementTree.fromstring(done.stdout)[0]
            self.assertEqual((suite.get("failures"), suite.get("errors")), (str(failures), "0"))
            self.assertNotIn("\\x0a", done.stdout)
            self.assertEqual(len(suite.findall("testcase/failure")), failures)
            self.assertEqual(len(suite.findall("testcase")), int(suite.get("tests")))

    def test_escapes_names_in_xml(self):
        evil = self.folder / 'a"<b>&\x1b.pem'
        evil.write_text("nothing")
        suite = xml.etree.ElementTree.fromstring(chainmend.run("lint", "--junit", evil).stdout)[0]
        self.assertIn('a"<b>&\\x1B.pem', suite[0].get("name").replace("\\x1b", "\\x1B"))

    def test_exit_status_goes_by_the_severity_asked_for(self):
        for extra, status in (([], 0), (["--fail-on", "warning"], 0), (["--fail-on", "note"], 1)):
            self.assertEqual(chainmend.run("lint", self.good, *extra).returncode, status, extra)
        for arguments in (["nowhere.pem"], ["--fail-on", "nothing", self.good], [], ["/dev/zero"], [self.good, "nowhere.pem"]):
            self.assertEqual(chainmend.run("lint", *arguments).returncode, 2, arguments)
        alone = chainmend.run("lint", self.folder / "root.key")
        self.assertEqual((alone.returncode, alone.stdout, "name its certificate, too" in alone.stderr), (2, "", True), alone)

    def test_text_names_the_remedy_and_fits_80_columns(self):
        said = chainmend.run("lint", self.bad, cwd=self.folder).stdout
        self.assertIn("error: not-self-signed", said)
        for part in ("403.16", "Move-Item", "Restart-Service W3SVC", "root-store: 3 certificates in 1 file; 2 errors, 1 warning, 2 notes"):
            self.assertIn(part, " ".join(said.split()))
        for line in said.splitlines():
            self.assertTrue(len(line) <= 80 or " " not in line.strip(), line)

    def test_escapes_what_it_repeats(self):
        evil = self.folder / "evil\x1b[31m.pem"
        evil.write_text("nothing")
        done = chainmend.run("lint", evil, self.folder / "gone\x1b[31m.pem")
        self.assertIn("unreadable", done.stdout)
        self.assertNotIn("\x1b", done.stdout + done.stderr)

    def test_lists_its_rules(self):
        done = chainmend.run("lint", "--rules")
        self.assertEqual(done.returncode, 0)
        self.assertIn("not-self-signed\troot-store\terror\t", done.stdout)


if __name__ == "__main__":
    unittest.main()
