"""Request heads that must be refused, and their lawful neighbours that must not.

A refusal is an answer with one of the statuses, the end of the connection, and not one byte for the upstream.
"""

from trial import HOST, add, case, get, post, request

AFTER = b"GET /smuggled HTTP/1.1\r\nHost: mail.contoso.test\r\n\r\n"


def refused(name, clause, data, *statuses):
    def run(t):
        client = t.sent(data)
        t.check(client.answer().status in (statuses or (400,)), f"answered {bytes(client.received[:60])!r}")
        t.ends(client)
        t.nothing_forwarded()
    add(name, clause, run)


def accepted(name, clause, data, check=lambda t, seen: None):
    def run(t):
        got = t.exchange(data)[1]
        t.equal((got.status, got.body), (200, b"ok"), "the answer")
        check(t, t.only_request())
    add(name, clause, run)


def refused_all(prefix, clause, table, *statuses):
    for name, data in table.items():
        refused(f"{prefix}_{name}", clause, data, *statuses)


def line(text):
    return request(text, body=AFTER)


# Framing. The body is written so that either reading of the head leaves AFTER as a request of its own.

BOTH = b"5\r\nhello\r\n0\r\n\r\n" + AFTER
LENGTH, CHUNKED = b"Content-Length: 5", b"Transfer-Encoding: chunked"

refused_all("framing", "RFC 9112 6.1, 6.3", {
    "length_and_chunked": post(LENGTH, CHUNKED, body=BOTH),
    "chunked_and_length": post(CHUNKED, LENGTH, body=BOTH),
    "length_0_and_chunked": post(b"Content-Length: 0", CHUNKED, body=BOTH),
    "length_and_lower_case_chunked": post(LENGTH, b"transfer-encoding: Chunked", body=BOTH),
    "length_and_chunked_on_get": get(b"/", LENGTH, CHUNKED, body=BOTH),
})

refused_all("length", "RFC 9110 8.6, RFC 9112 6.3", {
    "twice_equal": post(LENGTH, LENGTH, body=b"hello" + AFTER),
    "twice_different": post(LENGTH, b"Content-Length: 6", body=b"hello" + AFTER),
    "list_of_equal": post(b"Content-Length: 5, 5", body=b"hello" + AFTER),
    "list_of_different": post(b"Content-Length: 5, 6", body=b"hello" + AFTER),
    "list_with_an_empty_element": post(b"Content-Length: 5,", body=b"hello" + AFTER),
} | {name: post(b"Content-Length: " + value, body=b"hello" + AFTER) for name, value in {
    "empty": b"", "plus": b"+5", "minus": b"-5", "minus_0": b"-0", "hexadecimal": b"0x5", "letter": b"5a",
    "space_within": b"5 5", "tab_within": b"5\t5", "semicolon": b"5;", "underscore": b"1_0", "decimal": b"5.0",
    "exponent": b"5e0", "quoted": b'"5"', "arabic_digit": "\u0665".encode(), "fullwidth_digit": "\uff15".encode(),
    "2_to_63": b"%d" % 2**63, "2_to_64": b"%d" % 2**64, "2_to_64_and_5": b"%d" % (2**64 + 5),
    "2_to_32_times_2_to_64": b"%d" % 2**96, "1000_digits": b"9" * 1000}.items()})

refused_all("coding", "RFC 9112 6.1, 7", {
    name: post(b"Transfer-Encoding: " + value, body=b"0\r\n\r\n" + AFTER) for name, value in {
        "unknown": b"xchunked", "suffixed": b"chunkedx", "twice_in_list": b"chunked, chunked", "not_last": b"chunked, gzip",
        "before_chunked": b"gzip, chunked", "identity": b"identity", "identity_before": b"identity, chunked",
        "empty": b"", "quoted": b'"chunked"', "parameter": b"chunked;q=1", "split": b"chun ked", "gzip": b"gzip",
        "vertical_tab": b"\x0bchunked", "form_feed": b"chunked\x0c", "nul": b"chunked\x00", "trailing_junk": b"chunked x",
        "kelvin_sign": "chun\u212aed".encode()}.items()
} | {
    "in_two_fields": post(CHUNKED, CHUNKED, body=b"0\r\n\r\n" + AFTER),
    "identity_in_second_field": post(CHUNKED, b"Transfer-Encoding: identity", body=b"0\r\n\r\n" + AFTER),
    "unknown_in_second_field": post(CHUNKED, b"Transfer-Encoding: x", body=b"0\r\n\r\n" + AFTER),
    "chunked_in_http10": request(b"POST / HTTP/1.0", CHUNKED, body=b"0\r\n\r\n" + AFTER),
    "chunked_in_http10_kept_alive": request(b"POST / HTTP/1.0", b"Connection: keep-alive", CHUNKED,
                                            body=b"0\r\n\r\n" + AFTER),
    "chunked_and_length_in_http10": request(b"POST / HTTP/1.0", LENGTH, CHUNKED, body=b"0\r\n\r\n" + AFTER),
}, 400, 501)

