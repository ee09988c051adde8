"""Bad input: each mistake is told by file, line and column, all of them in one run, and nothing is lost."""

import re
import time

from lab import chainmend
from lab.authority import openssl
from lab.case import LabCase, main

GOOD = """\
admin: { listen: off }
chain:
  bundles: [ca.pem]
  trust: [root.pem]
  aia: { mode: off }
certificates:
  mail:
    cert: mail.pem
    key: mail.key
listeners:
  - name: exchange
    listen: 127.0.0.1:8443
    certificates: [mail]
    upstream: cas
upstreams:
  cas:
    servers: [http://127.0.0.1:9]
"""


class BadInput(LabCase):
    def setUp(self):
        super().setUp()
        for name, source in {"root.pem": self.pki.root.pem, "ca.pem": self.pki.bundle, "mail.pem": self.pki.rsa.pem,
                             "mail.key": self.pki.rsa.key}.items():
            (self.folder / name).write_bytes(source.read_bytes())

    def check(self, text):
        (self.folder / "chainmend.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return chainmend.run("check", "-c", "chainmend.yaml", cwd=self.folder)

    def changed(self, old, new):
        self.assertIn(old, GOOD)
        return GOOD.replace(old, new, 1)

    def assert_refused(self, text, *messages):
        """check and run both say each message (line, column, pattern) and start nothing."""
        done = self.check(text)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for line, column, pattern in messages:
            where = rf"chainmend\.yaml:{line}:{column}: error: " if line else ""
            self.assertRegex(done.stderr, where + pattern)
        ran = chainmend.run("run", "-c", "chainmend.yaml", cwd=self.folder)
        self.assertNotEqual(ran.returncode, 0)
        for _, _, pattern in messages:
            self.assertRegex(ran.stderr, pattern)

    def assert_warned(self, text, pattern):
        done = self.check(text)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, pattern)

    def test_good_is_good(self):
        done = self.check(GOOD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("warning", done.stderr)


class Yaml(BadInput):
    def test_unknown_key_with_the_nearest_one(self):
        self.assert_refused(self.changed("    upstream: cas", "    upstraem: cas"),
                            (14, 5, '.*unknown key "upstraem".*did you mean "upstream"'))

    def test_wrong_types(self):
        self.assert_refused(self.changed("listen: 127.0.0.1:8443", "listen: everywhere"), (12, 13, ".*everywhere"))
        self.assert_refused(self.changed("bundles: [ca.pem]", "bundles: {a: b}"), (3, 12, '"bundles": expected'))
        self.assert_refused(GOOD + "process: { threads: many }\n", (18, 21, '"threads": expected .*"many"'))
        self.assert_refused(GOOD + "process: { drain: 10 }\n", (18, 19, '"drain": expected a duration.*"10"'))
        self.assert_refused("just text\n", (1, 1, ".*"))

    def test_duplicate_listener(self):
        twice = GOOD.replace("upstreams:", "  - { name: exchange, listen: 127.0.0.1:8444, certificates: [mail], "
                             "upstream: cas }\nupstreams:")
        self.assert_refused(twice, (15, 13, 'listener "exchange" is defined twice.*line 11'))

    def test_duplicate_address(self):
        twice = GOOD.replace("upstreams:", "  - { name: second, listen: 127.0.0.1:8443, certificates: [mail], "
                             "upstream: cas }\nupstreams:")
        self.assert_refused(twice, (15, 29, "127.0.0.1:8443.*exchange.*line 12"))

    def test_reference_to_nothing(self):
        self.assert_refused(self.changed("upstream: cas", "upstream: cass"), (14, 15, '.*"cass".*did you mean "cas"'))

    def test_duplicate_key(self):
        self.assert_refused(GOOD + "admin: { listen: off }\n", (18, 1, 'key "admin" is given twice.*line 1'))

    def test_second_document(self):
        self.assert_refused(GOOD + "---\nadmin: { listen: off }\n", (18, 1, "a second document"))

    def test_merge_key(self):
        self.assert_refused(GOOD + "logs:\n  <<: { level: info }\n", (19, 3, ".*merge"))

    def test_tab(self):
        self.assert_refused(self.changed("  bundles:", "\tbundles:"), (3, 1, ".*tab"))

    def test_syntax_error(self):
        self.assert_refused(self.changed("bundles: [ca.pem]", "bundles: [ca.pem"), (4, r"\d+", ".*"))

    def test_all_semantic_errors_in_one_run(self):
        text = (self.changed("upstream: cas", "upstream: cass").replace("bundles: [ca.pem]", "bundlse: [ca.pem]")
                .replace("mode: off", "mode: maybe"))
        self.assert_refused(text, (3, 3, '.*"bundlse"'), (5, 16, '.*"maybe"'), (14, 15, '.*"cass"'))

    def test_megabyte_of_nonsense(self):
        for nonsense in (b"\x00\xff" * (1 << 19), b"[" * (1 << 20), b"a: " * (1 << 18), b"x" * (1 << 20),
                         b"- &a [*a]\n" * (1 << 16), bytes(range(256)) * 4096):
            with self.subTest(nonsense[:8]):
                began = time.monotonic()
                done = self.check(nonsense)
                self.assertEqual(done.returncode, 2, done.stderr[:2000])
                self.assertRegex(done.stderr, r"^.{0,40}chainmend\.yaml:\d+:\d+: |chainmend\.yaml: ")
                self.assertLess(len(done.stderr), 20_000)
                self.assertNotRegex(done.stderr, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
                self.assertLess(time.monotonic() - began, 30)

    def test_empty_and_missing(self):
        self.assert_refused("", (0, 0, "chainmend.yaml.*empty"))
        done = chainmend.run("check", "-c", "nowhere.yaml", cwd=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "nowhere.yaml: .*No such file")
        done = chainmend.run("check", "-c", self.folder)
        self.assertEqual(done.returncode, 2)


class Files(BadInput):
    def test_missing_file(self):
        self.assert_refused(self.changed("mail.pem", "nowhere.pem"), (8, 11, ".*nowhere.pem.*No such file"))
        self.assert_refused(self.changed("mail.key", "nowhere.key"), (9, 10, ".*nowhere.key.*No such file"))
        self.assert_refused(self.changed("[ca.pem]", "[nowhere.pem]"), (3, 13, ".*nowhere.pem.*No such file"))
        self.assert_refused(self.changed("[root.pem]", "[nowhere.pem]"), (4, 11, ".*nowhere.pem.*No such file"))

    def test_two_missing_files_in_one_run(self):
        self.assert_refused(self.changed("mail.pem", "nowhere.pem").replace("[root.pem]", "[gone.pem]"),
                            (8, 11, ".*nowhere.pem"), (4, 11, ".*gone.pem"))

    def test_unreadable_key(self):
        (self.folder / "mail.key").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        self.assert_refused(GOOD, (9, 10, ".*mail.key"))

    def test_file_without_a_key(self):
        (self.folder / "mail.key").write_text(self.pki.root.text)
        self.assert_refused(GOOD, (9, 10, ".*mail.key.*key"))

    def test_key_of_another_leaf_with_both_fingerprints(self):
        (self.folder / "mail.key").write_bytes(self.pki.leaf("other").key.read_bytes())
        self.assert_refused(GOOD, (r"[79]", r"\d+", ".*"))
        done = self.check(GOOD)
        self.assertGreaterEqual(len(set(re.findall(r"[0-9a-f]{64}|(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", done.stderr))), 2,
                                done.stderr)

    def test_encrypted_key_without_and_with_a_wrong_password(self):
        openssl("pkey", "-in", self.pki.rsa.key, "-aes256", "-passout", "pass:geheim", "-out",
                 self.folder / "mail.key")
        self.assert_refused(GOOD, (9, 10, ".*mail.key.*password"))
        (self.folder / "pass").write_text("falsch\n")
        self.assert_refused(self.changed("    key: mail.key", "    key: mail.key\n    password_file: pass"),
                            (9, 10, ".*mail.key.*password"))
        (self.folder / "pass").write_text("geheim\n")
        done = self.check(self.changed("    key: mail.key", "    key: mail.key\n    password_file: pass"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_pfx_wrong_password_and_unsupported_algorithm_are_told_apart(self):
        pfx = self.changed("    cert: mail.pem\n    key: mail.key", "    pfx: mail.pfx\n    password_file: pass")
        (self.folder / "pass").write_text("falsch\n")
        made = self.pki.authority.pfx("mail.pfx", self.pki.rsa, "geheim", windows_kind=True)
        (self.folder / "mail.pfx").write_bytes(made.read_bytes())
        self.assert_refused(pfx, (8, 10, ".*mail.pfx.*password"))
        (self.folder / "mail.pfx").write_bytes(b"0\x82nonsense")
        done = self.check(pfx)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"chainmend\.yaml:8:10: .*mail\.pfx")
        self.assertNotIn("wrong password", done.stderr)

    def test_password_variable_that_is_not_set(self):
        self.assert_refused(self.changed("    key: mail.key", "    key: mail.key\n    password_env: NO_SUCH_VARIABLE"),
                            (10, 19, ".*NO_SUCH_VARIABLE"))

    def test_bundle_that_was_joined_is_read_with_a_note(self):
        joined = self.pki.primary.text.rstrip() + self.pki.server_ca.text
        (self.folder / "ca.pem").write_text(joined)
        done = self.check(GOOD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"note: .*ca\.pem:\d+: .*joined on one line")
        self.assertIn("complete", done.stdout)

    def test_request_in_place_of_the_certificate(self):
        openssl("req", "-new", "-key", self.pki.rsa.key, "-subj", "/CN=mail", "-out", self.folder / "mail.pem")
        self.assert_refused(GOOD, (8, 11, ".*mail.pem.*certificate request.*authority"))

    def test_empty_bundle(self):
        (self.folder / "ca.pem").write_text("")
        done = self.check(GOOD)
        self.assertIn(done.returncode, (1, 2))
        self.assertRegex(done.stdout + done.stderr, r"ca\.pem.*(empty|no certificate)")

    def test_garbage_in_a_bundle_is_skipped_with_its_line(self):
        (self.folder / "ca.pem").write_text(
            "some words\n" + self.pki.primary.text + "-----BEGIN CERTIFICATE-----\nnot base64!\n"
            "-----END CERTIFICATE-----\n" + self.pki.server_ca.text)
        line = 3 + self.pki.primary.text.count("\n")
        self.assert_warned(GOOD, rf"ca\.pem:{line}")
        done = self.check(GOOD)
        self.assertIn("Lab Primary CA", done.stdout)  # both certificates around it are used
        self.assertIn("Lab Root", done.stdout)

    def test_leaf_that_is_expired_or_not_yet_valid_is_a_warning(self):
        for days, words in (((-30, -3), "expired"), ((3, 300), "not valid before")):
            with self.subTest(words):
                leaf = self.pki.leaf("dated", days=days)
                (self.folder / "mail.pem").write_text(leaf.text)
                (self.folder / "mail.key").write_bytes(leaf.key.read_bytes())
                done = self.check(GOOD)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                self.assertRegex(done.stdout + done.stderr, f"(?i)mail.*{words}")

    def test_policy_that_this_openssl_cannot_do(self):
        for cipher in ("DES-CBC3-SHA", "NO-SUCH-SUITE"):
            with self.subTest(cipher):
                text = self.changed("    upstream: cas", "    upstream: cas\n    tls: { policy: old }")
                self.assert_refused(text + f"tls_policies: {{ old: {{ base: legacy-tls10, ciphers: [{cipher}] }} }}\n",
                                    (19, r"\d+", f".*{cipher}"))

    def test_policy_whose_versions_leave_nothing(self):
        text = self.changed("    upstream: cas", "    upstream: cas\n    tls: { policy: old }")
        self.assert_refused(text + "tls_policies: { old: { base: modern, min: 1.3, max: 1.2 } }\n", (19, r"\d+", ".*"))


if __name__ == "__main__":
    main()
