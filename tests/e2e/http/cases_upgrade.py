"""Upgrade: a tunnel when both sides agree, plain HTTP when not, and no way around the rules inside it."""

from trial import OK, add, answer, answering, case, get, post

WEBSOCKET = (b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
             b"Sec-WebSocket-Version: 13")
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def switched(t, behind_request=b"", behind_answer=b""):
    """Client and upstream connection in a tunnel."""
    t.park()
    client = t.sent(get(b"/chat", *WEBSOCKET) + behind_request)
    up = t.connection()
    up.request()
    up.send(SWITCH + behind_answer)
    got = client.answer()
    t.equal(got.status, 101, "status")
    return client, up, got


@case("RFC 9110 7.8, RFC 6455 4: Upgrade and its fields are passed on, both ways")
def websocket_handshake_is_passed_on(t):
    client, up, got = switched(t)
    seen = t.only_request()
    t.equal(seen.listed("upgrade"), [b"websocket"], "Upgrade")
    t.check(b"upgrade" in seen.listed("connection"), "Connection does not list Upgrade")
    t.equal(seen.get("sec-websocket-key"), b"dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key")
    t.equal((got.listed("upgrade"), got.get("sec-websocket-accept")), ([b"websocket"], b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "answer")
    t.check(b"upgrade" in got.listed("connection"), "the answer's Connection does not list Upgrade")


@case("RFC 9110 7.8: then every byte passes, at once, both ways")
def tunnel_passes_byte_by_byte(t):
    client, up, _ = switched(t)
    for value in range(256):
        for sender, receiver in ((client, up), (up, client)):
            sender.send(bytes([value]))
            t.equal(receiver.exactly(1), bytes([value]), "the byte that arrived")


@case("RFC 9110 7.8: what comes right behind the heads belongs to the tunnel")
def bytes_behind_both_heads_go_into_the_tunnel(t):
    client, up, _ = switched(t, behind_answer=b"\x81\x05hello")
    t.equal(client.exactly(7), b"\x81\x05hello", "behind the answer")
    client.send(b"\x81\x02ok")
    t.equal(up.exactly(4), b"\x81\x02ok", "behind the request")


@case("RFC 6455 7.1.1, RFC 9293 3.6: the client ends its direction, the other one stays")
def tunnel_keeps_a_half_close_of_the_client(t):
    client, up, _ = switched(t)
    client.send(b"last words")
    client.finish()
    t.equal(up.to_end(), b"last words", "what the upstream got")
    t.equal(up.end, "clean", "its end")
    up.send(b"still here")
    t.equal(client.exactly(10), b"still here", "the other direction")
    up.finish()
    t.ends(client, ("clean",))


@case("RFC 6455 7.1.1, RFC 9293 3.6: the upstream ends its direction, the other one stays")
def tunnel_keeps_a_half_close_of_the_upstream(t):
    client, up, _ = switched(t)
    up.send(b"last words")
    up.finish()
    t.equal(client.to_end(), b"last words", "what the client got")
    t.equal(client.end, "clean", "its end")
    client.send(b"still here")
    t.equal(up.exactly(10), b"still here", "the other direction")
    client.finish()
    t.ends(up, ("clean",))


@case("RFC 9293 3.10.7: a reset in a tunnel is one on the other side")
def tunnel_passes_a_reset_on(t):
    for breaks in (0, 1):
        client, up, _ = switched(t)
        (client, up)[breaks].reset()
        other = (up, client)[breaks]
        other.to_end()
        t.equal(other.end, "cut", "the end of the other side")
        t.again()
    t.still_serves()


@case("RFC 9110 7.8: a server may go on without it")
def declined_upgrade_stays_http(t):
    client, got = t.exchange(get(b"/chat", *WEBSOCKET), answering(answer(b"400 Bad Request", body=b"no"), OK))
    t.equal((got.status, got.body), (400, b"no"), "the refusal")
    client.send(get())
    t.equal(client.answer().body, b"ok", "the next answer")


@case("RFC 9110 7.8: a request behind an upgrade that was declined is a request")
def pipelined_request_behind_a_declined_upgrade(t):
    client = t.sent(get(b"/chat", *WEBSOCKET) + get(b"/next"))
    t.equal([client.answer().body for _ in range(2)], [b"ok", b"ok"], "both answers")
    t.equal([r.target for r in t.requests()], [b"/chat", b"/next"], "targets")


for _name, _value in {"h2c": b"h2c", "h2c_in_a_list": b"websocket, h2c", "tls": b"TLS/1.0", "http2": b"HTTP/2.0"}.items():
    def _hidden(t, value=_value):
        t.exchange(get(b"/", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: " + value, b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"))
        seen = t.only_request()
        t.equal((seen.all("upgrade"), seen.all("http2-settings")), ([], []), "Upgrade and HTTP2-Settings")
    add(f"upgrade_to_{_name}_is_not_passed_on", "RFC 9113 3.1, RFC 9110 7.8: requests inside would get past every rule", _hidden)


@case("RFC 9110 7.8: Upgrade counts only with Connection: Upgrade")
def upgrade_without_connection_is_not_passed_on(t):
    t.exchange(get(b"/", b"Upgrade: websocket"))
    t.equal(t.only_request().all("upgrade"), [], "Upgrade")


@case("RFC 9110 7.8: and not from an HTTP/1.0 client")
def upgrade_of_an_http10_client_is_not_passed_on(t):
    t.exchange(get(b"/", *WEBSOCKET).replace(b"HTTP/1.1", b"HTTP/1.0"))
    t.equal(t.only_request().all("upgrade"), [], "Upgrade")


@case("RFC 9110 7.8: a request with a body and an upgrade is carried, upgraded or not")
def upgrade_with_a_body_is_carried(t):
    t.exchange(post(b"Content-Length: 5", b"Connection: Upgrade", b"Upgrade: websocket", body=b"hello"))
    t.equal(t.only_request().body, b"hello", "the body")
