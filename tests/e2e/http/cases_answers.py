"""Upstreams that misbehave: a bad answer becomes 502 and its connection is never used again; a cut one is cut for the client."""

import threading

from trial import OK, add, always, answer, answering, case, get, post, request

EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"


def bad(name, clause, data, sent=get(), closes=False):
    """502, the upstream connection ends, and the client's next request goes over a new one."""
    def handle(up):
        up.request()
        up.send(data)
        if not closes:
            up.to_end()

    def run(t):
        t.serve(handle, always())
        client, got = t.exchange(sent, to_head=sent.startswith(b"HEAD"))
        t.equal(got.status, 502, "status")
        up = t.connection()
        t.wait_until(lambda: up.end or closes, "the end of the upstream connection")
        if b"close" not in got.listed("connection"):
            client.send(get(b"/next"))
            t.equal(client.answer().body, b"ok", "the next answer")
    add(f"answer_{name}_becomes_502", clause, run)


def bad_all(clause, table):
    for name, data in table.items():
        bad(name, clause, data)


def head(*fields, line=b"HTTP/1.1 200 OK", body=b"hello"):
    return b"\r\n".join([line, *fields]) + b"\r\n\r\n" + body


LENGTH, CHUNKED = b"Content-Length: 5", b"Transfer-Encoding: chunked"

bad_all("RFC 9112 4", {f"with_{name}": head(LENGTH, line=text) for name, text in {
    "garbage": b"garbage", "no_version": b"200 OK", "icy": b"ICY 200 OK", "lower_case_version": b"http/1.1 200 OK",
    "version_2": b"HTTP/2.0 200 OK", "version_0_9": b"HTTP/0.9 200 OK", "two_digit_status": b"HTTP/1.1 20 OK",
    "four_digit_status": b"HTTP/1.1 2000 OK", "letters_as_status": b"HTTP/1.1 abc OK", "status_0": b"HTTP/1.1 000 OK",
    "status_099": b"HTTP/1.1 099 OK", "negative_status": b"HTTP/1.1 -20 OK", "two_spaces": b"HTTP/1.1  200 OK",
    "tab": b"HTTP/1.1\t200 OK", "leading_space": b" HTTP/1.1 200 OK", "no_status": b"HTTP/1.1", "nul_in_reason": b"HTTP/1.1 200 O\x00K",
    "cr_in_reason": b"HTTP/1.1 200 O\rK", "a_request_line": b"GET / HTTP/1.1", "empty_line_first": b"\r\nHTTP/1.1 200 OK",
    "garbage_first": b"\x00\x01garbage\r\nHTTP/1.1 200 OK", "html": b"<html>",
}.items()})
bad_all("RFC 9112 6.1, 6.3", {
    "with_length_and_chunked": head(LENGTH, CHUNKED, body=b"5\r\nhello\r\n0\r\n\r\n"),
    "with_two_lengths": head(LENGTH, b"Content-Length: 6"), "with_a_list_of_lengths": head(b"Content-Length: 5, 6"),
    "with_a_plus_length": head(b"Content-Length: +5"), "with_a_negative_length": head(b"Content-Length: -1"),
    "with_a_length_of_2_to_64": head(b"Content-Length: %d" % 2**64), "with_a_length_of_2_to_63": head(b"Content-Length: %d" % 2**63),
    "with_an_empty_length": head(b"Content-Length:"), "with_an_unknown_coding": head(b"Transfer-Encoding: xchunked"),
    "with_chunked_not_last": head(b"Transfer-Encoding: chunked, gzip"), "with_chunked_twice": head(CHUNKED, CHUNKED),
    "in_http10_with_chunked": head(CHUNKED, line=b"HTTP/1.0 200 OK", body=b"5\r\nhello\r\n0\r\n\r\n"),
})
bad_all("RFC 9112 2.2, 5, RFC 9110 5.5", {
    "with_lf_after_status_line": b"HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello", "with_lf_after_field": head(LENGTH + b"\nX: 1"),
    "with_lf_everywhere": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "with_cr_in_value": head(LENGTH, b"X: a\rb"),
    "with_nul_in_value": head(LENGTH, b"X: a\x00b"), "with_control_in_value": head(LENGTH, b"X: a\x01b"),
    "with_space_in_name": head(LENGTH, b"X Y: a"), "with_an_empty_name": head(LENGTH, b": a"), "without_colon": head(LENGTH, b"X"),
    "with_too_big_a_head": head(LENGTH, *[b"X: " + b"a" * 1000] * 100), "with_too_many_fields": head(LENGTH, *[b"X: a"] * 200),
})
# RFC 9112 5.1, 5.2: a proxy takes the white space out, or does not pass the answer on. We do not.
bad_all("RFC 9112 5.1, 5.2", {"with_space_before_colon": head(LENGTH, b"X : a"), "with_a_fold": head(LENGTH, b"X: a\r\n b"),
                              "with_a_folded_length": head(b"Content-Length:\r\n 5"), "with_space_before_length_colon": head(b"Content-Length : 5")})
