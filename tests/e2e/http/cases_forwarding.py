"""What a proxy must change in a message that it passes on, and what it must leave alone."""

from trial import HOST, OK, add, always, answer, answering, case, get, post, request

HOP_BY_HOP = (b"Keep-Alive: 300", b"Proxy-Connection: keep-alive")


# Fields of one connection

@case("RFC 9110 7.6.1")
def request_fields_that_connection_lists_are_removed(t):
    t.exchange(get(b"/", b"X-One: 1", b"Connection: X-One, x-TWO , ,keep-alive", b"X-Two: 2", b"X-Stays: 3",
                   b"Connection: X-Three", b"X-Three: 4"))
    seen = t.only_request()
    for name in ("x-one", "x-two", "x-three"):
        t.equal(seen.all(name), [], name)
        t.check(name.encode() not in seen.listed("connection"), f"Connection still lists {name}")
    t.equal(seen.all("x-stays"), [b"3"], "X-Stays")


@case("RFC 9110 7.6.1")
def answer_fields_that_connection_lists_are_removed(t):
    got = t.exchange(get(), answering(answer(b"200 OK", b"Connection: X-One", b"X-One: 1", b"X-Stays: 2", b"Connection: x-two",
                                             b"X-Two: 2")))[1]
    t.equal((got.all("x-one"), got.all("x-two"), got.all("x-stays")), ([], [], [b"2"]), "X-One, X-Two, X-Stays")
    t.check(not {b"x-one", b"x-two"} & set(got.listed("connection")), "Connection still lists them")


@case("RFC 9110 7.6.1")
def hop_by_hop_fields_of_requests_are_removed(t):
    t.exchange(get(b"/", *HOP_BY_HOP, b"TE: gzip;q=0.5", b"Upgrade: x"))
    seen = t.only_request()
    for name in ("keep-alive", "proxy-connection", "te", "upgrade"):
        t.equal(seen.all(name), [], name)


@case("RFC 9110 7.6.1")
def hop_by_hop_fields_of_answers_are_removed(t):
    got = t.exchange(get(), answering(answer(b"200 OK", *HOP_BY_HOP, b"Upgrade: x")))[1]
    for name in ("keep-alive", "proxy-connection", "upgrade"):
        t.equal(got.all(name), [], name)


@case("RFC 9110 7.6.1: Connection must not take away what every hop needs")
def connection_cannot_remove_host_or_framing(t):
    t.exchange(post(b"Connection: Host, Content-Length, Transfer-Encoding", b"Content-Length: 5", body=b"hello"))
    seen = t.only_request()
    t.equal((seen.get("host"), seen.body), (HOST, b"hello"), "Host and body")


@case("RFC 9110 10.1.4: TE is for one hop; `trailers` may be said again, with Connection: TE")
def te_trailers_is_said_again(t):
    t.exchange(get(b"/", b"TE: trailers, gzip", b"Connection: TE"))
    seen = t.only_request()
    t.equal(seen.listed("te"), [b"trailers"], "TE")
    t.check(b"te" in seen.listed("connection"), "Connection does not list TE")


@case("RFC 9112 9.6: the client's close is not the upstream connection's")
def close_is_honoured(t):
    client, got = t.exchange(get(b"/", b"Connection: close"))
    t.check(b"close" in got.listed("connection"), "the answer does not say close")
    t.ends(client, ("clean",))


@case("RFC 9112 9.3: an answer with close to a connection that the client may keep")
def close_of_the_upstream_is_not_the_clients(t):
    t.serve(answering(answer(b"200 OK", b"Connection: close", body=b"1")), answering(answer(b"200 OK", body=b"2")))
    client, got = t.exchange(get())
    t.check(b"close" not in got.listed("connection"), "the upstream's close was passed on")
    client.send(get())
    t.equal(client.answer().body, b"2", "the second answer")


# Via, Max-Forwards, Date

@case("RFC 9110 7.6.3")
def via_is_added_to_requests(t):
    t.exchange(get(b"/", b"Via: 1.0 first"))
    via = t.only_request().listed("via")
    t.check(len(via) == 2 and via[0] == b"1.0 first" and via[1].startswith(b"1.1 "), f"Via is {via}")


@case("RFC 9110 7.6.3")
def via_is_added_to_answers(t):
    got = t.exchange(get(), answering(answer(b"200 OK", b"Via: 1.1 back")))[1]
    via = got.listed("via")
    t.check(len(via) == 2 and via[0] == b"1.1 back" and via[1].startswith(b"1.1 "), f"Via is {via}")


