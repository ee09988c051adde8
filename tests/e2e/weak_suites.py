"""RC4 and 3DES: with an OpenSSL that has them (deploy/openssl-weak.md) they work where a policy names them; with
Debian's, a client that offers nothing else is told apart from those that another policy would take."""

import json

from lab import chainmend, clients
from lab.case import LabCase, main

SUITES = {  # as a policy names them: as gnutls-cli does
    "RC4-SHA": "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128:-MAC-ALL:+SHA1:-KX-ALL:+RSA:%NO_EXTENSIONS",
    "RC4-MD5": "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128:-MAC-ALL:+MD5:-KX-ALL:+RSA:%NO_EXTENSIONS",
    "DES-CBC3-SHA": "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+3DES-CBC:-MAC-ALL:+SHA1:-KX-ALL:+RSA:%NO_EXTENSIONS",
}
OWN_POLICY = {"rc4_phones": {"base": "legacy-tls10", "ciphers": ["AES128-SHA", *SUITES]}}


def can():
    return json.loads(chainmend.run("version", "--json").stdout)["can"]


class WeakSuites(LabCase):
    def meet(self, priority):
        return clients.gnutls(self.port, root=self.pki.root.pem, priority=priority)

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
        for suite, priority in SUITES.items():
            with self.subTest(suite):
                seen = self.meet(priority)
                self.assertTrue(seen.completed, seen.output)
        program.wait_for_metric("tls_negotiated_total", len(SUITES), tls_version="tls1.0")

    def test_fail_by_name_under_every_other_policy(self):
        program = self.start(self.config(listeners=[self.listener(policy="legacy-tls10")]))
        for suite, priority in SUITES.items():
            with self.subTest(suite):
                self.assertEqual(self.meet(priority).alert_received, 40)  # handshake_failure
        reason = "no_shared_cipher" if can()["RC4"] else "library_unsupported"
        program.wait_for_metric("tls_handshake_failures_total", len(SUITES), reason=reason)


if __name__ == "__main__":
    main()
