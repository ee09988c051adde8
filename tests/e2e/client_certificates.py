"""Clients are asked for a certificate: whose is taken, what the others are told, and that no session brings an identity
where it does not belong. How servers learn of it: client_identity.py."""

import itertools
import json
import subprocess
from pathlib import Path

import lab.chainmend
from lab import chainmend, clients
from lab.case import HOST, LabCase, main
from lab.programs import free_port
from lab.wire import Backend

KINDS = {"id": ("-tls1_2", "-no_ticket"), "ticket": ("-tls1_2",), "tls13": ("-tls1_3",)}
REQUEST = b"GET / HTTP/1.1\r\nHost: mail.contoso.test\r\nConnection: close\r\n\r\n"
VERSIONS = ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3")
PHONES = ("-bind", "127.0.0.2")  # all of 127/8 is ours to call from


class PhoneCase(LabCase):
    """Phones have a certificate of their maker, and do not send its intermediate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = cls.pki.authority
        cls.maker = cls.authority.root("maker", "Lab Phone Maker")
        cls.maker_ca = cls.authority.intermediate("maker-ca", "Lab Phone CA", cls.maker)
        cls.phone = cls.phone_certificate("phone")
        cls.bundles = [str(cls.pki.bundle), str(cls.maker_ca.pem)]

    @classmethod
    def phone_certificate(cls, name, issuer=None, common_name="Mitel IP480", **how):
        how = {"usage": "clientAuth", "key_usage": "digitalSignature", **how}
        return cls.authority.certificate(name, common_name, issuer or cls.maker_ca, ca=False, **how)

    def asking(self, request="optional", port=None, name="exchange", policy="legacy-tls10", listener=None, **terms):
        """A listener that asks for the phones' certificates."""
        return self.listener(name, port, policy, client_certificate={
            "request": request, "trust": str(self.maker.pem), **terms}, **(listener or {}))

    def serve(self, *listeners, backend=None, **more):
        backend = backend or Backend()
        self.addCleanup(backend.stop)
        self.backend = backend
        return self.start(self.config(backend.url, listeners=list(listeners) or [self.asking()],
                                      chain=self.chain(bundles=self.bundles), **more))

    def call(self, *options, show=None, port=None, **how):
        shown = ("-cert", show.pem, "-key", show.key) if show else ()
        return clients.s_client(port or self.port, *options, *shown, legacy=True, root=self.pki.root.pem,
                                server_name=HOST, send=how.pop("send", REQUEST), **how)

    def assert_accepted(self, seen):
        self.assertTrue(seen.completed, seen.output)
        self.assertIn("HTTP/1.1 200", seen.output)


