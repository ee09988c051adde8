"""How big a message may be: heads of 64 KiB and 128 fields both ways, bodies without end."""

import hashlib
import os
import threading

from trial import OK, add, answer, answering, case, get, post, request

HEAD = 64 * 1024
FIELDS = 128
BODY = int(os.environ.get("BODY_MIB", "8")) << 20
BLOCK = os.urandom(1 << 20)


def head_of(size, line=b"GET / HTTP/1.1"):
    """A request whose head has so many bytes."""
    empty = len(request(line, b"Authorization: Negotiate "))
    return request(line, b"Authorization: Negotiate " + b"A" * (size - empty))


@case("RFC 9110 5.4: a Kerberos ticket of 60 KiB goes through")
def request_head_of_64_kib_is_passed_on(t):
    t.exchange(head_of(HEAD))
    ticket = t.only_request().get("authorization")
    t.equal(len(ticket), len(head_of(HEAD)) - len(request(b"GET / HTTP/1.1", b"Authorization: ")), "length of the ticket")


@case("RFC 9110 5.4; RFC 6585 5: 431 over it")
def request_head_over_64_kib_is_refused(t):
    client = t.sent(head_of(HEAD + 1))
    t.equal(client.answer().status, 431, "status")
    t.ends(client)
    t.nothing_forwarded()


@case("RFC 9110 5.4; RFC 6585 5")
def endless_request_head_is_refused(t):
    client = t.sent(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * (1 << 20))
    t.equal(client.answer().status, 431, "status")
    t.nothing_forwarded()


@case("RFC 9110 5.4; RFC 6585 5")
def endless_fields_are_refused(t):
    client = t.sent(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 200_000)
    t.equal(client.answer().status, 431, "status")
    t.nothing_forwarded()


@case("RFC 9110 15.5.15, RFC 9112 3")
def endless_target_is_refused(t):
    client = t.sent(b"GET /" + b"a" * (1 << 20))
    t.equal(client.answer().status, 414, "status")
    t.nothing_forwarded()


@case("RFC 9112 3: lines of 8000 bytes at least")
def target_of_32_kib_is_passed_on(t):
    target = b"/" + b"a" * 32768
    t.exchange(get(target))
    t.equal(t.only_request().target, target, "the target")


def _with_fields(count):
    return get(b"/", *[b"X-%d: %d" % (n, n) for n in range(count - 1)])


@case("RFC 9110 5.4")
def request_with_128_fields_is_passed_on(t):
    t.exchange(_with_fields(FIELDS))
    names = [name for name, _ in t.only_request().fields if name[:2] == b"X-" and name[2:].isdigit()]
    t.equal(names, [b"X-%d" % n for n in range(FIELDS - 1)], "fields")


@case("RFC 9110 5.4; RFC 6585 5")
def request_with_129_fields_is_refused(t):
    client = t.sent(_with_fields(FIELDS + 1))
    t.equal(client.answer().status, 431, "status")
    t.ends(client)
    t.nothing_forwarded()


@case("RFC 9110 5.4")
def answer_head_of_64_kib_is_passed_on(t):
    empty = len(answer(b"200 OK", b"X: ", body=b"ok")) - 2
    got = t.exchange(get(), answering(answer(b"200 OK", b"X: " + b"a" * (HEAD - empty), body=b"ok")))[1]
    t.equal((got.status, len(got.get("x")), got.body), (200, HEAD - empty, b"ok"), "status, length of X, body")


@case("RFC 9110 5.4")
def answer_with_128_fields_is_passed_on(t):
    fields = [b"X-%d: a" % n for n in range(FIELDS - 2)]
    got = t.exchange(get(), answering(answer(b"200 OK", *fields, body=b"ok")))[1]
    t.equal([name for name, _ in got.fields if name.startswith(b"X-")], [b"X-%d" % n for n in range(FIELDS - 2)], "fields")


