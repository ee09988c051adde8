"""chainmend lint on what is no certificate store at all: it says so, takes neither memory nor time for it, and goes on with the
rest."""

import gzip
import os
import resource
import subprocess
import tempfile
import threading
import time
import unittest
import zipfile
from pathlib import Path

from lab import chainmend, windows_text

MEMORY = 900 * 1024 * 1024  # of address space that is used; a sanitizer's shadow is not counted by RSS limits
PATIENCE = 55  # seconds; what waits for a pipe takes ten of them


class LintBadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.good, ca = cls.folder / "root.pem", cls.folder / "ca.pem"
        for command in (["-out", cls.good, "-subj", "/CN=Root of ours", "-keyout", cls.folder / "root.key"],
                        ["-out", ca, "-subj", "/CN=Issued", "-keyout", cls.folder / "ca.key", "-CA", cls.good, "-CAkey", cls.folder / "root.key"]):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "99", *map(str, command)], check=True, capture_output=True)
        cls.listing = windows_text.certutil(windows_text.certificates(ca.read_text()))

    def lint(self, *paths):
        """Exit status and all that is said of them, with a good store behind; bounded in time and memory."""
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        done = chainmend.run("lint", "root-store", *paths, self.good)
        self.assertLess(time.monotonic() - began, PATIENCE)
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        self.assertLess(after, max(MEMORY, before * 1024 + 1))
        self.assertIn("certificate", done.stdout)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertFalse(done.stderr.count("Sanitizer"), done.stderr)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_files_that_cannot_be_read_are_told_and_passed_over(self):
        huge = self.folder / "huge.txt"
        with open(huge, "wb") as out:  # one line of a gigabyte, which takes no disk
            out.truncate(1 << 30)
        loop = self.folder / "loop"
        loop.symlink_to(loop)
        for path, why in ((huge, "larger than 64 MiB"), ("/dev/zero", "no regular file"), ("/dev/null", "no regular file"),
                          (loop, "Too many levels"), (self.folder / "gone.pem", "No such file")):
            with self.subTest(path):
                status, said = self.lint(path)
                self.assertEqual(status, 2, said)
                self.assertIn(Path(path).name, said)
                self.assertIn(why, said)
                self.assertIn("root-store: 1 certificate in 1 file", said)

    def test_files_that_may_not_be_read_are_told(self):
        secret = self.write("secret.pem", self.good.read_bytes())
        secret.chmod(0)
        if os.access(secret, os.R_OK):
            self.skipTest("who runs this may read everything")
        status, said = self.lint(secret)
        self.assertEqual((status, "must be able to read it" in said), (2, True), said)

    def test_a_pipe_that_nobody_writes_to_ends(self):
        silent = self.folder / "silent"
        os.mkfifo(silent)
        status, said = self.lint(silent)
        self.assertEqual((status, "did not end in time" in said), (2, True), said)

    def test_a_pipe_without_end_ends(self):
        endless = self.folder / "endless"
        os.mkfifo(endless)
        stop = threading.Event()

        def feed():
            with open(endless, "wb", buffering=0) as out:
                try:
                    while not stop.is_set():
                        out.write(b"x" * 65536)
                except BrokenPipeError:
                    pass

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        status, said = self.lint(endless)
        stop.set()
        feeder.join(PATIENCE)
        self.assertFalse(feeder.is_alive())
        self.assertEqual((status, "larger than 64 MiB" in said or "did not end in time" in said), (2, True), said)

    def test_archives_are_told_and_bombs_do_not_go_off(self):
        bomb = gzip.compress(b"\0" * (200 << 20), 9)
        for name, content, why in (("bomb.gz", bomb, "unpacks to more than 64 MiB"), ("twice.gz", gzip.compress(bomb), "unpacks to more than 64 MiB"),
                                   ("cut.gz", gzip.compress(self.good.read_bytes())[:-20], "ends too early"), ("broken.gz", b"\x1f\x8b\x08" + b"x" * 99, "no sound gzip"),
                                   ("deep.gz", self.deep(), "unpack it first")):
            with self.subTest(name):
                status, said = self.lint(self.write(name, content))
                self.assertEqual((status, why in said, name in said), (2, True, True), said)
        packed = self.folder / "roots.zip"
        for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
            with zipfile.ZipFile(packed, "w", how) as archive:
                archive.write(self.good)
            status, said = self.lint(packed)
            self.assertEqual((status, "zip archive" in said), (1, True), said)

    def deep(self):
        content = self.good.read_bytes()
        for _ in range(9):
            content = gzip.compress(content)
        return content

    def test_containers_in_containers_are_read_or_told(self):
        status, said = self.lint(self.write("roots.pem.gz", gzip.compress(gzip.compress(self.good.read_bytes()))))
        self.assertEqual((status, "duplicate" in said), (0, True), said)
        inner = self.write("inner.gz", gzip.compress(self.good.read_bytes()))
        subprocess.run(["openssl", "smime", "-sign", "-in", inner, "-binary", "-nodetach", "-signer", self.good, "-inkey", self.folder / "root.key",
                        "-outform", "DER", "-out", self.folder / "signed.p7b"], check=True, capture_output=True)
        status, said = self.lint(self.folder / "signed.p7b")  # its certificates are the message's own; the content is no affair of ours
        self.assertEqual((status, "2 certificates in 2 files" in said), (0, True), said)

    def test_nul_bytes_cut_utf16_and_mixtures_are_read_as_far_as_they_go(self):
        utf16 = b"\xff\xfe" + self.listing.encode("utf-16-le")
        for name, content in (("nul.txt", self.listing.encode().replace(b"Serial", b"Se\0rial")), ("cut.txt", utf16[:-31]),
                              ("mixed.txt", utf16 + self.listing.encode("cp1252")), ("nuls.txt", b"\0" * 5000 + self.listing.encode())):
            with self.subTest(name):
                status, said = self.lint(self.write(name, content))
                self.assertEqual((status, "damaged-text" in said, "not-self-signed" in said), (1, True, True), said)

    def test_long_lines_and_many_lines_are_bounded(self):
        row = b"Thumbprint : 0123456789ABCDEF0123456789ABCDEF01234567\nSubject : CN=A\nIssuer : CN=A\n\n"
        for name, content in (("line.txt", b"Subject : CN=" + b"x" * (16 << 20)), ("equals.txt", b"=" * (16 << 20)), ("lines.txt", b"\n" * (2 << 20)),
                              ("rows.txt", row * 50_000), ("dashes.txt", b"Thumbprint Subject\n------" + b"- " * (1 << 20)),
                              ("rulers.txt", b"==== 1 ====\n" * (1 << 19)), ("escapes.txt", b"\x1b[" * (8 << 20)), ("past.txt", b"x" * (33 << 20) + b"Thumbprint")):
            with self.subTest(name):
                status, said = self.lint(self.write(name, content))
                self.assertIn(status, (0, 1, 2), said[-2000:])
                (self.folder / name).unlink()

    def test_a_folder_that_leads_to_itself_is_read_once(self):
        folder = self.folder / "store"
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "roots.txt").write_text(self.listing)
        (folder / "deep" / "back").symlink_to(folder)
        (folder / "readme.txt").write_text("Dear all, these are our roots.\n")
        os.mkfifo(folder / "pipe")
        status, said = self.lint(folder)
        self.assertEqual((status, said.count("not-self-signed")), (1, 1), said)
        self.assertIn("1 certificate and 1 listed certificate in 2 files", said)
        self.assertIn("1 file in folders without a certificate", said)


if __name__ == "__main__":
    unittest.main()
