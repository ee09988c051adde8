"""Requests that follow one another on one connection: pipelined, or behind a body that waited for leave to come."""

from trial import OK, always, answer, case, chunked, get, post, request

EXPECT = b"Expect: 100-continue"


@case("RFC 9112 9.3.2")
def pipelined_requests_are_answered_in_order(t):
    def handle(up):
        while True:
            asked = up.request()
            up.requests.append(asked)
            up.send(answer(b"200 OK", body=asked.target + asked.body))
    t.serve(handle)
    sent = [(b"/%d" % n, b"x" * (n * 37 % 90)) for n in range(40)]
    client = t.client()
    client.send(b"".join(get(target) if not body else
                         post(b"Content-Length: %d" % len(body), body=body, target=target) if n % 2 else
                         chunked(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), target) for n, (target, body) in enumerate(sent)))
    t.equal([client.answer().body for _ in sent], [target + body for target, body in sent], "bodies in order")
    t.equal([(r.target, r.body) for r in t.requests()], sent, "requests in order")


@case("RFC 9110 10.1.1: Expect is passed on, the upstream's 100 comes back, then the body goes")
def continue_is_passed_through(t):
    def handle(up):
        head = up.until(b"\r\n\r\n")
        t.check(b"xpect: 100-continue" in head, "Expect was not passed on")
        t.check(not up.unread, "the body came before the 100")
        up.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        up.exactly(5)
        up.send(OK)
        up.to_end()
    t.serve(handle)
    client = t.sent(post(b"Content-Length: 5", EXPECT))
    t.equal(client.answer(interim=True).status, 100, "status")
    client.send(b"hello")
    t.equal(client.answer().body, b"ok", "the answer")
    t.equal(t.only_request().body, b"hello", "the body")


@case("RFC 9110 10.1.1: a final answer instead of 100 comes back while the body is withheld")
def refusal_instead_of_continue_is_passed_through(t):
    def handle(up):
        up.until(b"\r\n\r\n")
        up.send(answer(b"401 Unauthorized", b"WWW-Authenticate: Basic realm=a", body=b"no"))
        up.to_end()
    t.serve(handle)
    client = t.sent(post(b"Content-Length: 5", EXPECT))
    t.equal(client.answer(interim=True).status, 401, "status")
    t.equal(t.requests(partial=True), [], "whole requests")


def withheld(t):
    """A client whose body the upstream has refused with a final answer before it was sent."""
    def handle(up):
        up.until(b"\r\n\r\n")
        up.send(answer(b"401 Unauthorized", b"WWW-Authenticate: Basic realm=a", body=b"no"))
        up.to_end()
    t.serve(handle, always())
    client = t.sent(post(b"Content-Length: 5", EXPECT))
    got = client.answer(interim=True)
    t.check(got.status == 401 and b"close" not in got.listed("connection"), f"the client got {got}")
    return client


@case("RFC 9110 10.1.1: clients of .NET go on with the next request, without the body")
def next_request_instead_of_a_withheld_body(t):
    client = withheld(t)
    client.send(post(b"Authorization: Basic YTpi", b"Content-Length: 5", body=b"again"))
    t.equal(client.answer().body, b"ok", "the next answer")
    t.equal([(r.method, r.body) for r in t.requests(partial=True)], [(b"POST", b"again")], "whole requests")


@case("RFC 9110 10.1.1: others send it all the same")
def withheld_body_that_comes_late(t):
    client = withheld(t)
    client.send(b"hello" + get(b"/next"))
    t.equal(client.answer().body, b"ok", "the next answer")
    t.equal([r.target for r in t.requests(partial=True)], [b"/next"], "whole requests")
    t.check(all(b"hello" not in up.received for up in t.upstream.connections), "the refused body was forwarded")


@case("RFC 9110 10.1.1: to be ignored from an HTTP/1.0 client")
def expectation_of_an_http10_client_is_ignored(t):
    client, got = t.exchange(request(b"POST / HTTP/1.0", b"Content-Length: 5", EXPECT, body=b"hello"))
    t.equal(t.only_request().all("expect"), [], "Expect")
    t.check(b" 100 " not in client.received, "the client got a 100")