# Bodies. BODY_MIB=5120 makes them 5 GiB.

def blocks():
    """The body in pieces of 1 MiB, no two alike."""
    for number in range(BODY >> 20):
        yield number.to_bytes(8, "big") + BLOCK[8:]


def digest(pieces):
    total = hashlib.blake2b()
    for piece in pieces:
        total.update(piece)
    return total.hexdigest()


def stream(end, framing):
    for block in blocks():
        end.send(b"%x\r\n%s\r\n" % (len(block), block) if framing == "chunked" else block)
    if framing == "chunked":
        end.send(b"0\r\n\r\n")


class Reader:
    """Takes a body off an End without keeping it."""

    def __init__(self, end, framing):
        self.end, self.framing = end, framing

    def some(self, most):
        if not self.end.unread:
            if not self.end.read():
                return b""
        taken = self.end.unread[:most]
        del self.end.received[self.end.taken:self.end.taken + len(taken)]
        return taken

    def piece_of(self, size):
        left = size
        while left:
            got = self.some(left)
            if not got:
                return
            left -= len(got)
            yield got

    def pieces(self):
        if self.framing == "length":
            yield from self.piece_of(BODY)
            return
        while self.framing == "until_close":
            got = self.some(1 << 20)
            if not got:
                return
            yield got
        while size := int(self.end.until(b"\r\n"), 16):
            yield from self.piece_of(size)
            self.end.exactly(2)
        self.end.until(b"\r\n")


def framing_field(framing):
    return b"Transfer-Encoding: chunked" if framing == "chunked" else b"Content-Length: %d" % BODY


def upload(t, framing):
    seen = []

    def handle(up):
        up.until(b"\r\n\r\n")
        seen.append(digest(Reader(up, framing).pieces()))
        up.send(OK)
        up.to_end()
    t.serve(handle)
    client = t.sent(post(framing_field(framing)))
    stream(client, framing)
    t.equal(client.answer().body, b"ok", "the answer")
    t.equal(seen, [digest(blocks())], "the digest")


def download(t, framing, sent=get(), arrives=None):
    def handle(up):
        up.request()
        up.send(b"HTTP/1.1 200 OK\r\n" + framing_field(framing) + b"\r\n\r\n")
        stream(up, framing)
        up.to_end()
    t.serve(handle)
    client = t.sent(sent)
    client.until(b"\r\n\r\n")
    t.equal(digest(Reader(client, arrives or framing).pieces()), digest(blocks()), "the digest")


for _framing in ("length", "chunked"):
    add(f"big_upload_by_{_framing}_arrives_whole", "RFC 9112 6", lambda t, f=_framing: upload(t, f))
    add(f"big_download_by_{_framing}_arrives_whole", "RFC 9112 6", lambda t, f=_framing: download(t, f))
add("big_download_to_an_http10_client_arrives_whole", "RFC 9112 6.3",
    lambda t: download(t, "chunked", request(b"GET / HTTP/1.0"), "until_close"))


@case("RFC 9112 6: both at once, neither waits for the other")
def big_upload_and_download_at_the_same_time(t):
    def handle(up):
        up.until(b"\r\n\r\n")
        up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        sender = threading.Thread(target=lambda: stream(up, "chunked"), daemon=True)
        sender.start()
        seen.append(digest(Reader(up, "length").pieces()))
        sender.join()
        up.to_end()
    seen = []
    t.serve(handle)
    client = t.sent(post(framing_field("length")))
    sender = threading.Thread(target=lambda: stream(client, "length"), daemon=True)
    if client.secure:  # an SSLObject is for one thread at a time
        sender.run()
    else:
        sender.start()
    client.until(b"\r\n\r\n")
    t.equal(digest(Reader(client, "chunked").pieces()), digest(blocks()), "the digest of the answer")
    t.wait_until(lambda: seen, "the end of the upload")
    t.equal(seen, [digest(blocks())], "the digest of the upload")