class Verified(PhoneCase):
    def test_in_every_version_without_its_intermediate(self):
        program = self.serve(self.asking("required"))
        for version in VERSIONS:
            with self.subTest(version):
                self.assert_accepted(self.call(version, show=self.phone))
        self.assertEqual(program.metric("client_certificate_total", outcome="accepted", client_type="openssl"), 4)

    def test_keys_of_both_kinds(self):
        self.serve(self.asking("required"))
        elliptic = self.phone_certificate("phone-ec", key="ec")
        for version in VERSIONS:
            with self.subTest(version):
                self.assert_accepted(self.call(version, show=elliptic))

    def test_optional_serves_who_has_none(self):
        program = self.serve()
        for version in VERSIONS:
            with self.subTest(version):
                self.assert_accepted(self.call(version))
        phone = clients.gnutls(self.port, root=self.pki.root.pem, host=HOST)  # an old one, which has none either
        self.assertTrue(phone.completed, phone.output)
        program.wait_for_metric("client_certificate_total", 5, outcome="none")
        self.assertEqual(program.metric("client_certificate_total"), 5)

    def test_required_refuses_who_has_none(self):
        program = self.serve(self.asking("required"))
        for version, alert in zip(VERSIONS, (40, 40, 40, 116)):
            with self.subTest(version):
                seen = self.call(version)
                self.assertEqual(seen.alert_received, alert, seen.output)
                self.assertNotIn("HTTP/1.1", seen.output)
        program.wait_for_metric("tls_handshake_failures_total", 4, reason="client_cert_missing")
        self.assertEqual(program.metric("client_certificate_total", outcome="none"), 4)

    def test_what_is_wrong_is_told_by_alert_reason_and_log(self):
        stranger = self.authority.root("stranger", "Somebody else")
        revoked = self.phone_certificate("phone-revoked")
        lists = [self.authority.revocations("maker-ca", self.maker_ca, revoked),
                 self.authority.revocations("maker", self.maker)]
        program = self.serve(self.asking(crls=[str(one) for one in lists]))
        wrong = {
            "client_cert_untrusted": (self.phone_certificate("phone-alien", stranger), 48, "Somebody else"),
            "client_cert_expired": (self.phone_certificate("phone-old", days=(-10, -1)), 45, "expired at"),
            "client_cert_revoked": (revoked, 44, "has revoked"),
            "client_cert_unsuitable": (self.phone_certificate("phone-server", usage="serverAuth"), 43, "purposes: any"),
        }
        for reason, (shown, alert, hint) in wrong.items():
            for version in VERSIONS:
                with self.subTest(reason, version=version):
                    seen = self.call(version, show=shown)
                    self.assertEqual(seen.alert_received, alert, seen.output)
                    self.assertNotIn("HTTP/1.1", seen.output)
            program.wait_for_metric("tls_handshake_failures_total", 4, reason=reason)
            told = [line for line in program.lines() if line["reason"] == reason]
            self.assertIn(hint, told[0]["hint"])
        self.assertEqual(program.metric("client_certificate_total", outcome="rejected"), 16)
        self.assert_accepted(self.call(show=self.phone))

    def test_not_yet_valid_and_expired_intermediate(self):
        old_ca = self.authority.intermediate("maker-old", "Lab Old Phone CA", self.maker, days=(-20, -1))
        self.bundles = [*self.bundles, str(old_ca.pem)]
        program = self.serve()
        for shown in (self.phone_certificate("phone-early", days=(1, 20)),
                      self.phone_certificate("phone-of-old", old_ca)):
            self.assertEqual(self.call(show=shown).alert_received, 45)
        program.wait_for_metric("tls_handshake_failures_total", 2, reason="client_cert_expired")

    def test_any_purpose_takes_what_was_made_for_servers(self):
        self.serve(self.asking("required", purposes="any"))
        for usage, key_usage in (("serverAuth", "digitalSignature"), ("clientAuth", "keyEncipherment")):
            shown = self.phone_certificate("phone-any", usage=usage, key_usage=key_usage)
            self.assert_accepted(self.call(show=shown))

    def test_depth(self):
        program = self.serve(self.asking(depth=2))  # the phone, its CA, the maker: three
        self.assertEqual(self.call(show=self.phone).alert_received, 48)
        direct = self.phone_certificate("phone-direct", self.maker)
        self.assert_accepted(self.call(show=direct))
        program.wait_for_lines(1)
        self.assertIn("client_certificate.depth of listener exchange is 2", program.lines()[0]["hint"])

    def test_list_that_is_out_of_date(self):
        late = [str(self.authority.revocations("maker-ca-late", self.maker_ca, days=(-9, -1))),
                str(self.authority.revocations("maker-late", self.maker))]
        hard, soft = free_port(), free_port()
        program = self.serve(self.asking(name="hard", port=hard, crls=late),
                             self.asking(name="soft", port=soft, crls=late, revocation="soft"))
        self.assertIn("revocation: hard", program.output)  # warned of at the start
        self.assertEqual(self.call(port=hard, show=self.phone).alert_received, 44)
        self.assert_accepted(self.call(port=soft, show=self.phone))

    def test_in_mode_tcp(self):
        self.serve(self.asking("required", listener={"mode": "tcp"}))
        for version in ("-tls1", "-tls1_2", "-tls1_3"):
            with self.subTest(version):
                self.assert_accepted(self.call(version, show=self.phone))
                self.assertNotIn("HTTP/1.1", self.call(version).output)

    def test_phone_is_asked_and_browser_is_not(self):
        self.port = free_port()
        listener = self.listener(policy="legacy-tls10", tls={"policy": "legacy-tls10", "for_clients": [
            {"client_type": "desk_phone", "client_certificate": {
                "request": "required", "trust": str(self.maker.pem)}}]})
        self.serve(listener, client_types=[{"name": "desk_phone", "match": {"source": ["127.0.0.2"]}}])
        for version in VERSIONS:
            with self.subTest(version):
                other = self.call(version, show=self.phone)
                self.assert_accepted(other)
                self.assertNotIn("CertificateRequest", other.output)
                self.assertNotIn("HTTP/1.1", self.call(version, *PHONES).output)
                self.assert_accepted(self.call(version, *PHONES, show=self.phone))

    def test_names_of_cas(self):
        expected = {"trust": ["CN = Lab Phone Maker"], "none": [], str(self.maker_ca.pem): ["CN = Lab Phone CA"]}
        for names, sent in expected.items():
            with self.subTest(names):
                self.port = free_port()
                self.serve(self.asking(ca_names=names))
                for version in ("-tls1_2", "-tls1_3"):
                    output = self.call(version).output
                    for one in sent:
                        self.assertIn(one, output)
                    self.assertEqual("No client certificate CA names sent" in output, not sent, output)


