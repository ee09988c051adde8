"""Bodies of requests: chunks that must be refused in whatever state they are met, and those that must pass unchanged."""

from trial import HOST, add, case, chunked, get, post, request

AFTER = b"GET /smuggled HTTP/1.1\r\nHost: mail.contoso.test\r\n\r\n"
GOOD = b"4\r\ngood\r\n"


def nothing_whole_forwarded(t):
    """Every connection to the upstream ends without a whole request on it."""
    t.upstream.settle()
    for up in t.upstream.connections:
        t.wait_until(lambda: up.end, "the end of the upstream connection")
    t.equal([str(r) for r in t.requests(partial=True)], [], "whole requests forwarded")


def broken(name, clause, body):
    """The upstream never gets a whole request out of it, and both connections end."""
    def run(t):
        client = t.sent(chunked(body + AFTER))
        rest = client.to_end()
        t.check(rest == b"" or rest.split(b" ")[1] == b"400", f"the client got {rest!r}")
        nothing_whole_forwarded(t)
        for up in t.upstream.connections:
            t.check(b"smuggled" not in up.received, "bytes behind the fault were forwarded")
    add(name, clause, run)


for _where, _before in {"first": b"", "later": GOOD}.items():
    for _name, _body in {
        "empty_line": b"\r\n", "letters": b"xyz\r\n", "hex_prefix": b"0x5\r\nhello\r\n", "plus": b"+5\r\nhello\r\n",
        "minus": b"-5\r\nhello\r\n", "leading_space": b" 5\r\nhello\r\n", "trailing_space": b"5 \r\nhello\r\n",
        "space_within": b"0 5\r\nhello\r\n", "underscore": b"0_5\r\nhello\r\n", "quoted": b'"5"\r\nhello\r\n',
        "2_to_63": b"8000000000000000\r\n", "2_to_64": b"10000000000000000\r\nhello\r\n",
        "2_to_64_and_5": b"10000000000000005\r\nhello\r\n", "2_to_64_minus_1": b"ffffffffffffffff\r\nhello\r\n",
        "many_digits": b"5" * 40 + b"\r\nhello\r\n", "comma": b"5,5\r\nhello\r\n",
    }.items():
        broken(f"chunk_size_{_name}_in_{_where}_chunk", "RFC 9112 7.1", _before + _body + b"0\r\n\r\n")

for _name, _body in {
    "without_name": b"5;\r\nhello\r\n", "value_alone": b"5;=a\r\nhello\r\n", "without_value": b"5;a=\r\nhello\r\n",
    "open_quote": b'5;a="b\r\nhello\r\n', "space_in_token": b"5;a=b c\r\nhello\r\n", "nul": b"5;a=\x00\r\nhello\r\n",
    "control": b"5;a=\x01\r\nhello\r\n", "cr": b"5;a=\rb\r\nhello\r\n", "lf": b"5;a\nhello\r\n", "cr_cr_lf": b"5;a\r\r\nhello\r\n",
    "endless": b"5;" + b"a" * 100_000 + b"\r\nhello\r\n", "on_last_chunk": b"0;=\r\n\r\n",
}.items():
    broken(f"chunk_extension_{_name}", "RFC 9112 7.1.1", GOOD + _body + b"0\r\n\r\n")

for _name, _body in {
    "lf_after_size": b"5\nhello\r\n0\r\n\r\n", "cr_after_size": b"5\rhello\r\n0\r\n\r\n", "lf_after_data": b"5\r\nhello\n0\r\n\r\n",
    "cr_after_data": b"5\r\nhello\r0\r\n\r\n", "nothing_after_data": b"5\r\nhello0\r\n\r\n", "lf_after_last_size": b"0\n\r\n",
    "lf_ends_body": b"0\r\n\n", "cr_ends_body": b"0\r\n\rX", "cr_cr_lf_after_size": b"5\r\r\nhello\r\n0\r\n\r\n",
    "data_too_long": b"5\r\nhello!\r\n0\r\n\r\n", "data_too_short": b"6\r\nhello\r\n0\r\n\r\n", "lf_everywhere": b"5\nhello\n0\n\n",
}.items():
    broken(f"chunk_line_end_{_name}", "RFC 9112 7.1, 2.2", _body)

for _name, _body in {
    "without_colon": b"X-A\r\n", "space_before_colon": b"X-A : 1\r\n", "space_in_name": b"X A: 1\r\n", "empty_name": b": 1\r\n",
    "fold": b"X-A: 1\r\n 2\r\n", "leading_space": b" X-A: 1\r\n", "nul": b"X-A: \x00\r\n", "control": b"X-A: \x01\r\n",
    "del": b"X-A: \x7f\r\n", "lf": b"X-A: 1\n", "cr": b"X-A: 1\r2\r\n", "cr_cr_lf": b"X-A: 1\r\r\n",
    "too_long": b"X-A: " + b"a" * 100_000 + b"\r\n", "too_many": b"X-A: 1\r\n" * 1000,
}.items():
    broken(f"trailer_{_name}", "RFC 9112 7.1.2, RFC 9110 6.5", GOOD + b"0\r\n" + _body + b"\r\n")


