#!/usr/bin/env python3
"""Identities that are bound to a connection (NTLM, Negotiate) never reach another client, and their handshakes never break."""

import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "deploy"), str(ROOT / "tests")]

from ends import End, Ended, Upstream  # noqa: E402
from iis import GssServer, Iis, Person  # noqa: E402
from lab import clients  # noqa: E402
from peers import ChainmendPeer  # noqa: E402
from trial import answer, get  # noqa: E402

REQUESTS = 540
PEOPLE = 18
ANONYMOUS = 50
TRIES = 10  # of each of them, at most
PASSWORDS = {f"user{n}": f"pass word {n}" for n in range(PEOPLE)}
TIMEOUT = 30


class IdentityCase(unittest.TestCase):
    tls = False

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="chainmend-identity-")
        cls.addClassCleanup(folder.cleanup)
        cls.upstream = Upstream(TIMEOUT)
        cls.peer = ChainmendPeer(folder.name, cls.upstream.port, cls.tls)
        cls.addClassCleanup(cls.end)

    @classmethod
    def end(cls):
        trouble = cls.peer.trouble()
        if trouble:
            raise AssertionError(trouble)

    def behind(self, handler):
        """The upstream of this test."""
        self.upstream.begin_case()
        self.upstream.begin(handler, 0)
        self.addCleanup(lambda: self.assertEqual(self.upstream.errors, []))
        self.addCleanup(self.upstream.finish)
        return handler

    def connect(self):
        return self.peer.connect("main", TIMEOUT, 0)

    def storm(self, iis, people, fields=(), client_closes=0):
        """Everybody asks at once. client_closes: a person leaves its connection after so many answers. Returns what was
        wrong: answers that name somebody else, and what anonymous clients got that was not 401."""
        wrong, over, started = [], threading.Event(), threading.Barrier(PEOPLE + ANONYMOUS)

        def guard(work):
            def run(*arguments):
                try:
                    started.wait(TIMEOUT)
                    work(*arguments)
                except Exception as error:  # a thread's failure is the test's
                    wrong.append(repr(error))
            return run

        @guard
        def person(one):
            for number in range(REQUESTS // PEOPLE):
                got = one.get(*fields)
                if got.status != 200 or got.body.split()[1].decode() != one.user:
                    wrong.append(f"{one.user}: {got}")
                if client_closes and number % client_closes == client_closes - 1:
                    one.leave()

        @guard
        def anonymous(number):
            wire = None
            for _ in range(TRIES):
                if over.is_set():
                    break
                try:
                    wire = wire or self.connect()
                    closing = [b"Connection: close"] if number % 2 else []
                    wire.send(get(b"/anonymous", *closing))
                    got = wire.answer()
                    if got.status != 401 or b"nobody" not in got.body:
                        wrong.append(f"anonymous {number}: {got}")
                    if b"close" in got.listed("connection"):
                        raise Ended
                except Ended:
                    wire = wire and wire.shut()
            if wire:
                wire.shut()

        threads = [threading.Thread(target=person, args=(p,)) for p in people]
        others = [threading.Thread(target=anonymous, args=(n,)) for n in range(ANONYMOUS)]
        for thread in threads + others:
            thread.start()
        for thread in threads:
            thread.join()
        over.set()
        for thread in others:
            thread.join()
        return wrong

    def people(self, scheme):
        return [Person(self.connect, user, password, scheme) for user, password in PASSWORDS.items()]

    def check_storm(self, scheme, fields=(), client_closes=0, **how):
        iis = self.behind(Iis(PASSWORDS, **how))
        people = self.people(scheme)
        self.assertEqual(self.storm(iis, people, fields, client_closes), [])
        self.assertEqual((iis.broken, iis.refused), ([], 0))
        self.assertEqual(iis.authenticated, sum(p.handshakes for p in people))
        self.assertGreater(iis.asked, REQUESTS)
        return iis


class Identity(IdentityCase):
    def test_ntlm_with_connections_that_stay(self):
        iis = self.check_storm(b"NTLM")
        self.assertEqual(iis.authenticated, PEOPLE)  # one handshake each: the connection was kept

    def test_ntlm_with_clients_that_leave(self):
        self.check_storm(b"NTLM", client_closes=3)

    def test_ntlm_with_clients_that_say_close(self):
        self.check_storm(b"NTLM", fields=[b"Connection: close"])

    def test_ntlm_with_a_server_that_says_close(self):
        self.check_storm(b"NTLM", closes_after=4)

    def test_ntlm_with_a_server_that_just_closes(self):
        self.check_storm(b"NTLM", closes_after=4, polite=False)

    def test_ntlm_in_negotiate(self):
        iis = self.check_storm(b"Negotiate")
        self.assertEqual(iis.authenticated, PEOPLE)

    def test_kerberos_in_negotiate(self):
        iis = self.check_storm(b"Kerberos")
        self.assertEqual(iis.authenticated, PEOPLE)

    def test_kerberos_with_a_server_that_just_closes(self):
        self.check_storm(b"Kerberos", closes_after=4, polite=False)

    def test_persistent_auth_alone_binds_the_connection(self):
        """The server says so without a scheme that anybody knows: the connection is one client's from then on."""
        def handle(up):
            user = b"nobody"
            while True:
                user = up.request().get("x-token") or user
                up.send(answer(b"200 OK", b"Persistent-Auth: true", body=user))
        self.behind(handle)
        first = self.connect()
        first.send(get(b"/", b"X-Token: alice"))
        self.assertEqual(first.answer().body, b"alice")
        first.shut()
        for _ in range(5):
            second = self.connect()
            second.send(get())
            self.assertEqual(second.answer().body, b"nobody")
            second.shut()

    def test_handshake_that_the_server_drops_ends_the_clients_connection(self):
        """The third message must not reach a connection that has not given the challenge."""
        connections = []

        def handle(up):
            connections.append(up)
            up.requests.append(up.request())
            up.send(answer(b"401 Unauthorized", b"WWW-Authenticate: NTLM TlRMTVNTUAACAAAA"))
        self.behind(handle)
        client = self.connect()
        client.send(get(b"/", b"Authorization: NTLM TlRMTVNTUAABAAAA"))
        self.assertEqual(client.answer().status, 401)
        client.try_send(get(b"/", b"Authorization: NTLM TlRMTVNTUAADAAAA"))
        client.to_end()
        self.assertNotIn(b" 200 ", client.received)
        self.assertEqual([len(up.requests) for up in connections], [1])

    def test_wrong_password_stays_a_401(self):
        iis = self.behind(Iis(PASSWORDS))
        self.assertEqual(Person(self.connect, "user0", "wrong").get().status, 401)
        self.assertEqual((iis.authenticated, iis.refused, iis.broken), (0, 1, []))


    def connect_directly(self):
        return End(socket.create_connection(("127.0.0.1", self.upstream.port), TIMEOUT), TIMEOUT)

    def unauthorized(self, connect, scheme):
        """How often the server says 401 while everybody in turn asks for the same pages."""
        iis = self.behind(Iis(PASSWORDS))
        people = [Person(connect, user, password, scheme) for user, password in PASSWORDS.items()]
        for _ in range(REQUESTS // PEOPLE):
            for person in people:
                self.assertEqual(person.get().status, 200)
        for person in people:
            person.leave()
        self.upstream.finish()
        return iis.unauthorized

    def test_the_server_asks_no_more_often_than_without_a_proxy(self):
        for scheme in (b"NTLM", b"Kerberos"):
            with self.subTest(scheme):
                alone = self.unauthorized(self.connect_directly, scheme)
                self.assertGreater(alone, 0)
                for listener in ("main", "plain"):
                    self.assertEqual(self.unauthorized(lambda to=listener: self.peer.connect(to, TIMEOUT, 0), scheme), alone)

    def test_via_on_shows_that_the_server_minds(self):
        many = self.unauthorized(lambda: self.peer.connect("via", TIMEOUT, 0), b"NTLM")
        self.assertGreaterEqual(many, 2 * REQUESTS)


class IdentityUnderTls(IdentityCase):
    tls = True

    def test_ntlm(self):
        self.assertEqual(self.check_storm(b"NTLM").authenticated, PEOPLE)

    def gss(self):
        folder = tempfile.TemporaryDirectory(prefix="chainmend-identity-")
        self.addCleanup(folder.cleanup)
        server = self.behind(GssServer(folder.name, PASSWORDS))
        self.addCleanup(server.stop)
        return server

    def test_ntlm_with_a_server_that_is_not_ours(self):
        server = self.gss()
        people = [Person(self.connect, user, PASSWORDS[user]) for user in ("user1", "user2", "user1")]
        for _ in range(3):
            self.assertEqual([p.get().body.split()[1] for p in people], [rb"CONTOSO\user1", rb"CONTOSO\user2", rb"CONTOSO\user1"])
        self.assertEqual([p.handshakes for p in people], [1, 1, 1])
        self.assertEqual(Person(self.connect, "user1", "wrong").get().status, 401)
        self.assertEqual(server.process.poll(), None)

    def test_negotiate_with_client_and_server_that_are_not_ours(self):
        """curl speaks SPNEGO with NTLM in it through MIT Kerberos, and so does the server."""
        server = self.gss()
        server.users.write_text(f"CONTOSO:user4:{PASSWORDS['user4']}\n")
        url = f"https://mail.contoso.test:{self.peer.ports['main']}/EWS/Exchange.asmx"
        got = subprocess.run(["curl", "--silent", "--show-error", "--insecure", "--negotiate", "--user", ":", "--resolve",
                              f"mail.contoso.test:{self.peer.ports['main']}:127.0.0.1", url, url], capture_output=True,
                             env=server.environment, timeout=TIMEOUT)
        self.assertEqual(got.stdout.split()[1::2], [rb"CONTOSO\user4"] * 2, got.stderr)
        self.assertEqual(len({up for up in self.upstream.connections}), 1)

    def test_curl_authenticates_with_ntlm(self):
        """A client that is not ours: NTLMv2, a body behind the handshake, and a second request without another one."""
        iis = self.behind(Iis(PASSWORDS))
        url = f"https://mail.contoso.test:{self.peer.ports['main']}/EWS/Exchange.asmx"
        got = clients.curl(url, url, "--ntlm", "--user", "CONTOSO\\user3:pass word 3", "--data", "x" * 3000, "--insecure",
                           resolve="mail.contoso.test")
        self.assertEqual(got.code, 200, got.errors)
        self.assertEqual(got.body.split()[1::2], [b"user3", b"user3"])
        self.assertEqual((iis.authenticated, iis.refused, iis.broken), (1, 0, []))


if __name__ == "__main__":
    unittest.main(verbosity=2, buffer=True)
