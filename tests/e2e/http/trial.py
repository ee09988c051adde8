"""What a case is, the list of all cases, and what a case has to work with."""

import threading
import time
from dataclasses import dataclass
from typing import Callable

from ends import Ended
from messages import Incomplete, Malformed, take_request

HOST = b"mail.contoso.test"
OK = b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\n\r\nok"

CASES = {}


class Violation(Exception):
    """What the proxy did and should not have done."""


@dataclass
class Case:
    name: str
    clause: str  # where it is written that it must be so
    run: Callable
    plain_only: bool  # says nothing more under TLS


def case(clause, plain_only=False):
    """Registers a function of a Trial under its own name."""
    def register(function):
        add(function.__name__, clause, function, plain_only)
        return function
    return register


def add(name, clause, run, plain_only=False):
    if name in CASES:
        raise ValueError(f"two cases are called {name}")
    CASES[name] = Case(name, clause, run, plain_only)


def request(line, *fields, body=b"", host=HOST):
    """Bytes of a request. Fields are bytes without CRLF; host None: no Host field."""
    lines = [line] + ([b"Host: " + host] if host is not None else []) + list(fields)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def get(target=b"/", *fields, **how):
    return request(b"GET " + target + b" HTTP/1.1", *fields, **how)


def post(*fields, body=b"", target=b"/", **how):
    return request(b"POST " + target + b" HTTP/1.1", *fields, body=body, **how)


def chunked(body, target=b"/", *fields):
    return post(b"Transfer-Encoding: chunked", *fields, body=body, target=target)


def answer(status, *fields, body=b"", date=True):
    """Bytes of an answer. A length is written when there is a body and no field frames it."""
    dated = (b"Date: Sun, 06 Nov 1994 08:49:37 GMT",) if date and not status.startswith(b"1") else ()
    lines = [b"HTTP/1.1 " + status, *dated, *fields]
    framed = any(f.lower().startswith((b"content-length", b"transfer-encoding")) for f in fields)
    if not framed and status[:1] != b"1" and status[:3] not in (b"204", b"304"):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def answering(*answers):
    """A handler: reads a request before each answer, then records until the end."""
    def handle(up):
        for data in answers:
            up.requests.append(up.request())
            up.send(data)
        up.to_end()
    return handle


def always(data=OK):
    """A handler that gives every request the same answer."""
    def handle(up):
        while True:
            up.requests.append(up.request())
            up.send(data)
    return handle


class Trial:
    """One case against one proxy: its clients, its upstream, its checks."""

    def __init__(self, peer, upstream, segment):
        self.peer = peer
        self.upstream = upstream
        self.segment = segment
        self.timeout = upstream.timeout
        self._clients = []
        self._over = threading.Event()
        upstream.begin_case()
        self.serve(always())

    def finish(self):
        for client in self._clients:
            client.shut()
        self.again()
        for error in self.upstream.errors:
            raise Violation(f"upstream: {error}")

    # The two ends

    def serve(self, *handlers):
        """How the upstream treats its connections: the first one by the first handler, and so on; the last one stays."""
        waiting, lock = list(handlers), threading.Lock()

        def handle(up):
            with lock:
                handler = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            handler(up)
        self.upstream.begin(handle, self.segment)

    def park(self):
        """The upstream's connections do nothing by themselves: the case drives both ends, one step after the other."""
        self._over = over = threading.Event()
        self.serve(lambda up: over.wait())

    def again(self):
        """Ends what is under way at the upstream, so that the case can begin anew: the proxy may have kept a connection
        to use it again."""
        self._over.set()
        self.upstream.finish()

    def client(self, listener="main"):
        client = self.peer.connect(listener, self.timeout, self.segment)
        self._clients.append(client)
        return client

    def sent(self, data, listener="main"):
        """A new client that has sent this, or as much of it as was taken."""
        client = self.client(listener)
        client.try_send(data)
        return client

    def exchange(self, data, handler=None, **how):
        """One request and its answer."""
        if handler:
            self.serve(handler)
        client = self.sent(data)
        return client, client.answer(**how)

    def connection(self, number=0):
        """The upstream's connection with this number."""
        up = self.upstream.wait_for_connection(number, self.timeout)
        if up is None:
            raise Violation(f"no connection number {number} to the upstream")
        return up

    # What the upstream got

    def requests(self, partial=False):
        """All that it received on all connections, read strictly. partial: the last one may be unfinished."""
        self.upstream.settle()
        found = []
        for up in self.upstream.connections:
            rest = bytes(up.received)
            while rest:
                try:
                    message, rest = take_request(rest)
                    found.append(message)
                except Malformed as error:
                    raise Violation(f"the upstream received {error}") from None
                except Incomplete:
                    if not partial:
                        raise Violation(f"the upstream received an unfinished {rest!r}") from None
                    break
        return found

    def only_request(self):
        found = self.requests()
        if len(found) != 1:
            raise Violation(f"the upstream received {len(found)} requests: {[str(r) for r in found]}")
        return found[0]

    def nothing_forwarded(self):
        """Not a byte, on any connection."""
        self.upstream.settle()
        for up in self.upstream.connections:
            if up.received or up.peek():
                raise Violation(f"the upstream received {bytes(up.received)!r} {up.peek()!r}")

    # Checks

    def check(self, condition, text):
        if not condition:
            raise Violation(text)

    def equal(self, seen, wanted, what):
        if seen != wanted:
            raise Violation(f"{what}: {seen!r}, not {wanted!r}")

    def ends(self, end, how=("clean", "cut"), after=b""):
        """The stream ends, with nothing before but `after`."""
        rest = end.to_end()
        if rest != after:
            raise Violation(f"before the end came {rest!r}, not {after!r}")
        if end.end not in how:
            raise Violation(f"the end is {end.end}, not {how}")

    def still_serves(self):
        """The proxy has survived it all."""
        self.again()
        self.serve(always())
        got = self.exchange(get(b"/alive"))[1]
        self.equal((got.status, got.body), (200, b"ok"), "the next client's answer")

    def wait_until(self, condition, what):
        deadline = time.monotonic() + self.timeout
        while not condition():
            if time.monotonic() > deadline:
                raise Violation(f"never happened: {what}")
            time.sleep(0.002)


def run_case(chosen, peer, upstream, segment):
    """None, or what was wrong."""
    trial = Trial(peer, upstream, segment)
    try:
        try:
            chosen.run(trial)
        finally:
            trial.finish()
    except (Violation, Ended, Malformed) as error:
        return f"{type(error).__name__}: {error}"
    return None