# Line ends and controls

refused_all("line_end", "RFC 9112 2.2", {
    "lf_after_request_line": b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    "lf_after_field": b"GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
    "lf_ends_head": b"GET / HTTP/1.1\r\nHost: a\r\n\n",
    "lf_everywhere": b"GET / HTTP/1.1\nHost: a\n\n",
    "lf_in_value": get(b"/", b"X: a\nTransfer-Encoding: chunked"),
    "lf_before_request_line": b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "cr_in_value": get(b"/", b"X: a\rb"),
    "cr_cr_lf": get(b"/", b"X: a\r"),
    "cr_before_name": get(b"/", b"\rX: a"),
    "cr_in_name": get(b"/", b"X\rY: a"),
    "cr_before_colon": get(b"/", b"X\r: a"),
    "cr_in_request_line": request(b"GET /\rX HTTP/1.1"),
    "cr_between_head_and_body": b"GET / HTTP/1.1\r\nHost: a\r\n\r\r\n" + AFTER,
    "cr_before_length_value": post(b"Content-Length: \r5", body=b"hello"),
    "cr_alone_everywhere": b"GET / HTTP/1.1\rHost: a\r\r\n\r\n",
    "two_empty_lines_and_lf": b"\r\n\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
})

CONTROLS = {"nul": b"\x00", "soh": b"\x01", "bell": b"\x07", "backspace": b"\x08", "vertical_tab": b"\x0b",
            "form_feed": b"\x0c", "escape": b"\x1b", "unit_separator": b"\x1f", "del": b"\x7f"}
refused_all("control_in_value", "RFC 9110 5.5", {n: get(b"/", b"X: a" + c + b"b") for n, c in CONTROLS.items()})
refused_all("control_in_name", "RFC 9110 5.1", {n: get(b"/", b"X" + c + b"Y: a") for n, c in CONTROLS.items()})
refused_all("control_in_target", "RFC 9112 3.2, RFC 3986 2", {n: get(b"/a" + c + b"b") for n, c in CONTROLS.items()})
refused_all("control_in_method", "RFC 9110 9.1", {n: request(b"GE" + c + b"T / HTTP/1.1") for n, c in CONTROLS.items()})
refused_all("control_in_host", "RFC 9110 7.2", {n: get(host=b"a" + c + b"b") for n, c in CONTROLS.items()})
accepted("tab_and_obs_text_in_value", "RFC 9110 5.5", get(b"/", b"X-Odd: a\tb \xe4\xff"),
         lambda t, seen: t.equal(seen.get("X-Odd"), b"a\tb \xe4\xff", "X-Odd"))

# Field lines