bad_all("RFC 9110 15.2.2, 7.8: 101 needs a request that asked for the protocol", {
    "101_unasked": head(b"Connection: Upgrade", b"Upgrade: websocket", line=b"HTTP/1.1 101 Switching Protocols", body=EVIL)})
for _name, _fields in {"to_another_protocol": (b"Connection: Upgrade", b"Upgrade: other"), "without_upgrade": (b"Connection: Upgrade",),
                       "without_connection": (b"Upgrade: websocket",), "in_http10": ()}.items():
    _line = b"HTTP/1.%c 101 Switching Protocols" % (b"0" if _name == "in_http10" else b"1")
    bad(f"101_{_name}", "RFC 9110 15.2.2, 7.8", head(*(_fields or (b"Connection: Upgrade", b"Upgrade: websocket")), line=_line, body=b""),
        get(b"/", b"Connection: Upgrade", b"Upgrade: websocket"))
bad("nothing", "RFC 9110 15.6.3", b"", closes=True)
bad("half_a_status_line", "RFC 9110 15.6.3", b"HTTP/1.1 2", closes=True)
bad("half_a_head", "RFC 9110 15.6.3", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", closes=True)
bad("interim_only", "RFC 9110 15.6.3", b"HTTP/1.1 103 Early Hints\r\n\r\n", closes=True)


@case("RFC 9110 15.2: interim answers without end are no answer")
def endless_interim_answers_become_502(t):
    def handle(up):
        up.request()
        while up.try_send(b"HTTP/1.1 100 Continue\r\n\r\n" * 50):
            pass
    t.equal(t.exchange(get(), handle)[1].status, 502, "status")
    t.still_serves()


@case("RFC 9110 15.6.5: silence of the upstream becomes 504")
def silent_upstream_becomes_504(t):
    t.serve(lambda up: up.to_end())
    client = t.sent(get(), "hasty")
    t.equal(client.answer().status, 504, "status")


@case("RFC 9110 15.6.5: nor is a beginning of a head an answer")
def upstream_silent_within_its_head_becomes_504(t):
    t.serve(lambda up: (up.request(), up.send(b"HTTP/1.1 200 OK\r\nContent-"), up.to_end()))
    t.equal(t.sent(get(), "hasty").answer().status, 504, "status")


@case("RFC 9112 8: silence within a body is a cut")
def upstream_silent_within_its_body_is_cut(t):
    t.serve(lambda up: (up.request(), up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), up.to_end()))
    client = t.sent(get(), "hasty")
    client.until(b"hello")
    t.ends(client, ("cut",))


# More bytes than the answer has

def extra(name, clause, first, second=b"", sent=get(), status=200, closing=False):
    """What stands behind an answer reaches nobody: neither this request nor the next one. It is all there before the next
    one comes: later nobody could tell it from an answer."""
    def run(t):
        said = threading.Event()

        def handle(up):
            up.request()
            up.try_send(first + EVIL)  # a proxy that sees through it may close in the midst
            said.set()
            up.to_end()

        t.serve(handle, always())
        client, got = t.exchange(sent, to_head=sent.startswith(b"HEAD"))
        said.wait(t.timeout)
        t.equal(got.status, status, "status")
        if client.try_send(get(b"/next")) and b"close" not in got.listed("connection"):
            t.equal(client.answer().body, b"ok", "the next answer")
        else:
            client.to_end()
        t.check(b"evil" not in client.received, f"the client got {bytes(client.received)!r}")
    add(f"bytes_behind_{name}_reach_nobody", clause, run)


