"""chainmend lint on text: what certutil, PowerShell and the registry editor write of a store, in several languages, widths
and encodings. The names are those of the roots that Debian ships."""

import gzip
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import chainmend, windows_text
from lab.schema import wrongs

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "deploy/schemas/lint.schema.json").read_text())
ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
MITEL = "191A1C5696F2BFF780D0187F5735040E5CAF2B0D"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class LintListings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        root, key, ca, leaf = (cls.folder / name for name in ("root.pem", "root.key", "ca.pem", "leaf.pem"))
        openssl("req", "-x509", "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", root, "-days", 999,
                "-subj", "/C=DE/O=Größte Firma für Telefone und ihre Schränke, Inc./OU=A unit whose name fills more than a line/CN=Root of ours")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cls.folder / "ca.key", "-out", ca, "-CA", root, "-CAkey", key,
                "-subj", "/C=DE/CN=Issuing CA of ours", "-addext", "basicConstraints=critical,CA:TRUE", "-days", 999)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cls.folder / "leaf.key", "-out", leaf, "-CA", ca, "-CAkey",
                cls.folder / "ca.key", "-subj", "/CN=hq.contoso.com", "-days", 99)
        cls.root, cls.ca, cls.leaf = root, ca, leaf
        real = [one for one in windows_text.certificates(ROOTS.read_text()) if one.not_after > "2030"][:60]
        cls.issued = windows_text.Certificate(ca.read_text())
        cls.store = [*real[:30], windows_text.Certificate(root.read_text()), cls.issued, *real[30:]]

    def lint(self, content, *arguments, name="roots.txt"):
        path = self.folder / name
        path.write_bytes(content)
        done = chainmend.run("lint", "root-store", "--json", path, *arguments)
        self.assertEqual(done.stderr, "")
        said = json.loads(done.stdout)
        self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
        return said

    def grave(self, said):
        return [(one["id"], one["thumbprint"]) for one in said["findings"] if one["severity"] != "note"]

    def test_finds_the_intermediate_in_every_form_language_and_encoding(self):
        utf16 = "utf-16-le"
        texts = {f"certutil {language} {width} {encoding}": windows_text.certutil(self.store, language, width=width).encode(encoding, "replace")
                 for language in windows_text.LANGUAGES for width in (None, 80, 120) for encoding in ("utf-8", "utf-16", "cp850" if language != "ja" else "cp932")}
        texts |= {f"list {width} {form}": b"\xff\xfe" + windows_text.format_list(self.store, width=width, form=form).encode(utf16)
                  for width in (80, 120, 4096) for form in ("%-m/%-d/%Y %-I:%M:%S %p", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S")}
        for what, text in texts.items():
            with self.subTest(what):
                said = self.lint(text)
                self.assertEqual((said["certificates"], said["listed"]), (0, len(self.store)))
                self.assertEqual(self.grave(said), [("not-self-signed", self.issued.thumbprint)])
                self.assertEqual([one["entry"] for one in said["findings"] if one["id"] == "not-self-signed"], [32])
                note = next(one["text"] for one in said["findings"] if one["id"] == "text-only")
                self.assertTrue(note.startswith(f"{len(self.store)} certificates are listed without their bytes. Not checked:"), note)
                self.assertIn(f"{len(self.store) - 1} name itself as issuer, which proves nothing", note)

    def test_reads_the_certificates_of_a_registry_export(self):
        text = windows_text.registry(self.store, name="Ein Name") + windows_text.registry([self.issued], store="CA")
        for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("cp1252", b"")):
            said = self.lint(mark + text.encode(encoding), name="roots.reg")
            self.assertEqual((said["certificates"], said["listed"]), (len(self.store) + 1, 0))
            self.assertEqual(self.grave(said), [("not-self-signed", self.issued.thumbprint)])
            self.assertEqual([one for one in said["findings"] if one["id"] == "text-only"], [])
            self.assertIn("1 certificate is of the store 'CA', which holds no roots: not judged.", said["facts"])
        said = self.lint(windows_text.registry(self.store[30:31], with_key=True).encode(), name="roots.reg")
        self.assertEqual(self.grave(said), [("private-key", self.store[30].thumbprint)])

    def test_says_what_a_table_cut_off(self):
        columns = ("Thumbprint", "Subject")
        said = self.lint(windows_text.format_table(self.store, columns, width=100).encode())
        self.assertEqual((said["listed"], [one for one, _ in self.grave(said)]), (len(self.store), ["cut-off"]))
        narrow = self.lint(windows_text.format_table(self.store, ("Subject", "Issuer", "NotAfter", "Thumbprint"), width=80, dots="…").encode())
        self.assertEqual(narrow["listed"], len(self.store))
        by_id = {one["id"]: one["text"] for one in narrow["findings"]}
        self.assertIn(f"Thumbprint ({len(self.store)})", by_id["cut-off"])
        # "C=DE, CN=Issuing..." and "C=DE, O=..." differ before the cut.
        self.assertEqual([one["subject"][:4] for one in narrow["findings"] if one["id"] == "not-self-signed"], ["CN=I"])
        self.assertNotIn("phone-root-missing", by_id)

    def test_looks_for_the_roots_of_phone_makers_by_thumbprint(self):
        text = windows_text.certutil(self.store).replace(self.store[0].thumbprint.lower(), MITEL.lower())
        said = self.lint(text.encode())
        self.assertEqual(sum(one["id"] == "phone-root-missing" for one in said["findings"]), 1)

    def test_says_who_chains_through_what_is_to_go(self):
        keystore = self.folder / "keystore"
        keystore.mkdir(exist_ok=True)
        for source in (self.leaf, self.ca):
            (keystore / source.name).write_bytes(source.read_bytes())
        for content, name in ((windows_text.certutil(self.store, "de").encode(), "roots.txt"),
                              (windows_text.registry(self.store).encode(), "roots.reg")):
            said = self.lint(content, "--used-by", keystore, name=name)
            users = next(one["used_by"] for one in said["findings"] if one["id"] == "not-self-signed")
            self.assertEqual([user.partition(" (")[2] for user in users], ["CN=hq.contoso.com)"])
            said = self.lint(content, "--used-by", self.root, name=name)
            self.assertEqual(next(one["used_by"] for one in said["findings"] if one["id"] == "not-self-signed"), [])
        for wrong in (["--used-by", self.folder / "none"], ["--used-by", self.folder / "root.key"]):
            done = chainmend.run("lint", "root-store", self.root, *wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--used-by", done.stderr)
        self.assertEqual(chainmend.run("lint", "chain", self.leaf, "--used-by", keystore).returncode, 2)

    def test_reads_gzip_mixed_and_damaged_texts(self):
        text = windows_text.certutil(self.store, "de")
        self.assertEqual(self.lint(gzip.compress(gzip.compress(text.encode("utf-16"))))["listed"], len(self.store))
        listed = windows_text.format_list(self.store[:40])
        mixed = windows_text.certutil(self.store[40:], "fr").encode("cp850", "replace") + b"\xff\xfe" + listed.encode("utf-16-le")
        said = self.lint(mixed)
        self.assertEqual(said["listed"], len(self.store))
        self.assertIn(("damaged-text", ""), self.grave(said))
        said = self.lint(text.encode("utf-16")[:-201])
        self.assertEqual(said["listed"], len(self.store))
        self.assertIn(("damaged-text", ""), self.grave(said))

    def test_text_fits_a_terminal(self):
        for content in (windows_text.certutil(self.store, "fr").encode("cp850", "replace"), windows_text.format_table(self.store).encode("utf-16")):
            (self.folder / "evil.txt").write_bytes(content.replace(b"Root of", b"R\x1b[31m"))
            done = chainmend.run("lint", self.folder / "evil.txt", "--used-by", self.leaf, cwd=self.folder)
            self.assertNotIn("\x1b", done.stdout + done.stderr)
            for line in done.stdout.splitlines():
                self.assertTrue(len(line) <= 80 or " " not in line.strip(), line)


if __name__ == "__main__":
    unittest.main()
