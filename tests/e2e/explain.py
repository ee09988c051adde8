"""chainmend explain: what it prints of codes, as text and as JSON."""

import json
import unittest
from pathlib import Path

from lab import chainmend
from lab.schema import wrongs

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "deploy/schemas/explain.schema.json").read_text())
CODES = ["0x80072f0d", "403 16 2148204809", "alert 48", "alert 90", "X509 error 20", "error:0A000418", "event 36885", "60",
         "PKIX path building failed", "Host not found"]


class Codes(unittest.TestCase):
    def test_says_what_a_code_of_a_phone_means(self):
        done = chainmend.run("explain", "0x80072f0d")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("0x80072f0d  ERROR_INTERNET_INVALID_CA", done.stdout)
        self.assertIn("an intermediate is missing", done.stdout)
        self.assertIn("chainmend probe HOST", done.stdout)

    def test_says_what_iis_means_and_the_price_of_the_stop_gap(self):
        said = " ".join(chainmend.run("explain", "403 16 2148204809").stdout.split())
        for part in ("CERT_E_UNTRUSTEDROOT", "not self-signed", "mitel_mfg_ca.crt", "ClientAuthTrustMode = 2", "Its price"):
            self.assertIn(part, said)

    def test_exit_status_tells_known_from_unknown_and_nonsense(self):
        for arguments, status in ((["alert 48"], 0), (["0x8badf00d"], 1), (["alert 48", "0x8badf00d"], 1), (["nonsense"], 2)):
            self.assertEqual(chainmend.run("explain", *arguments).returncode, status, arguments)

    def test_never_guesses(self):
        done = chainmend.run("explain", "0x8badf00d")
        self.assertIn("not known", done.stdout)
        self.assertIn("2343432205", done.stdout)
        self.assertNotIn("cause", done.stdout)

    def test_names_what_was_probably_meant(self):
        done = chainmend.run("explain", "SSL_ERROR_UNKNOWN_ISSUER")
        self.assertEqual((done.returncode, 'did you mean "SEC_ERROR_UNKNOWN_ISSUER"?' in done.stderr), (2, True), done.stderr)

    def test_takes_an_alert_in_hex_and_a_flag_of_winhttp_as_a_whole(self):
        self.assertIn("alert 48  unknown_ca", chainmend.run("explain", "alert 0x30").stdout)
        said = chainmend.run("explain", "WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA").stdout
        self.assertIn("does not lead to a root", said)
        self.assertIn("WinHTTP", said)

    def test_knows_the_numbers_of_f5(self):
        self.assertIn("SSL Handshake failed", chainmend.run("explain", "01260013").stdout)

    def test_json_keeps_to_its_schema(self):
        said = json.loads(chainmend.run("explain", "--json", "0x8badf00d", *CODES).stdout)
        self.assertEqual(wrongs(said, SCHEMA, SCHEMA), [])
        self.assertGreater(len(said["codes"]), len(CODES))

    def test_fits_80_columns(self):
        for code in CODES:
            for line in chainmend.run("explain", code).stdout.splitlines()[1:]:
                self.assertLessEqual(len(line), 80, line)

    def test_escapes_what_it_repeats(self):
        done = chainmend.run("explain", "\x1b[31mred")
        self.assertEqual(done.returncode, 2)
        self.assertNotIn("\x1b", done.stderr)


if __name__ == "__main__":
    unittest.main()
