"""Sessions resume where they were made, on any worker, and never under another listener, policy or certificate."""

from lab import clients
from lab.case import HOST, LabCase, main
from lab.programs import free_port

# By session id, by ticket, and the tickets of TLS 1.3.
KINDS = {
    "id": ("-tls1_2", "-no_ticket"),
    "ticket": ("-tls1_2",),
    "tls13": ("-tls1_3",),
}
REQUEST = b"GET / HTTP/1.1\r\nHost: mail.contoso.test\r\nConnection: close\r\n\r\n"


class Resumption(LabCase):
    def connect(self, port, kind, *options, name=HOST):
        # A request and its answer: the tickets of TLS 1.3 come after the handshake.
        return clients.s_client(port, *KINDS[kind], *options, server_name=name, root=self.pki.root.pem,
                                legacy=True, send=REQUEST)

    def session_of(self, port, kind, **how):
        file = self.folder / f"session-{port}-{kind}"
        first = self.connect(port, kind, "-sess_out", file, **how)
        self.assertTrue(first.completed, first.output)
        self.assertTrue(file.exists(), f"no session came: {first.output}")
        return file

    def assert_resumes(self, expected, made_at, used_at, kind, name=HOST):
        session = self.session_of(made_at, kind)
        used = self.connect(used_at, kind, "-sess_in", session, name=name)
        self.assertTrue(used.completed, used.output)
        self.assertEqual(used.resumed, expected, f"{kind}: {used.output}")

    def test_resumes_on_its_listener_whichever_worker_answers(self):
        self.start(self.config(process={"threads": 4, "drain": "2s"},
                               listeners=[self.listener(policy="legacy-tls10")]))
        for kind in KINDS:
            for _ in range(6):
                with self.subTest(kind=kind):
                    self.assert_resumes(True, self.port, self.port, kind)

    def test_never_under_another_policy(self):
        legacy, strict = free_port(), free_port()
        self.start(self.config(listeners=[
            self.listener("phones", legacy, "legacy-tls10"), self.listener("others", strict, "intermediate")]))
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.assert_resumes(False, legacy, strict, kind)
                self.assert_resumes(False, strict, legacy, kind)

    def test_never_under_another_listener(self):
        one, two = free_port(), free_port()
        self.start(self.config(listeners=[self.listener("one", one), self.listener("two", two)]))
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.assert_resumes(False, one, two, kind)

    def test_never_under_another_certificate(self):
        other = self.pki.leaf("other", ["autodiscover.contoso.test"])
        self.start(self.config(certificates={"mail": self.pem(self.pki.rsa), "other": self.pem(other)},
                               listeners=[self.listener(certificates=["mail", "other"])]))
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.assert_resumes(False, self.port, self.port, kind, name="autodiscover.contoso.test")

    def test_survives_a_reload(self):
        program = self.start(self.config())
        for kind in KINDS:
            with self.subTest(kind=kind):
                session = self.session_of(self.port, kind)
                self.assertTrue(program.reload())
                self.assertTrue(self.connect(self.port, kind, "-sess_in", session).resumed)

    def test_without_tickets_when_the_policy_says_so(self):
        self.start(self.config(tls_policies={"bare": {"base": "intermediate", "tickets": False}},
                               listeners=[self.listener(policy="bare")]))
        seen = self.connect(self.port, "ticket")
        self.assertTrue(seen.completed, seen.output)
        self.assertNotIn("TLS session ticket:", seen.output)


if __name__ == "__main__":
    main()
