"""What is on the wire: every certificate, in order, the same for each TLS version, whatever the leaf came in and
wherever the intermediates came from."""

import shutil
import threading

from lab import clients
from lab.case import HOST, LabCase, main
from lab.nginx import aia_responder
from lab.programs import free_port
from lab.wire import Backend, answer


class ChainCase(LabCase):
    def serve(self, certificate, environment=None, wait=True, **chain):
        return self.start(self.config(certificates={"mail": certificate}, chain=self.chain(**chain),
                                      listeners=[self.listener(policy="legacy-tls10")]),
                          environment=environment, wait=wait)


class FromFiles(ChainCase):
    def test_bundle(self):
        self.serve(self.pem(self.pki.rsa))
        self.assert_served(self.port, self.pki.served(self.pki.rsa))

    def test_bundle_of_several_files_and_formats_in_any_order(self):
        folder = self.folder / "ca"
        folder.mkdir()
        (folder / "1.der").write_bytes(self.pki.server_ca.bytes)
        (folder / "2.pem").write_text(self.pki.rsa.text + self.pki.primary.text + self.pki.root.text)
        self.serve(self.pem(self.pki.rsa), bundles=[f"{folder}/*"])
        self.assert_served(self.port, self.pki.served(self.pki.rsa))

    def test_pfx_of_today_with_its_password_in_a_file(self):
        self.serve(self.pfx(windows_kind=False))
        self.assert_served(self.port, self.pki.served(self.pki.rsa))

    def test_pfx_of_windows_with_rc2_and_3des(self):
        self.serve(self.pfx(windows_kind=True))
        self.assert_served(self.port, self.pki.served(self.pki.rsa))

    def pfx(self, windows_kind):
        file = self.pki.authority.pfx("mail.pfx", self.pki.rsa, "geheim", windows_kind)
        password = self.folder / "password"
        password.write_text("geheim\n")
        return {"pfx": str(file), "password_file": str(password)}

    def test_pfx_that_holds_intermediates_and_root_with_its_password_in_the_environment(self):
        file = self.pki.authority.pfx("full.pfx", self.pki.rsa, "geheim", with_certificates=[
            self.pki.root, self.pki.primary, self.pki.server_ca])
        self.serve({"pfx": str(file), "password_env": "MAIL_PASSWORD"}, {"MAIL_PASSWORD": "geheim"}, bundles=[])
        self.assert_served(self.port, self.pki.served(self.pki.rsa))

    def test_leaf_file_with_everything_in_the_wrong_order(self):
        file = self.folder / "leaf.pem"
        other = self.pki.leaf("other", ["other.contoso.test"])
        file.write_text("".join(c.text for c in (self.pki.root, self.pki.primary, other, self.pki.server_ca,
                                                 self.pki.server_ca, self.pki.rsa)))
        self.serve({"cert": str(file), "key": str(self.pki.rsa.key)}, bundles=[])
        self.assert_served(self.port, self.pki.served(self.pki.rsa))

    def test_expired_twin_of_an_intermediate_is_left_out(self):
        twin = self.pki.authority.intermediate("server-ca-old", "Lab Server CA", self.pki.primary, days=(-700, -1),
                                               key_file=self.pki.server_ca.key)
        bundle = self.pki.authority.bundle("with-twin.pem", twin, self.pki.server_ca, self.pki.primary)
        self.serve(self.pem(self.pki.rsa), bundles=[str(bundle)])
        self.assert_served(self.port, self.pki.served(self.pki.rsa))