@case("RFC 9110 7.6.3, 2.5: Via names the version received, the request line ours")
def http10_is_forwarded_as_11_and_named_in_via(t):
    t.exchange(request(b"GET / HTTP/1.0"))
    seen = t.only_request()
    t.equal(seen.line, b"GET / HTTP/1.1", "the request line")
    t.check(seen.listed("via")[-1:] and seen.listed("via")[-1].startswith(b"1.0 "), f"Via is {seen.listed('via')}")


for _method in (b"OPTIONS", b"TRACE"):
    def _counted(t, method=_method):
        t.exchange(request(method + b" / HTTP/1.1", b"Max-Forwards: 5"))
        t.equal(t.only_request().all("max-forwards"), [b"4"], "Max-Forwards")

    def _last(t, method=_method):
        client = t.sent(request(method + b" / HTTP/1.1", b"Max-Forwards: 0"))
        client.answer()
        t.nothing_forwarded()

    def _bad(t, method=_method):
        t.equal(t.sent(request(method + b" / HTTP/1.1", b"Max-Forwards: x")).answer().status, 400, "status")
        t.nothing_forwarded()
    add(f"max_forwards_of_{_method.decode().lower()}_is_counted", "RFC 9110 7.6.2", _counted)
    add(f"max_forwards_0_of_{_method.decode().lower()}_ends_here", "RFC 9110 7.6.2", _last)
    add(f"max_forwards_of_{_method.decode().lower()}_must_be_a_number", "RFC 9110 7.6.2", _bad)


@case("RFC 9110 7.6.2")
def max_forwards_of_other_methods_is_left_alone(t):
    t.exchange(get(b"/", b"Max-Forwards: 0"))
    t.equal(t.only_request().all("max-forwards"), [b"0"], "Max-Forwards")


@case("RFC 9110 6.6.1: an answer without Date that is passed on gets one")
def date_is_added(t):
    got = t.exchange(get(), answering(answer(b"200 OK", date=False)))[1]
    t.equal(len(got.all("date")), 1, "Date fields")


@case("RFC 9110 6.6.1")
def date_is_kept(t):
    got = t.exchange(get(), answering(answer(b"200 OK")))[1]
    t.equal(got.all("date"), [b"Sun, 06 Nov 1994 08:49:37 GMT"], "Date")


# What must not change

@case("RFC 9110 5.3, 7.6: other fields keep name, value, number and order")
def request_fields_keep_name_value_and_order(t):
    fields = [b"X-B: 2", b"x-a: 1", b"Cookie: a=b; c=d", b"X-B: 3", b"X-Empty: ", b"X-Latin: \xe4\xf6", b"Authorization: Basic YTpi",
              b"X-AnchorMailbox: a@b", b"User-Agent: OCPhone/4.0.7577.4451 (Microsoft Lync 2010 (TM) Phone Edition)",
              b"Content-Type: text/xml; charset=\"utf-8\"", b"If-None-Match: W/\"a\", \"b\"", b"Pragma: MinConnTimeout=120",
              b"X_Under: 1", b"X-Comma: ,,a", b"X-Colon: a:b: c", b"!#$%&'*+.^`|~: odd"]
    t.exchange(get(b"/EWS/Exchange.asmx?a=%20b&c=\\", *fields))
    seen = t.only_request()
    t.equal(seen.target, b"/EWS/Exchange.asmx?a=%20b&c=\\", "the target")
    wanted = [tuple(f.split(b": ", 1)) for f in fields]
    wanted[wanted.index((b"X-Empty", b""))] = (b"X-Empty", b"")
    names = {name for name, _ in wanted}
    t.equal([f for f in seen.fields if f[0] in names], wanted, "fields")


@case("RFC 9110 5.3: Set-Cookie above all keeps its order and is never joined")
def answer_fields_keep_name_value_and_order(t):
    fields = [b"Set-Cookie: a=1; path=/", b"X-Two: 2", b"set-cookie: b=2, c=3", b"WWW-Authenticate: Basic realm=\"a, b\"",
              b"X-Two: 1", b"Server: Microsoft-IIS/10.0", b"X-Empty: ", b"X-Latin: \xe4", b"ETag: \"a\"", b"X-FEServer: EX01"]
    got = t.exchange(get(), answering(answer(b"200 OK", *fields)))[1]
    wanted = [tuple(f.split(b": ", 1)) for f in fields]
    names = {name for name, _ in wanted}
    t.equal([f for f in got.fields if f[0] in names], wanted, "fields")


