"""One port, two kinds of client: the phones get TLS 1.0 and the chain of their own root, everyone else what the listener
says, and no session goes from one to the other."""

from lab import clients
from lab.case import HOST, LabCase, main

PHONES = ("-bind", "127.0.0.2")  # all of 127/8 is ours to call from
REQUEST = b"GET / HTTP/1.1\r\nHost: mail.contoso.test\r\nConnection: close\r\n\r\n"


class ForClients(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The phones have the root of ten years ago, which has signed today's.
        cls.old_root = cls.pki.authority.root("old-root", "Lab Old Root")
        cls.cross = cls.pki.authority.intermediate(
            "cross", "Lab Root", cls.old_root, key_file=cls.pki.root.key)
        cls.modern_chain = cls.pki.served(cls.pki.rsa)
        cls.phone_chain = [*cls.modern_chain, cls.cross.bytes]

    def configuration(self, match, policy="intermediate", phones="legacy-tls10", **more):
        return self.config(
            chain=self.chain(bundles=[str(self.pki.bundle), str(self.cross.pem)]),
            trust_profiles={"phones": {"roots": str(self.old_root.pem)}},
            client_types=[{"name": "desk_phone", "match": match}],
            listeners=[self.listener(tls={"policy": policy, "for_clients": [
                {"client_type": "desk_phone", "policy": phones, "chain": "phones"}]})],
            **more)

    def test_phone_gets_tls10_and_its_chain_and_nobody_else_does(self):
        program = self.start(self.configuration({"source": ["127.0.0.2"], "offers_at_most": "tls1.0"}))
        phone = clients.s_client(self.port, "-tls1", *PHONES, root=self.old_root.pem, server_name=HOST, legacy=True)
        self.assertTrue(phone.completed, phone.output)
        self.assertEqual((phone.version, phone.chain), ("TLSv1", self.phone_chain))
        stranger = clients.s_client(self.port, "-tls1", legacy=True)
        self.assertEqual((stranger.completed, stranger.alert_received), (False, 70), stranger.output)
        for who in ((), PHONES):  # the phones' address alone is not enough
            modern = clients.s_client(self.port, "-tls1_3", *who, root=self.pki.root.pem, server_name=HOST)
            self.assertTrue(modern.completed, modern.output)
            self.assertEqual((modern.version, modern.chain), ("TLSv1.3", self.modern_chain))
        program.wait_for_metric("tls_handshake_failures_total", 1, reason="version_unsupported")
        told = {(policy, version): program.metric("tls_policy_handshakes_total", policy=policy, tls_version=version)
                for policy in ("legacy-tls10", "intermediate") for version in ("tls1.0", "tls1.3")}
        self.assertEqual(told, {("legacy-tls10", "tls1.0"): 1, ("legacy-tls10", "tls1.3"): 0,
                                ("intermediate", "tls1.0"): 0, ("intermediate", "tls1.3"): 2})

    def test_old_phone_without_extensions_is_told_by_its_hello(self):
        self.start(self.configuration({"offers_at_most": "tls1.0", "extensions": []}))
        phone = clients.gnutls(self.port, root=self.old_root.pem, host=HOST)
        self.assertTrue(phone.completed, phone.output)
        self.assertEqual((phone.version, phone.chain), ("TLS1.0", self.phone_chain))
        other = clients.s_client(self.port, "-tls1", server_name=HOST, legacy=True)  # with extensions
        self.assertEqual(other.alert_received, 70, other.output)

    def test_session_never_goes_from_one_policy_to_the_other(self):
        self.start(self.configuration({"source": ["127.0.0.2"]}))
        for kind, options in (("id", ("-tls1_2", "-no_ticket")), ("ticket", ("-tls1_2",)), ("tls13", ("-tls1_3",))):
            for made_by, used_by in ((PHONES, ()), ((), PHONES), (PHONES, PHONES), ((), ())):
                with self.subTest(kind=kind, made_by=made_by, used_by=used_by):
                    file = self.folder / f"session-{kind}-{len(made_by)}-{len(used_by)}"
                    made = clients.s_client(self.port, *options, *made_by, "-sess_out", file, send=REQUEST)
                    self.assertTrue(made.completed and file.exists(), made.output)
                    used = clients.s_client(self.port, *options, *used_by, "-sess_in", file, send=REQUEST)
                    self.assertTrue(used.completed, used.output)
                    self.assertEqual(used.resumed, made_by == used_by, used.output)

    def test_session_never_goes_from_one_certificate_to_the_other(self):
        own = self.pki.leaf("phones", [HOST])
        config = self.configuration({"source": ["127.0.0.2"]}, phones="intermediate", certificates={
            "mail": self.pem(self.pki.rsa), "phones": self.pem(own)})
        config["listeners"][0]["tls"]["for_clients"][0]["certificates"] = "phones"
        self.start(config)
        for options in (("-tls1_2", "-no_ticket"), ("-tls1_2",), ("-tls1_3",)):
            for made_by, used_by in ((PHONES, ()), ((), PHONES), (PHONES, PHONES)):
                with self.subTest(options=options, made_by=made_by, used_by=used_by):
                    file = self.folder / "session"
                    file.unlink(missing_ok=True)
                    made = clients.s_client(self.port, *options, *made_by, "-sess_out", file, send=REQUEST)
                    self.assertTrue(made.completed and file.exists(), made.output)
                    used = clients.s_client(self.port, *options, *used_by, "-sess_in", file, send=REQUEST)
                    self.assertEqual((used.completed, used.resumed), (True, made_by == used_by), used.output)

    def test_phones_that_only_know_a_private_root(self):
        """Nobody gets today's certificate with the phones' root, or the other way round: nothing is missing."""
        private = self.pki.authority.root("private", "Phones Only Root")
        own = self.pki.authority.certificate("private-phones", HOST, private, ca=False, hosts=[HOST])
        config = self.configuration({"source": ["127.0.0.2"]}, certificates={
            "mail": self.pem(self.pki.rsa), "phones": self.pem(own)})
        config["chain"]["on_incomplete"] = "fail"
        config["trust_profiles"] = {"phones": {"roots": str(private.pem)}}
        config["listeners"][0]["tls"]["for_clients"][0]["certificates"] = "phones"
        program = self.start(config)
        phone = clients.s_client(self.port, "-tls1", *PHONES, root=private.pem, server_name=HOST, legacy=True)
        self.assertEqual((phone.completed, phone.chain), (True, [own.bytes]), phone.output)
        other = clients.s_client(self.port, root=self.pki.root.pem, server_name=HOST)
        self.assertEqual(other.chain, self.modern_chain, other.output)
        self.assertNotIn("incomplete", program.output)
        complete = {tuple(value for _, value in labels): number for (name, labels), number in program.metrics().items()
                    if name == "chainmend_certificate_chain_complete"}
        self.assertEqual(complete, {("mail", "auto"): 1, ("phones", "phones"): 1})

    def test_phones_get_a_certificate_of_their_own(self):
        own = self.pki.leaf("phones", ["phones.contoso.test", HOST])
        config = self.configuration({"source": ["127.0.0.2"]}, certificates={
            "mail": self.pem(self.pki.rsa), "phones": self.pem(own)})
        config["listeners"][0]["tls"]["for_clients"][0]["certificates"] = "phones"
        program = self.start(config)
        for version in ("-tls1", "-tls1_2", "-tls1_3"):
            for name in (HOST, "phones.contoso.test", None):
                with self.subTest(version=version, name=name):
                    phone = clients.s_client(self.port, version, *PHONES, root=self.old_root.pem, server_name=name,
                                             legacy=True)
                    self.assertTrue(phone.completed, phone.output)
                    self.assertEqual(phone.chain, [own.bytes, *self.phone_chain[1:]])
        for name in (HOST, "phones.contoso.test", None):
            other = clients.s_client(self.port, root=self.pki.root.pem, server_name=name)
            self.assertEqual(other.chain, self.modern_chain, other.output)
        for name, chain in (("phones", "phones"), ("mail", "auto")):
            self.assertEqual(program.metric("certificate_chain_complete", cert=name, chain=chain), 1)
        # The name of the phones' certificate is one that the listener knows.
        self.assertGreater(program.metric("tls_server_name_total", server_name="phones.contoso.test"), 0)

    def test_weak_chain_is_served_to_the_phones_only(self):
        weak = self.pki.authority.intermediate("weak", "Lab Server CA", self.pki.primary, digest="sha1",
                                               key_file=self.pki.server_ca.key)
        config = self.configuration({"offers_at_most": "tls1.0"}, phones="legacy-tls10")
        config["chain"] = self.chain(bundles=[str(self.pki.primary.pem), str(weak.pem)])
        config["certificates"]["mail"] = {
            **self.pem(self.pki.rsa),
            "chains": {"old": {"trust_profile": "today", "weak": "allow"}}}
        config["trust_profiles"] = {"today": {"roots": str(self.pki.root.pem)}}
        config["listeners"][0]["tls"]["for_clients"][0]["chain"] = "old"
        self.start(config)
        phone = clients.s_client(self.port, "-tls1", legacy=True)
        self.assertEqual(phone.chain, [self.pki.rsa.bytes, weak.bytes, self.pki.primary.bytes], phone.output)
        other = clients.s_client(self.port, "-tls1_3")
        self.assertEqual(other.chain, [self.pki.rsa.bytes], other.output)


if __name__ == "__main__":
    main()