class FromAia(ChainCase):
    """Intermediates that nobody but their authority's web server has."""

    def setUp(self):
        super().setUp()
        self.responder_port = free_port()
        url = f"http://127.0.0.1:{self.responder_port}"
        self.policy = self.pki.authority.intermediate("policy", "Lab Policy CA", self.pki.root)
        self.issuing = self.pki.authority.intermediate("issuing", "Lab Issuing CA", self.policy,
                                                       aia=[f"{url}/policy.der"])
        self.leaf = self.pki.leaf("remote", issuer=self.issuing, aia=[f"{url}/issuing.der"])
        self.published = self.folder / "published"
        self.published.mkdir()
        for ca in (self.policy, self.issuing):
            shutil.copy(ca.der, self.published)
        self.expected = [self.leaf.bytes, self.issuing.bytes, self.policy.bytes]

    def responder(self):
        program = self.nginx(aia_responder(self.responder_port, self.published))
        program.wait_for_port(self.responder_port)
        return program

    def serve_fetching(self, wait=True, **aia):
        return self.serve(self.pem(self.leaf), bundles=[], wait=wait, aia={
            "mode": "fetch", "cache": str(self.folder / "cache"), "allow_private_addresses": True, **aia})

    def test_fetched(self):
        self.responder()
        self.serve_fetching()
        self.assert_served(self.port, self.expected)

    def test_a_first_start_waits_for_nobody(self):
        answers = threading.Event()

        def respond(wire):
            target = wire.message().target
            answers.wait(30)
            wire.send(answer((self.published / target[1:]).read_bytes(), "200 OK", "Connection: close"))
        responder = Backend(respond, port=self.responder_port)
        self.addCleanup(responder.stop)
        self.addCleanup(answers.set)
        program = self.serve_fetching(timeout="30s", wait=False)
        program.wait_for_port(self.port)
        self.assertEqual(clients.s_client(self.port, server_name=HOST).chain, [self.leaf.bytes])
        self.assertEqual((program.get("/readyz"), program.get("/healthz")), (503, 200))
        answers.set()
        program.wait_until(lambda: program.get("/readyz") == 200, 30, "become ready")
        self.assert_served(self.port, self.expected, versions=["-tls1_2"])
        self.assertEqual(program.metric("certificate_chain_complete", cert="mail"), 1)
        self.assertNotIn("incomplete", program.output)

    def test_never_asked_during_a_handshake(self):
        responder = self.responder()
        self.serve_fetching()
        fetched = len(responder.accesses.splitlines())
        self.assertEqual(fetched, 2)
        self.assert_served(self.port, self.expected)
        self.assertEqual(len(responder.accesses.splitlines()), fetched)

    def test_served_from_the_cache_when_the_responder_is_gone(self):
        responder = self.responder()
        self.serve_fetching().stop()
        responder.stop()
        self.serve_fetching()
        self.assert_served(self.port, self.expected, versions=["-tls1_2"])

    def test_private_address_is_refused_unless_allowed(self):
        responder = self.responder()
        self.serve_fetching(allow_private_addresses=False)
        self.assertEqual(responder.accesses, "")
        self.assertEqual(clients.s_client(self.port, server_name=HOST).chain, [self.leaf.bytes])

    def test_answer_that_did_not_issue_the_leaf_is_not_served(self):
        shutil.copy(self.pki.server_ca.der, self.published / "issuing.der")
        self.responder()
        self.serve_fetching()
        self.assertEqual(clients.s_client(self.port, server_name=HOST).chain, [self.leaf.bytes])


class Incomplete(ChainCase):
    def test_is_served_as_far_as_it_goes_and_said_loudly(self):
        program = self.serve(self.pem(self.pki.rsa), bundles=[str(self.pki.server_ca.pem)])
        seen = clients.s_client(self.port, server_name=HOST)
        self.assertEqual(seen.chain, [self.pki.rsa.bytes, self.pki.server_ca.bytes])
        program.wait_for_text("Lab Primary CA")
        self.assertEqual(program.metric("certificate_chain_complete", cert="mail"), 0)

    def test_complete_is_said_too(self):
        program = self.serve(self.pem(self.pki.rsa))
        self.assertEqual(program.metric("certificate_chain_complete", cert="mail"), 1)

    def test_refuses_to_start_when_told_so(self):
        program = self.start(self.config(chain=self.chain(bundles=[], on_incomplete="fail")), wait=False)
        self.assertNotEqual(program.wait(), 0)
        program.wait_for_text("Lab Server CA")


if __name__ == "__main__":
    main()