class OtherClients(PhoneCase):
    """Each with a program that is not OpenSSL's: with its certificate, and without."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pfx = cls.authority.pfx("phone.p12", cls.phone, "secret")

    def assert_taken(self, command, **terms):
        """command: makes the arguments, with the certificate or without."""
        program = self.serve(self.asking("required", **terms))
        for shown in (True, False):
            subprocess.run(list(map(str, command(shown))), input=REQUEST, capture_output=True, timeout=60)
        program.wait_for_metric("client_certificate_total", 1, outcome="none")
        for outcome in ("accepted", "none"):
            self.assertEqual(program.metric("client_certificate_total", outcome=outcome), 1, outcome)
        self.assertEqual(len(self.backend.requests), 1)

    def test_gnutls_at_tls10_without_extensions(self):
        self.assert_taken(lambda shown: [
            "gnutls-cli", "--priority", clients.OLD_PHONE, "--insecure", "--disable-sni", "-p", self.port,
            *(["--x509certfile", self.phone.pem, "--x509keyfile", self.phone.key] if shown else []), "127.0.0.1"])

    def test_curl(self):
        self.assert_taken(lambda shown: [
            "curl", "--silent", "--insecure", *(["--cert", self.phone.pem, "--key", self.phone.key] if shown else []),
            f"https://127.0.0.1:{self.port}/"])

    def test_nss(self):
        folder = self.folder / "nss"
        folder.mkdir()
        for command in (["certutil", "-N", "--empty-password"], ["pk12util", "-i", self.pfx, "-W", "secret"]):
            subprocess.run([*map(str, command), "-d", f"sql:{folder}"], check=True, capture_output=True, timeout=60)
        listed = subprocess.run(["certutil", "-L", "-d", f"sql:{folder}"], check=True, capture_output=True, text=True,
                                timeout=60).stdout
        nickname = next(line for line in listed.splitlines() if "u,u,u" in line).rsplit(None, 1)[0].strip()
        request = self.folder / "request"  # at the end of its input it would wait for ever
        request.write_bytes(REQUEST)
        self.assert_taken(lambda shown: [
            "tstclnt", "-h", "127.0.0.1", "-p", self.port, "-a", HOST, "-d", f"sql:{folder}", "-V", "tls1.0:tls1.2",
            "-o", "-A", request, *(["-n", nickname] if shown else [])])

    def test_openjdk(self):
        source = Path(lab.chainmend.__file__).with_name("StrictClient.java")
        subprocess.run(["javac", "-d", str(self.folder), str(source)], check=True, capture_output=True, timeout=120)
        self.assert_taken(lambda shown: [
            "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", self.folder,
            "StrictClient", self.port, self.pki.root.pem, HOST, "", "", *([self.pfx, "secret"] if shown else [])],
            # It has its certificate alone, and knows none above it that such a list could name.
            ca_names="none")


class Resumed(PhoneCase):
    def session(self, kind, port, show=None):
        file = self.folder / f"session-{kind}"
        file.unlink(missing_ok=True)
        seen = self.call(*KINDS[kind], "-sess_out", file, show=show, port=port)
        self.assertTrue(seen.completed and file.exists(), seen.output)
        return file

    def assert_resumes(self, expected, kind, session, port, show=None):
        seen = self.call(*KINDS[kind], "-sess_in", session, port=port, show=show)
        self.assertEqual(seen.resumed, expected, f"{kind}: {seen.output}")
        return seen

    def test_with_its_certificate(self):
        program = self.serve(self.asking("required"))
        for kind in KINDS:
            with self.subTest(kind):
                session = self.session(kind, self.port, self.phone)
                self.assert_accepted(self.assert_resumes(True, kind, session, self.port))
        # Who resumes is not asked again.
        self.assertEqual(program.metric("client_certificate_total"), len(KINDS))

    def test_never_into_required_without_one(self):
        optional, required = free_port(), free_port()
        self.serve(self.asking(port=optional, name="a"), self.asking("required", port=required, name="b"))
        for kind in KINDS:
            for show in (None, self.phone):
                with self.subTest(kind, show=show):
                    session = self.session(kind, optional, show)
                    seen = self.assert_resumes(False, kind, session, required)
                    self.assertNotIn("HTTP/1.1", seen.output)

    def test_never_after_a_reload_that_asks_more(self):
        program = self.serve()
        sessions = {kind: self.session(kind, self.port) for kind in KINDS}
        self.assertTrue(program.reload(self.config(
            self.backend.url, listeners=[self.asking("required")], chain=self.chain(bundles=self.bundles))))
        for kind, session in sessions.items():
            with self.subTest(kind):
                seen = self.assert_resumes(False, kind, session, self.port)
                self.assertNotIn("HTTP/1.1", seen.output)

    def test_never_across_trust_and_lists(self):
        lists = [self.authority.revocations("now-ca", self.maker_ca), self.authority.revocations("now", self.maker)]
        trust = self.authority.bundle("trusted.pem", self.maker)
        program = self.serve(self.asking("required", trust=str(trust), crls=[str(one) for one in lists]))

        def revoke_another(number):
            self.authority.revocations("now-ca", self.maker_ca, self.phone_certificate(f"victim-{number}"))

        def trust_another(number):
            another = self.authority.root(f"maker-{number}", f"Another Maker {number}")
            trust.write_text(trust.read_text() + another.text)

        changes = {"nothing": lambda number: None, "lists": revoke_another, "trust": trust_another}
        for number, (kind, what) in enumerate(itertools.product(KINDS, changes)):
            with self.subTest(kind, changed=what):
                session = self.session(kind, self.port, self.phone)
                changes[what](number)
                self.assertTrue(program.reload(), program.tail())
                self.assert_accepted(self.assert_resumes(what == "nothing", kind, session, self.port, self.phone))

    def test_ends_with_the_certificate(self):
        """A session that outlives the certificate it was made with is not gone on with."""
        short = self.phone_certificate("phone-short", days=(-1, 12 / 86400))
        self.serve(self.asking("required"))
        sessions = {kind: self.session(kind, self.port, short) for kind in KINDS}
        chainmend.until(lambda: "HTTP/1.1" not in self.call("-tls1_2", show=short).output, 40, "the certificate expires")
        for kind, session in sessions.items():
            with self.subTest(kind):
                seen = self.assert_resumes(False, kind, session, self.port)
                self.assertNotIn("HTTP/1.1", seen.output)


class Checked(PhoneCase):
    """What `check` refuses, with the place and the remedy."""

    def check(self, *listeners, **more):
        file = self.folder / "check.yaml"
        file.write_text(json.dumps(self.config(listeners=list(listeners), **more), indent=1))
        done = chainmend.run("check", "-c", file)
        return done.returncode, done.stdout + done.stderr

    def assert_refused(self, listener, *texts):
        status, output = self.check(listener)
        self.assertEqual(status, 2, output)
        for text in texts:
            self.assertIn(text, output)

    def test_without_trust(self):
        self.assert_refused(self.listener(client_certificate={"request": "optional"}),
                            "a certificate that is asked for needs \"trust\"")

    def test_files_that_are_missing_or_something_else(self):
        self.assert_refused(self.asking(trust="gone.pem", crls=["gone.crl", str(self.maker.pem)], ca_names="lost.pem"),
                            "gone.pem", "gone.crl", "lost.pem")
        self.assert_refused(self.asking(crls=[str(self.maker.pem)]), "there is no X509 CRL in it")

    def test_too_many_names(self):
        many = self.folder / "many.pem"
        many.write_text("".join(
            self.authority.root(f"many-{i}", f"Maker number {i} " + "of very long names" * 2, key_file=self.maker.key)
            .text for i in range(220)))
        self.assert_refused(self.asking(trust=str(many)), "bytes, and clients take a list of 16384 at most")
        status, output = self.check(self.asking(trust=str(many), ca_names="none"))
        self.assertEqual(status, 0, output)

    def test_keys_without_use(self):
        self.assert_refused(self.asking(listener={"tls": "off", "certificates": []}), "has no use with \"tls: off\"")
        self.assert_refused(self.asking(revocation="soft"), "\"revocation\" has no use without \"crls\"")
        self.assert_refused(self.asking(to_upstream={"headers": "Client-Cert"}, listener={"mode": "tcp"}),
                            "\"to_upstream\" has no use in mode tcp")
        routes = [{"path": "/phones", "upstream": "cas", "client_certificate": {"required": True}}]
        self.assert_refused(self.listener(routes=routes), "this listener asks nobody for a certificate")


if __name__ == "__main__":
    main()