for _method in (b"RPC_IN_DATA", b"RPC_OUT_DATA", b"PROPFIND", b"REPORT", b"BPROPPATCH", b"X-MS-ENUMATTS", b"SUBSCRIBE", b"M-SEARCH",
                b"PATCH", b"DELETE", b"PUT", b"TRACE", b"get", b"Get", b"!#$%&'*+-.^_`|~", b"X" * 200):
    def _passed(t, method=_method):
        body = () if method == b"TRACE" else (b"Content-Length: 5",)
        t.exchange(request(method + b" /a HTTP/1.1", *body, body=b"hello" if body else b""))
        t.equal((t.only_request().line, t.only_request().body), (method + b" /a HTTP/1.1", b"hello" if body else b""), "line, body")
    add(f"method_{_method.decode()[:16]}_is_passed_on", "RFC 9110 9.1, 16.1.1; MS-RPCH 2.1.2.1", _passed)


@case("RFC 9112 3.2.4")
def options_asterisk_is_passed_on(t):
    t.exchange(request(b"OPTIONS * HTTP/1.1"))
    t.equal(t.only_request().line, b"OPTIONS * HTTP/1.1", "the request line")


@case("RFC 9112 3.2.4: the last proxy makes it the asterisk-form")
def options_of_an_authority_becomes_the_asterisk_form(t):
    t.exchange(request(b"OPTIONS http://mail.contoso.test HTTP/1.1"))
    t.equal(t.only_request().line, b"OPTIONS * HTTP/1.1", "the request line")


for _name, _target in {"query_alone": b"/?", "dots": b"/a/../b/./c//d", "encoded": b"/a%2Fb%5c%41%7e", "colon": b"/a:b",
                       "tilde": b"/~a/;b=1,2", "long": b"/" + b"a" * 8000, "question_marks": b"/a?b?c=/..", "owa": b"/owa/ev.owa?oeh=1&ns=A",
                       "activesync": b"/Microsoft-Server-ActiveSync?Cmd=Ping&User=CONTOSO\\a&DeviceId=1", "double_slash": b"//a/b",
                       "brackets": b"/a[1]?b[2]=|^"}.items():
    def _kept(t, target=_target):
        t.exchange(get(target))
        t.equal(t.only_request().target, target, "the target")
    add(f"target_{_name}_is_kept", "RFC 9112 3.2.1, RFC 9110 7.6", _kept)


@case("RFC 9112 4, RFC 9110 15: status and reason are passed on")
def status_and_reason_are_kept(t):
    for status in (b"200 All is well", b"207 Multi-Status", b"299 \xe4", b"404 No", b"413 Big", b"449 Retry With", b"500 \"odd\" <reason>",
                   b"503 ", b"599 x"):
        got = t.exchange(get(), answering(answer(status, body=b"x")))[1]
        t.equal(got.line.partition(b" ")[2].strip(), status.strip(), "status and reason")
        t.again()


@case("RFC 9112 4: a reason may be missing, even its space")
def missing_reason_is_taken(t):
    for line in (b"HTTP/1.1 200 \r\n", b"HTTP/1.1 200\r\n"):
        t.equal(t.exchange(get(), answering(line + b"Content-Length: 2\r\n\r\nok"))[1].body, b"ok", "the body")
        t.again()


# Answers to HTTP/1.0 clients, and from HTTP/1.0 servers

CHUNKS = answer(b"200 OK", b"Transfer-Encoding: chunked", b"Trailer: X-Sum", body=b"5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n")


@case("RFC 9112 6.1: no Transfer-Encoding to a client that did not say 1.1")
def chunked_never_reaches_an_http10_client(t):
    client, got = t.exchange(request(b"GET / HTTP/1.0"), answering(CHUNKS))
    t.equal((got.all("transfer-encoding"), got.all("trailer"), got.body), ([], [], b"hello"), "coding, Trailer and body")
    t.equal(client.end, "clean", "the end")


@case("RFC 9112 6.1, C.2.2: nor to one that would keep the connection")
def chunked_never_reaches_a_kept_alive_http10_client(t):
    got = t.exchange(request(b"GET / HTTP/1.0", b"Connection: keep-alive"), answering(CHUNKS))[1]
    t.equal((got.all("transfer-encoding"), got.body), ([], b"hello"), "coding and body")
    t.check(b"keep-alive" not in got.listed("connection"), "the body ends with the connection that is promised to stay")


@case("RFC 9110 15.2")
def interim_answers_never_reach_an_http10_client(t):
    client = t.exchange(request(b"GET / HTTP/1.0"),
                        answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK))[0]
    t.check(bytes(client.received).startswith(b"HTTP/1.1 200"), f"the client got {bytes(client.received[:40])!r}")


