"""chainmend lint chain: whatever is wrong with a list, what --fix writes passes lint, openssl and every trust profile that it is
said to suit."""

import gzip
import itertools
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import chainmend
from lab.schema import wrongs

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "deploy/schemas/lint.schema.json").read_text())
CA = ["-addext", "basicConstraints=critical,CA:TRUE"]


class LintChains(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.make("old", "/CN=Old root")
        cls.make("new", "/CN=New root")
        cls.make("cross", "/CN=New root", "old", CA, key="new")
        cls.make("primary", "/CN=Primary CA", "new", CA)
        cls.make("by_old", "/CN=Primary CA", "old", CA, key="primary")
        cls.make("ca", "/CN=Server CA", "primary", CA)
        cls.make("leaf", "/CN=mail", "ca", ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:mail.contoso.com"])
        cls.make("stranger", "/CN=Somebody else")

    @classmethod
    def make(cls, name, subject, issuer=None, extensions=(), key=None):
        path = cls.folder / f"{name}.pem"
        by = ["-CA", cls.folder / f"{issuer}.pem", "-CAkey", cls.folder / f"{issuer}.key"] if issuer else []
        own = ["-key", cls.folder / f"{key}.key"] if key else ["-newkey", "rsa:2048", "-keyout", cls.folder / f"{name}.key"]
        subprocess.run(["openssl", "req", "-x509", *own, "-nodes", "-out", path, "-subj", subject, "-days", "300", *by, *extensions],
                       check=True, capture_output=True)

    def list_of(self, *names):
        return "".join((self.folder / f"{name}.pem").read_text() for name in names)

    def lint(self, path, *arguments):
        done = chainmend.run("lint", "chain", "--json", path, *arguments)
        said = json.loads(done.stdout) if done.stdout else None
        if said:
            self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
        return done, said

    def test_what_fix_writes_passes_lint(self):
        whole = ("leaf", "ca", "primary")
        lists = [*itertools.permutations(whole), ("leaf",), ("leaf", "primary"), ("leaf", "ca", "primary", "new"), ("leaf", "ca", "ca", "primary"),
                 ("new", "primary", "ca", "leaf"), ("stranger", "leaf", "ca", "primary"), ("leaf", "stranger", "by_old", "cross"),
                 ("leaf", "leaf", "leaf"), ("leaf", "ca", "primary", "cross", "by_old", "new", "old")]
        given = ["--bundle", self.folder / "ca.pem", "--bundle", self.folder / "primary.pem", "--roots", self.folder / "new.pem"]
        for number, names in enumerate(lists):
            with self.subTest(names):
                path, fixed = self.folder / f"{number}.pem", self.folder / f"{number}.fixed.pem"
                path.write_text(self.list_of(*names))
                self.lint(path, *given, "--fix", fixed)
                done, said = self.lint(fixed, "--roots", self.folder / "new.pem", "--fail-on", "note")
                self.assertEqual((done.returncode, said["findings"]), (0, []))
                self.assertEqual(fixed.read_text(), self.list_of(*whole))
                subprocess.run(["openssl", "verify", "-CAfile", self.folder / "new.pem", "-untrusted", fixed, self.folder / "leaf.pem"],
                               check=True, capture_output=True)

    def test_mends_lists_in_other_containers(self):
        pem = self.folder / "backwards.pem"
        pem.write_text(self.list_of("primary", "ca", "leaf"))
        subprocess.run(["openssl", "crl2pkcs7", "-nocrl", "-certfile", pem, "-outform", "DER", "-out", self.folder / "list.p7b"], check=True)
        (self.folder / "list.gz").write_bytes(gzip.compress(pem.read_bytes()))
        for name in ("list.p7b", "list.gz"):
            fixed = self.folder / f"{name}.fixed"
            self.lint(self.folder / name, "--roots", self.folder / "new.pem", "--fix", fixed)
            self.assertEqual(fixed.read_text(), self.list_of("leaf", "ca", "primary"))

    def profiles(self):
        return ["--trust-profile", f"phones={self.folder / 'old.pem'}", "--trust-profile", f"browsers={self.folder / 'new.pem'}"]

    def test_says_which_trust_profile_refuses_and_writes_the_list_for_all(self):
        path, fixed = self.folder / "one.pem", self.folder / "both.pem"
        path.write_text(self.list_of("leaf", "ca", "primary"))
        done, said = self.lint(path, "--bundle", self.folder / "cross.pem", *self.profiles(), "--fix", fixed)
        refused = [one for one in said["findings"] if one["id"] == "profile-refuses"]
        self.assertEqual((done.returncode, len(refused)), (1, 1))
        self.assertIn("'phones' refuse the list as it is", refused[0]["text"])
        self.assertEqual(fixed.read_text(), self.list_of("leaf", "ca", "primary", "cross"))
        again, said = self.lint(fixed, *self.profiles())
        self.assertEqual((again.returncode, [one["id"] for one in said["findings"] if one["severity"] != "note"]), (0, []))
        for root in ("old", "new"):
            subprocess.run(["openssl", "verify", "-no-CAfile", "-no-CApath", "-partial_chain", "-CAfile", self.folder / f"{root}.pem", "-untrusted", fixed,
                            self.folder / "leaf.pem"], check=True, capture_output=True)

    def test_gives_two_lists_where_one_suits_nobody_else(self):
        path = self.folder / "split.pem"
        path.write_text(self.list_of("leaf", "ca", "by_old"))
        _, said = self.lint(path, "--bundle", self.folder / "primary.pem", *self.profiles())
        facts = " ".join(said["facts"])
        for part in ("For 'phones': 'mail' -> 'Server CA' -> 'Primary CA', below 'CN=Old root'", "For 'browsers': 'mail' -> 'Server CA' -> 'Primary CA', below 'CN=New root'"):
            self.assertIn(part, facts)

    def test_trust_profiles_that_make_no_sense_are_refused(self):
        path = self.folder / "leaf.pem"
        for wrong in ("phones", "=x", "phones=", f"phones={self.folder / 'none'}"):
            done, _ = self.lint(path, "--trust-profile", wrong)
            self.assertEqual((done.returncode, "--trust-profile" in done.stderr), (2, True), done.stderr)
        done = chainmend.run("lint", "root-store", path, *self.profiles())
        self.assertEqual((done.returncode, "--trust-profile" in done.stderr), (2, True))


if __name__ == "__main__":
    unittest.main()