refused_all("field", "RFC 9112 5.1, RFC 9110 5.1", {
    "space_before_colon": get(b"/", b"X : a"),
    "tab_before_colon": get(b"/", b"X\t: a"),
    "space_before_colon_of_length": post(b"Content-Length : 5", body=b"hello"),
    "space_before_colon_of_coding": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "space_before_colon_of_host": request(b"GET / HTTP/1.1", b"Host : a", host=None),
    "space_in_name": get(b"/", b"X Y: a"),
    "without_name": get(b"/", b": a"),
    "without_colon": get(b"/", b"X-Nothing"),
    "name_in_parentheses": get(b"/", b"(X): a"),
    "name_with_bracket": get(b"/", b"X[0]: a"),
    "name_with_slash": get(b"/", b"X/Y: a"),
    "name_with_quote": get(b"/", b'"X": a'),
    "name_with_at": get(b"/", b"X@Y: a"),
    "name_with_obs_text": get(b"/", b"X\xe4: a"),
    "name_with_utf8": get(b"/", "X\u2010Y: a".encode()),
})
refused_all("fold", "RFC 9112 5.2, 2.2", {
    "with_space": get(b"/", b"X: a\r\n b"),
    "with_tab": get(b"/", b"X: a\r\n\tb"),
    "that_hides_a_coding": post(b"X: a", b" Transfer-Encoding: chunked", b"Content-Length: 0"),
    "of_length": post(b"Content-Length:\r\n 5", body=b"hello"),
    "of_coding": post(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"),
    "of_nothing": get(b"/", b"X: a\r\n "),
    "before_the_first_field": b"GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n",
})

# Request line

refused_all("method", "RFC 9112 3.1, RFC 9110 5.6.2", {
    "with_at": line(b"G@T / HTTP/1.1"), "with_slash": line(b"GET/ / HTTP/1.1"), "with_colon": line(b"GET: / HTTP/1.1"),
    "with_obs_text": line(b"G\xc9T / HTTP/1.1"), "in_quotes": line(b'"GET" / HTTP/1.1'), "with_brace": line(b"{GET} / HTTP/1.1"),
    "missing": line(b" / HTTP/1.1"), "alone": line(b"GET"), "and_target_only": line(b"GET /"), "http09": b"GET /\r\n\r\n",
})
refused_all("request_line", "RFC 9112 3", {
    "two_spaces_before_target": line(b"GET  / HTTP/1.1"), "two_spaces_before_version": line(b"GET /  HTTP/1.1"),
    "tab_before_target": line(b"GET\t/ HTTP/1.1"), "tab_before_version": line(b"GET /\tHTTP/1.1"),
    "trailing_space": line(b"GET / HTTP/1.1 "), "leading_space": line(b" GET / HTTP/1.1"),
    "leading_tab": line(b"\tGET / HTTP/1.1"), "space_in_target": line(b"GET /a b HTTP/1.1"),
    "extra_word": line(b"GET / HTTP/1.1 HTTP/1.1"), "four_words": line(b"GET / x HTTP/1.1"),
})
refused_all("version", "RFC 9112 2.3, RFC 9110 2.5", {
    name: line(b"GET / " + text) for name, text in {
        "lower_case": b"http/1.1", "without_minor": b"HTTP/1", "without_dot": b"HTTP/11", "with_comma": b"HTTP/1,1",
        "two_minor_digits": b"HTTP/1.10", "two_major_digits": b"HTTP/01.1", "letter": b"HTTP/1.x", "suffix": b"HTTP/1.1x",
        "short_name": b"HTP/1.1", "long_name": b"HTTPS/1.1", "space_within": b"HTTP/ 1.1", "minus": b"HTTP/-1.1",
        "0_9": b"HTTP/0.9", "2_0": b"HTTP/2.0", "3_0": b"HTTP/3.0", "without_name": b"/1.1", "superscript": b"HTTP/1.\xb9",
    }.items()
} | {"http2_preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, 400, 505)
accepted("version_1_2_counts_as_1_1", "RFC 9110 2.5", request(b"GET / HTTP/1.2"),
         lambda t, seen: t.equal(seen.line, b"GET / HTTP/1.1", "the request line"))
accepted("empty_line_before_request", "RFC 9112 2.2", b"\r\n" + get())

# Target

refused_all("target", "RFC 9112 3.2", {
    name: line(b"GET " + text + b" HTTP/1.1") for name, text in {
        "without_slash": b"index.html", "with_fragment": b"/a#b", "fragment_alone": b"#a", "asterisk_of_get": b"*",
        "question_mark_alone": b"?a", "utf8": "/\u00e4".encode(), "obs_text": b"/\xe4", "bad_percent": b"/%zz",
        "cut_percent": b"/a%2", "other_scheme": b"ftp://mail.contoso.test/", "scheme_alone": b"http://",
        "without_authority": b"http:///a", "one_slash": b"http:/mail.contoso.test/", "bad_port": b"http://mail.contoso.test:x/",
        "port_too_big": b"http://mail.contoso.test:65536/", "userinfo": b"http://user@mail.contoso.test/",
        "userinfo_with_password": b"http://user:secret@mail.contoso.test/", "authority_form_of_get": b"mail.contoso.test:443",
        "file_scheme": b"file:///etc/passwd", "asterisk_and_more": b"*a",
    }.items()
} | {"asterisk_of_post": line(b"POST * HTTP/1.1")})
refused_all("connect", "RFC 9110 9.3.6", {
    "to_a_port": request(b"CONNECT mail.contoso.test:443 HTTP/1.1", body=AFTER),
    "without_port": request(b"CONNECT mail.contoso.test HTTP/1.1", body=AFTER),
    "to_a_path": request(b"CONNECT / HTTP/1.1", body=AFTER),
}, 400, 405, 501)

# Host

refused_all("host", "RFC 9112 3.2, RFC 9110 7.2, 4.2.4", {
    "missing": get(host=None), "missing_with_absolute_form": get(b"http://mail.contoso.test/", host=None),
    "twice_equal": get(b"/", b"Host: " + HOST), "twice_different": get(b"/", b"Host: other"),
    "twice_in_other_case": get(b"/", b"HOST: other"), "empty": get(host=b""),
} | {name: get(host=text) for name, text in {
    "with_space": b"a b", "with_userinfo": b"user@a", "with_path": b"a/b", "with_query": b"a?b", "with_fragment": b"a#b",
    "list": b"a, b", "with_scheme": b"http://a", "with_backslash": b"a\\b", "with_obs_text": b"a\xe4",
    "port_of_letters": b"a:http", "port_too_big": b"a:65536", "port_huge": b"a:%d" % (2**64 + 80), "port_negative": b"a:-1",
    "port_plus": b"a:+80", "two_ports": b"a:80:80", "port_alone": b":80", "ipv6_without_brackets": b"::1",
    "ipv6_open": b"[::1", "ipv6_bad": b"[::g]", "ipv6_empty": b"[]", "ipv6_and_more": b"[::1]a", "ipv6_bad_port": b"[::1]:x",
    "quoted": b'"a"', "with_angle": b"<a>", "with_percent_nul": b"a%00b",
}.items()})
refused_all("authority", "RFC 9112 3.2.2, RFC 9110 7.4", {
    "mismatch": get(b"http://other.test/"), "mismatch_of_port": get(b"http://mail.contoso.test:8080/"),
    "mismatch_in_host_port": get(b"http://mail.contoso.test/", host=HOST + b":8080"),
    "mismatch_of_subdomain": get(b"http://a.mail.contoso.test/"),
})


def same_host(wanted):
    return lambda t, seen: t.equal((seen.all("host"), seen.line), ([wanted], b"GET /a?b HTTP/1.1"), "Host and request line")


accepted("absolute_form", "RFC 9112 3.2.2", get(b"http://mail.contoso.test/a?b"), same_host(HOST))
accepted("absolute_form_in_capitals", "RFC 9112 3.2.2, RFC 3986 3.1", get(b"HTTP://MAIL.contoso.test/a?b"),
         lambda t, seen: t.equal(seen.get("host").lower(), HOST, "Host"))
accepted("absolute_form_without_path", "RFC 9112 3.2.1", get(b"http://mail.contoso.test"),
         lambda t, seen: t.equal(seen.line, b"GET / HTTP/1.1", "the request line"))
accepted("http10_without_host", "RFC 9112 3.2", request(b"GET / HTTP/1.0", host=None),
         lambda t, seen: t.equal(len(seen.all("host")), 1, "Host fields"))
for _name, _host in {"with_port": b"mail.contoso.test:8443", "ipv6": b"[::1]", "ipv6_with_port": b"[2001:db8::1]:443",
                     "ipv4": b"192.0.2.1", "in_capitals": b"MAIL.Contoso.TEST", "with_underscore": b"mail_1.contoso.test"}.items():
    accepted(f"host_{_name}_is_kept", "RFC 9110 7.2", get(host=_host),
             lambda t, seen, wanted=_host: t.equal(seen.all("host"), [wanted], "Host"))


@case("RFC 9112 9.3.2, 3: what follows a good request is judged alone")
def garbage_behind_a_good_request_is_refused(t):
    client = t.sent(get(b"/good") + b"\x00garbage\r\n\r\n" + AFTER)
    t.equal(client.answer().status, 200, "the good one's status")
    t.equal(client.answer().status, 400, "the garbage's status")
    t.ends(client)
    t.equal([r.target for r in t.requests()], [b"/good"], "targets forwarded")


@case("RFC 9112 2.2, 3: a TLS hello on a plain port, or any binary, is no request")
def binary_is_refused(t):
    client = t.sent(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64)
    t.equal(client.answer().status, 400, "status")
    t.ends(client)
    t.nothing_forwarded()
