"""A server that authenticates connections, not requests, as IIS does (MS-NTHT, RFC 4559; authPersistNonNTLM for Negotiate).

It takes a request with Via for one of a proxy that several clients share, and forgets after its answer who the connection
is (AuthPersistSingleRequestIfProxy, the default of IIS).

Each answer's body says which connection it was and who that connection is: "7 alice". A leak is an answer that names
somebody who is not its client; a broken handshake is a type 3 for a challenge that its connection never gave.
"""

import base64
import hashlib
import itertools
import os
import subprocess
import threading
from pathlib import Path

import ntlm
from ends import Ended
from trial import answer


def ticket(user):
    """What stands for a Kerberos ticket: one message, proven by a secret of the lab."""
    return b"KRB5" + user.encode() + b"/" + hashlib.sha256(b"lab " + user.encode()).digest()


def user_of(token):
    user = token[4:].partition(b"/")[0].decode("latin-1")
    return user if token == ticket(user) else None


class Iis:
    """The handler of an Upstream. passwords: {user: password}. closes_after: requests that a connection lives for, once
    somebody is authenticated on it; 0: for ever. polite: it says so with Connection: close, else it just closes.
    verify(token, nonce, passwords): who made this type 3."""

    def __init__(self, passwords, closes_after=0, polite=True, verify=ntlm.verified_user):
        self.passwords = passwords
        self.closes_after = closes_after
        self.polite = polite
        self.verify = verify
        self.broken = []  # handshakes that arrived in pieces on several connections
        self.asked = 0
        self.authenticated = 0  # handshakes that ended well
        self.refused = 0  # that did not
        self.unauthorized = 0  # answers with 401
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def __call__(self, up):
        with self._lock:
            number = next(self._numbers)
        user = nonce = None
        served = 0
        while True:
            request = up.request()
            with self._lock:
                self.asked += 1
            if request.get("via"):
                user = None
            scheme, _, token = (request.get("authorization") or b"").partition(b" ")
            fields = []
            if token:
                token = base64.b64decode(token)
                kind = ntlm.message_type(token)
                if kind == 1:
                    user, nonce = None, os.urandom(8)
                    fields = [b"WWW-Authenticate: " + scheme + b" " + base64.b64encode(ntlm.challenge("CONTOSO", nonce))]
                elif kind == 3:
                    if nonce is None:
                        self.broken.append(number)
                    user = self.verify(token, nonce, self.passwords) if nonce else None
                    nonce = None
                else:
                    user = user_of(token)
                    fields = [b"WWW-Authenticate: Negotiate b2s="] if user else []
                if kind != 1:
                    self._count(user)
            if user is None:
                with self._lock:
                    self.unauthorized += 1
                fields = fields or [b"WWW-Authenticate: Negotiate", b"WWW-Authenticate: NTLM"]
                up.send(answer(b"401 Unauthorized", *fields, body=b"%d nobody\n" % number))
                continue
            served += 1
            last = served == self.closes_after
            fields += [b"Persistent-Auth: true"] if not last else []
            fields += [b"Connection: close"] if last and self.polite else []
            up.send(answer(b"200 OK", *fields, body=b"%d %s\n" % (number, user.encode())))
            if last:
                return

    def _count(self, user):
        with self._lock:
            self.authenticated += user is not None
            self.refused += user is None


class GssServer:
    """The same with the NTLM and SPNEGO of MIT Kerberos and gss-ntlmssp: a handler of an Upstream, and a process."""

    def __init__(self, folder, passwords):
        self.users = Path(folder) / "users"
        self.users.write_text("".join(f"CONTOSO:{user}:{password}\n" for user, password in passwords.items()))
        self.environment = {**os.environ, "NTLM_USER_FILE": str(self.users)}
        self.process = subprocess.Popen(["/usr/bin/python3", "-B", Path(__file__).parent / "gss_acceptor.py"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment)
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def __call__(self, up):
        number, user = next(self._numbers), "-"
        while True:
            request = up.request()
            up.requests.append(request)
            scheme, _, token = (request.get("authorization") or b"").decode().partition(" ")
            fields = ["WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"]
            if token:
                reply, user = self._step(number, token)
                fields = [] if reply == "-" else [f"WWW-Authenticate: {scheme} {reply}"]
            granted = user not in "-!"
            up.send(answer(b"200 OK" if granted else b"401 Unauthorized", *[f.encode() for f in fields if token or not granted],
                           body=b"%d %s\n" % (number, user.encode() if granted else b"nobody")))

    def _step(self, number, token):
        with self._lock:
            self.process.stdin.write(f"{number} {token}\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().split()


class Person:
    """A client that authenticates once per connection and again when it needs to. connect() gives an End."""

    def __init__(self, connect, user, password, scheme=b"NTLM"):
        self.connect, self.user, self.password, self.scheme = connect, user, password, scheme
        self.wire = None
        self.known = False  # the connection carries our name
        self.handshakes = 0

    def get(self, *fields):
        """The final answer to a GET, on whichever connection it takes. fields: of the request that is to be granted."""
        for _ in range(20):
            try:
                if self.wire is None:
                    self.wire = self.connect()
                got = self.ask(*fields) if self.known else self.ask()
                if got.status == 401:
                    got = self.prove(*fields)
                self.known = got.status == 200
                if b"close" in got.listed("connection"):
                    self.leave()
                if got.status != 502:  # the server closed while the request was on its way: begin again
                    return got
            except Ended:
                self.leave()  # closed under us: begin again, with a handshake of its own
        raise Ended("no request went through in twenty attempts")

    def ask(self, *fields):
        self.wire.send(b"\r\n".join([b"GET /EWS/Exchange.asmx HTTP/1.1", b"Host: mail.contoso.test", *fields]) + b"\r\n\r\n")
        return self.wire.answer()

    def prove(self, *fields):
        self.handshakes += 1
        if self.scheme == b"Kerberos":
            return self.ask(b"Authorization: Negotiate " + base64.b64encode(ticket(self.user)), *fields)
        first = self.ask(self._authorization(ntlm.negotiate()))
        challenges = [v.partition(b" ")[2] for v in first.all("www-authenticate") if v.startswith(self.scheme + b" ")]
        if first.status != 401 or not challenges or b"close" in first.listed("connection"):
            raise AssertionError(f"no challenge in {first}")
        proof = ntlm.authenticate(base64.b64decode(challenges[0]), self.user, "CONTOSO", self.password)
        return self.ask(self._authorization(proof), *fields)

    def _authorization(self, token):
        return b"Authorization: " + self.scheme + b" " + base64.b64encode(token)

    def leave(self):
        if self.wire:
            self.wire.shut()
        self.wire, self.known = None, False