extra("an_answer_with_a_length", "RFC 9112 6.3, 9.2", OK)
extra("a_chunked_answer", "RFC 9112 6.3, 9.2", answer(b"200 OK", CHUNKED, body=b"5\r\nhello\r\n0\r\n\r\n"))
extra("a_head_answer", "RFC 9110 9.3.2", b"HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n", sent=request(b"HEAD / HTTP/1.1"))
extra("a_204", "RFC 9110 15.3.5", b"HTTP/1.1 204 No Content\r\n\r\n", status=204)
extra("a_204_with_a_length", "RFC 9110 15.3.5", b"HTTP/1.1 204 No Content\r\nContent-Length: 45\r\n\r\n", status=204)
extra("a_304", "RFC 9110 15.4.5", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 45\r\n\r\n", status=304)
extra("length_0", "RFC 9112 6.3", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


@case("RFC 9112 9.2: bytes on an idle connection answer nothing")
def unasked_answer_on_an_idle_connection_is_not_used(t):
    said = threading.Event()

    def handle(up):
        up.request()
        up.send(OK)
        go.wait(t.timeout)
        up.try_send(EVIL)
        said.set()
        up.to_end()
    go = threading.Event()
    t.serve(handle, always())
    client = t.exchange(get())[0]
    go.set()
    said.wait(t.timeout)
    client.send(get(b"/next"))
    t.equal(client.answer().body, b"ok", "the next answer")


@case("RFC 9112 9.3.1, 9.5: a kept connection that has closed meanwhile is not used")
def closed_idle_connection_is_not_used(t):
    t.serve(lambda up: (up.request(), up.send(OK), up.shut()), always())
    client = t.exchange(get())[0]
    up = t.connection()
    t.wait_until(lambda: up.socket.fileno() < 0, "the upstream's close")
    client.send(post(b"Content-Length: 5", body=b"hello"))
    t.equal(client.answer().body, b"ok", "the answer to a POST")
    t.equal([r.method for r in t.requests()], [b"GET", b"POST"], "requests")


@case("RFC 9110 9.2.2: a request that is not idempotent is not sent twice")
def post_is_never_sent_twice(t):
    t.serve(lambda up: (up.request(), up.send(OK), up.request(), up.reset()), always())
    client = t.exchange(get())[0]
    client.send(post(b"Content-Length: 5", body=b"hello"))
    t.equal(client.answer().status, 502, "status")
    t.equal([r.method for r in t.requests()].count(b"POST"), 1, "POSTs that reached the upstream")


@case("RFC 9110 9.2.2: one that is may be, once, when the kept connection dies under it")
def get_on_a_dying_kept_connection_is_answered(t):
    t.serve(lambda up: (up.request(), up.send(OK), up.request(), up.reset()), always())
    client = t.exchange(get())[0]
    client.send(get(b"/again"))
    t.check(client.answer().status in (200, 502), "neither an answer nor 502")


# Answers while the request is still on its way

@case("RFC 9112 9.5, 9.3: an early answer of a server that keeps reading")
def early_answer_does_not_stop_the_upload(t):
    def handle(up):
        up.until(b"\r\n\r\n")
        up.send(OK)
        up.to_end()
    t.serve(handle)
    client = t.sent(post(b"Content-Length: 10", body=b"hello"))
    t.equal(client.answer().body, b"ok", "the answer")
    client.try_send(b"world")
    client.finish()
    client.to_end()
    t.still_serves()


@case("RFC 9112 9.6: a refusal by a server that closes at once reaches the client in the middle of its upload")
def early_refusal_reaches_a_client_that_uploads(t):
    def handle(up):
        up.until(b"\r\n\r\n")
        up.send(answer(b"413 Payload Too Large", b"Connection: close", body=b"too much" * 100))
        up.finish()
        up.read()  # then closes with unread bytes: RST
    t.serve(handle)
    client = t.sent(post(b"Content-Length: 100000000"))
    sender = threading.Thread(target=lambda: [client.try_send(b"x" * 65536) for _ in range(20)], daemon=True)
    got = client.answer()
    t.equal((got.status, got.body), (413, b"too much" * 100), "status and body")
    sender.start()
    sender.join(t.timeout)
    client.to_end()
    t.still_serves()


@case("RFC 9112 9.3: nothing of the upload is left for the next request to be mistaken for")
def upload_behind_an_early_answer_is_no_request(t):
    body = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    def handle(up):
        up.until(body)
        up.send(OK)
        up.exactly(len(body))
        always(answer(b"200 OK", body=b"next"))(up)
    t.serve(handle, always(answer(b"200 OK", body=b"next")))
    client = t.sent(post(b"Content-Length: %d" % (len(body) * 2), body=body))
    t.check(b"close" not in client.answer().listed("connection"), "the proxy closes: nothing to see here")
    client.send(body)
    client.send(get(b"/next"))
    t.equal(client.answer().body, b"next", "the second answer")
    t.equal([r.target for r in t.requests()], [b"/", b"/next"], "requests")


# Cut answers

def cut(name, clause, data, sent):
    """The client gets what came, and then sees that it is not all."""
    def handle(up):
        up.request()
        up.send(data)

    def run(t):
        t.serve(handle)
        client = t.sent(sent)
        client.to_end()
        t.equal(client.end, "cut", "the end")
        t.check(not client.received.endswith(b"0\r\n\r\n"), "the last chunk was made up")
    add(f"{name}_is_cut_for_the_client", clause, run)


HTTP10 = request(b"GET / HTTP/1.0")
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
for _who, _sent in {"": get(), "_to_an_http10_client": HTTP10}.items():
    cut("short_body" + _who, "RFC 9112 8, 6.3", SHORT, _sent)
    cut("no_body" + _who, "RFC 9112 8, 6.3", SHORT[:-5], _sent)
    for _name, _body in {"chunks_without_end": b"5\r\nhello\r\n", "half_a_chunk": b"5\r\nhel", "half_a_chunk_line": b"5\r\nhello\r\n5",
                         "last_chunk_without_end": b"5\r\nhello\r\n0\r\n", "half_a_trailer": b"5\r\nhello\r\n0\r\nX-Sum: 5",
                         "bad_chunk_size": b"5\r\nhello\r\nxyz\r\n", "bad_chunk_end": b"5\r\nhello!\r\n0\r\n\r\n",
                         "lf_chunk_line": b"5\r\nhello\r\n0\n\n", "bad_trailer": b"5\r\nhello\r\n0\r\nX-Sum : 5\r\n\r\n",
                         "chunk_of_2_to_64": b"5\r\nhello\r\n10000000000000000\r\n"}.items():
        cut(_name + _who, "RFC 9112 8, 7.1", head(CHUNKED, body=_body), _sent)