@case("RFC 9112 9.3, C.2.2")
def http10_client_that_asks_for_keep_alive_gets_it(t):
    client, got = t.exchange(request(b"GET /1 HTTP/1.0", b"Connection: Keep-Alive"))
    t.check(b"keep-alive" in got.listed("connection"), "the answer does not say keep-alive")
    client.send(request(b"GET /2 HTTP/1.0"))
    client.answer()
    t.ends(client, ("clean",))
    t.equal([r.target for r in t.requests()], [b"/1", b"/2"], "targets")


@case("RFC 9112 9.3")
def http10_client_gets_the_end_after_its_answer(t):
    client, got = t.exchange(request(b"GET / HTTP/1.0"))
    t.equal(got.body, b"ok", "the body")
    t.ends(client, ("clean",))


@case("RFC 9112 6.3 (8): a body until the close becomes chunks for a client that stays")
def body_until_close_is_framed_anew(t):
    t.serve(lambda up: (up.request(), up.send(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")), always())
    client, got = t.exchange(get())
    t.equal((got.framing, got.body), ("chunked", b"until the end"), "framing and body")
    t.check(any(v.startswith(b"1.0 ") for v in got.listed("via")), f"Via is {got.listed('via')}")
    client.send(get())
    t.equal(client.answer().body, b"ok", "the next answer")


# Bodies of answers

@case("RFC 9110 9.3.2, RFC 9112 6.3 (1)")
def head_has_no_body_whatever_is_announced(t):
    t.serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                      b"HTTP/1.1 200 OK\r\n\r\n", OK))
    client = t.client()
    for wanted in ([b"1000"], [], []):
        client.send(request(b"HEAD / HTTP/1.1"))
        t.equal(client.answer(to_head=True).all("content-length"), wanted, "Content-Length")
    client.send(get())
    t.equal(client.answer().body, b"ok", "the body of the next answer")


@case("RFC 9110 15.3.5, 15.4.5, RFC 9112 6.3 (1)")
def no_body_behind_204_and_304(t):
    t.serve(answering(b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: \"a\"\r\n\r\n", OK))
    client = t.client()
    for status in (204, 304):
        client.send(get())
        t.equal(client.answer().status, status, "status")
    client.send(get())
    t.equal(client.answer().body, b"ok", "the body of the next answer")


@case("RFC 9112 6.1, 6.2: no framing fields in 204")
def framing_fields_of_a_204_are_removed(t):
    got = t.exchange(get(), answering(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"))[1]
    t.equal(got.all("content-length"), [], "Content-Length")


@case("RFC 9110 15.2: interim answers are passed on, with their fields")
def interim_answers_are_passed_on(t):
    client = t.exchange(get(), answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OK),
                        interim=True)[0]
    client.taken = 0
    seen = [client.answer(interim=True) for _ in range(3)]
    t.equal([m.status for m in seen], [103, 102, 200], "statuses")
    t.equal(seen[0].all("link"), [b"</a>", b"</b>"], "Link")


@case("RFC 9112 7.1.2, RFC 9110 6.5")
def answer_trailers_are_passed_on(t):
    got = t.exchange(get(b"/", b"TE: trailers", b"Connection: TE"), answering(CHUNKS))[1]
    t.equal((got.framing, got.body, got.trailers), ("chunked", b"hello", [(b"X-Sum", b"5")]), "framing, body and trailers")


# What a client claims about itself

@case("RFC 7239 8.1 on spoofing; ASP.NET Core takes X-ARR-ClientCert for the client's certificate")
def claims_of_a_client_are_not_believed(t):
    claims = (b"X-ARR-ClientCert: AAAA", b"X-ARR-SSL: 2048", b"X_ARR_ClientCert: AAAA", b"Client-Cert: :AAAA:",
              b"Client-Cert-Chain: :AAAA:", b"X-Forwarded-Proto: gopher", b"X-Forwarded-Host: evil.test", b"X-Forwarded-For: 192.0.2.9",
              b"X-Forwarded-Port: 99999", b"Forwarded: for=192.0.2.9")
    t.exchange(get(b"/", *claims))
    seen = t.only_request()
    for claim in claims:
        name, _, value = claim.partition(b": ")
        t.check(not any(value in v for v in seen.all(name.decode())), f"{name!r} is passed on: {seen}")
    t.equal(seen.all("x-forwarded-for"), [b"127.0.0.1"], "X-Forwarded-For")