def carried(name, clause, data, body, check=lambda t, seen: None):
    def run(t):
        client = t.sent(data + get(b"/next"))
        t.equal(client.answer().body, b"ok", "the first answer")
        t.equal(client.answer().body, b"ok", "the second answer")
        seen, after = t.requests()
        t.equal((seen.body, after.target), (body, b"/next"), "body and target of the next request")
        check(t, seen)
    add(name, clause, run)


for _name, _body, _wanted in (
    ("plain", b"5\r\nhello\r\n0\r\n\r\n", b"hello"), ("nothing", b"0\r\n\r\n", b""),
    ("leading_zeros", b"00005\r\nhello\r\n000\r\n\r\n", b"hello"), ("capital_size", b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    ("small_letter_size", b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    ("extension", b"5;a\r\nhello\r\n0\r\n\r\n", b"hello"), ("extension_with_value", b"5;a=b;c=d\r\nhello\r\n0\r\n\r\n", b"hello"),
    ("extension_quoted", b'5;a="b;\\"c"\r\nhello\r\n0;x=y\r\n\r\n', b"hello"),
    ("crlf_as_data", b"4\r\n\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n", b"\r\n\r\n0\r"), ("one_byte_chunks", b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n", b"ab"),
    ("last_chunk_as_data", b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),
):
    carried(f"chunked_{_name}_is_carried", "RFC 9112 7.1", chunked(_body), _wanted)

carried("body_with_a_length_is_carried", "RFC 9112 6.2", post(b"Content-Length: 5", body=b"hello"), b"hello",
        lambda t, seen: t.equal(seen.all("content-length"), [b"5"], "Content-Length"))
carried("length_0_is_carried", "RFC 9112 6.2", post(b"Content-Length: 0"), b"",
        lambda t, seen: t.equal(seen.all("content-length"), [b"0"], "Content-Length"))
carried("length_with_leading_zeros_is_carried", "RFC 9110 8.6", post(b"Content-Length: 0005", body=b"hello"), b"hello")
carried("get_with_a_body_is_carried", "RFC 9110 9.3.1", get(b"/", b"Content-Length: 5", body=b"hello"), b"hello")
carried("a_request_as_body_stays_a_body", "RFC 9112 6", post(b"Content-Length: %d" % len(AFTER), body=AFTER), AFTER)
carried("chunked_in_capitals_is_carried", "RFC 9112 7", post(b"Transfer-Encoding: CHUNKED", body=b"5\r\nhello\r\n0\r\n\r\n"), b"hello")


@case("RFC 9112 7.1.2, RFC 9110 6.5: trailers are passed on")
def request_trailers_are_passed_on(t):
    t.exchange(chunked(GOOD + b"0\r\nX-Sum: 4\r\nX-More: \xe4\t1\r\n\r\n", b"/", b"Trailer: X-Sum"))
    seen = t.only_request()
    t.equal((seen.body, seen.trailers), (b"good", [(b"X-Sum", b"4"), (b"X-More", b"\xe4\t1")]), "body and trailers")


for _field in (b"Content-Length: 9", b"Transfer-Encoding: chunked", b"Host: evil", b"Authorization: Basic YTpi", b"Connection: x",
               b"X-Forwarded-For: 192.0.2.9", b"Content-Type: a/b", b"Expect: 100-continue", b"Trailer: a", b"Upgrade: x"):
    def _dropped(t, field=_field):
        t.exchange(chunked(GOOD + b"0\r\nX-Sum: 4\r\n" + field + b"\r\n\r\n"))
        seen = t.only_request()
        name = field.split(b":")[0].decode()
        t.equal([n for n, _ in seen.trailers], [b"X-Sum"], "trailers")
        t.check(field.split(b": ")[1] not in seen.all(name) or name == "Transfer-Encoding", f"{name} became a field of the head")
    _name = _field.split(b":")[0].decode().lower().replace("-", "_")
    add(f"trailer_{_name}_is_not_passed_on", "RFC 9110 6.5.1", _dropped)


@case("RFC 9112 7.1.2, RFC 9110 7.6.1: a trailer that Connection lists ends here")
def connection_listed_trailer_is_removed(t):
    t.exchange(chunked(GOOD + b"0\r\nX-Hop: 4\r\nX-Stays: 1\r\n\r\n", b"/", b"Connection: X-Hop"))
    t.equal(t.only_request().trailers, [(b"X-Stays", b"1")], "trailers")


@case("RFC 9112 9.6: a body that the client cuts short is no request for the upstream")
def half_closed_client_within_its_body(t):
    for data in (post(b"Content-Length: 10", body=b"hello"), chunked(b"5\r\nhel"), chunked(GOOD + b"0\r\n"), chunked(GOOD + b"0\r\nX: 1")):
        client = t.sent(data)
        client.finish()
        client.to_end()
    nothing_whole_forwarded(t)


@case("RFC 9112 9.6, 6.3: a client that has sent all and closed its side still gets its answer")
def half_closed_client_gets_its_answer(t):
    for data in (get(), post(b"Content-Length: 5", body=b"hello"), request(b"GET / HTTP/1.0", host=HOST)):
        client = t.sent(data)
        client.finish()
        t.equal(client.answer().body, b"ok", "the answer")
        t.ends(client, ("clean",))
