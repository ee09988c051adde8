"""RC4 and 3DES: with an OpenSSL that has them (deploy/openssl-weak.md) they work where a policy names them; with
Debian's, a client that offers nothing else is told apart from those that another policy would take."""

import json
import subprocess

from lab import chainmend, clients
from lab.case import HOST, LabCase, main

GNUTLS = "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+{}:-MAC-ALL:+{}:-KX-ALL:+RSA:%NO_EXTENSIONS"
SUITES = {  # as a policy names them: gnutls-cli's cipher and MAC, and the number that tstclnt takes
    "RC4-SHA": ("ARCFOUR-128", "SHA1", "0005"),
    "RC4-MD5": ("ARCFOUR-128", "MD5", "0004"),
    "DES-CBC3-SHA": ("3DES-CBC", "SHA1", "000A"),
}
OWN_POLICY = {"rc4_phones": {"base": "legacy-tls10", "ciphers": ["AES128-SHA", *SUITES]}}


def can():
    return json.loads(chainmend.run("version", "--json").stdout)["can"]


class WeakSuites(LabCase):
    def meet(self, suite):
        cipher, mac, _ = SUITES[suite]
        return clients.gnutls(self.port, root=self.pki.root.pem, host=HOST, priority=GNUTLS.format(cipher, mac))

    def meet_nss(self, suite):
        """Without a database of certificates, so it takes any."""
        return subprocess.run(
            ["tstclnt", "-h", "127.0.0.1", "-p", str(self.port), "-a", HOST, "-D", "-o", "-Q", "-V", "tls1.0:tls1.0",
             "-c", f":{SUITES[suite][2]}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)

    def test_work_where_the_library_has_them_and_a_policy_names_them(self):
        able = can()
        if not able["RC4"]:
            self.assertFalse(able["3DES"], "half of an OpenSSL")
            config = self.folder / "chainmend.yaml"
            config.write_text(json.dumps(
                self.config(tls_policies=OWN_POLICY, listeners=[self.listener(policy="rc4_phones")])))
            checked = chainmend.run("check", "-c", config)
            self.assertEqual(checked.returncode, 2)
            for suite in SUITES:
                self.assertIn(f"'{suite}' is no suite", checked.stderr)
            self.assertIn("deploy/openssl-weak.md", checked.stderr)
            return
        program = self.start(self.config(tls_policies=OWN_POLICY, listeners=[self.listener(policy="rc4_phones")]))
        for suite in SUITES:
            with self.subTest(suite):
                seen = self.meet(suite)
                self.assertTrue(seen.completed, seen.output)
                nss = self.meet_nss(suite)
                self.assertEqual(nss.returncode, 0, nss.stderr)
        program.wait_for_metric("tls_negotiated_total", 2 * len(SUITES), tls_version="tls1.0")

    def test_fail_by_name_under_every_other_policy(self):
        program = self.start(self.config(listeners=[self.listener(policy="legacy-tls10")]))
        for suite in SUITES:
            with self.subTest(suite):
                self.assertEqual(self.meet(suite).alert_received, 40)  # handshake_failure
                self.assertNotEqual(self.meet_nss(suite).returncode, 0)
        reason = "no_shared_cipher" if can()["RC4"] else "library_unsupported"
        program.wait_for_metric("tls_handshake_failures_total", 2 * len(SUITES), reason=reason)


if __name__ == "__main__":
    main()
