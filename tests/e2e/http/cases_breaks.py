"""Connections that break at every stage, on either side: the other side learns of it, and the proxy serves on."""

import socket
import struct

from trial import OK, add, answer, case, chunked, get, post, request

SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
CHUNKS = answer(b"200 OK", b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n5\r\nwo")

# What the client has sent, what the upstream must have got of it before it answers, its answer, and what the client
# must have got of that before the break.
STAGES = {
    "before_a_byte": (b"", None, b"", b""),
    "within_the_method": (b"GE", None, b"", b""),
    "within_the_request_line": (b"GET / HT", None, b"", b""),
    "within_the_head": (b"GET / HTTP/1.1\r\nHost: mail.con", None, b"", b""),
    "before_the_last_lf": (b"GET / HTTP/1.1\r\nHost: mail.contoso.test\r\n\r", None, b"", b""),
    "behind_the_head": (post(b"Content-Length: 10"), b"\r\n\r\n", b"", b""),
    "within_the_body": (post(b"Content-Length: 10", body=b"hello"), b"hello", b"", b""),
    "within_a_chunk": (chunked(b"a\r\nhello"), b"hello", b"", b""),
    "within_a_chunk_line": (chunked(b"5\r\nhello\r\na"), b"hello", b"", b""),
    "within_the_trailers": (chunked(b"5\r\nhello\r\n0\r\nX-Sum: "), b"hello", b"", b""),
    "before_the_answer": (get(), b"\r\n\r\n", b"", b""),
    "behind_an_interim_answer": (post(b"Content-Length: 5", b"Expect: 100-continue"), b"\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
                                 b"\r\n\r\n"),
    "within_the_answers_head": (get(), b"\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le", b""),
    "within_the_answers_body": (get(), b"\r\n\r\n", SHORT, b"hello"),
    "within_the_answers_chunk": (get(), b"\r\n\r\n", CHUNKS, b"wo"),
    "within_an_http10_answers_body": (request(b"GET / HTTP/1.0"), b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nhello", b"hello"),
    "behind_the_answer": (get(), b"\r\n\r\n", OK, b"ok"),
    "behind_an_early_answer": (post(b"Content-Length: 10", body=b"hello"), b"hello", OK, b"ok"),
    "within_a_pipelined_request": (get() + b"GET /sec", b"\r\n\r\n", OK, b"ok"),
    "with_a_pipelined_request_waiting": (get() + get(), b"\r\n\r\n", b"", b""),
}


def bring_to(t, stage):
    """The client, and the upstream connection or None, at that stage."""
    sent, upstream_has, answered, client_has = stage
    t.park()
    client = t.sent(sent)
    up = None
    if upstream_has:
        up = t.connection()
        up.until(upstream_has)
        up.send(answered)
    if client_has:
        client.until(client_has)
    return client, up


def client_resets(t, stage):
    client, up = bring_to(t, stage)
    client.reset()
    if up and stage[2] != OK:  # a connection that has given its answer may be kept
        up.to_end()
    t.still_serves()


def client_leaves(t, stage):
    client, up = bring_to(t, stage)
    client.shut()
    if up:
        # A close looks like a half-close until something is written: the upstream answers on.
        while not up.end:
            up.try_send(b"x" * 1000)
            up.to_end()
    t.still_serves()


def upstream_resets(t, stage):
    client, up = bring_to(t, stage)
    up.reset()
    if not stage[3] or b" 100 " in stage[2]:
        t.equal(client.answer().status, 502, "status")
    elif stage[3] != b"ok":  # within an answer
        client.to_end()
        t.equal(client.end, "cut", "the end")
    t.still_serves()


for _name, _stage in STAGES.items():
    add(f"client_resets_{_name}", "RFC 9112 9.6, 9.5", lambda t, s=_stage: client_resets(t, s))
    if _stage[1]:
        add(f"upstream_resets_{_name}", "RFC 9112 9.6, 8; RFC 9110 15.6.3", lambda t, s=_stage: upstream_resets(t, s))
for _name in ("within_the_head", "within_the_body", "within_a_chunk", "within_the_answers_body"):
    add(f"client_leaves_{_name}", "RFC 9112 9.6", lambda t, s=STAGES[_name]: client_leaves(t, s))


@case("RFC 9112 9.6: an upstream that resets at once")
def upstream_resets_on_accept(t):
    t.serve(lambda up: up.reset())
    t.equal(t.exchange(get())[1].status, 502, "status")
    t.still_serves()


@case("RFC 9112 9.6: an upstream that closes with half of the request unread")
def upstream_closes_within_the_request(t):
    t.serve(lambda up: (up.until(b"hello"), up.shut()))
    client = t.sent(post(b"Content-Length: 10", body=b"hello"))
    t.equal(client.answer().status, 502, "status")
    t.still_serves()


@case("RFC 9112 9.5: connections that come and go without a word")
def many_clients_reset_at_once(t):
    for number in range(200):
        raw = socket.create_connection(("127.0.0.1", t.peer.ports["main"]))
        if number % 2:
            raw.send((b"\x16\x03\x01", b"GET", b"\x00")[number % 3])
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()
    t.still_serves()


@case("RFC 9112 9.3.2, 9.6: a client that pipelines and never reads what it asked for")
def pipelining_client_that_resets(t):
    t.serve(lambda up: [(up.request(), up.send(OK)) for _ in range(1000)])
    client = t.sent(request(b"GET / HTTP/1.1") * 300)
    client.until(b"ok")
    client.reset()
    t.still_serves()
