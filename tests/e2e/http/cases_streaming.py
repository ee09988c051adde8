"""Nothing waits in the proxy: each byte must have arrived before the next one is sent.

These cases drive both ends from one thread. A proxy that holds a byte back to wait for more waits for ever.
"""

from trial import add, case, chunked, get, post, request

GIB = 1 << 30


def payload(received):
    """The data bytes of chunks as far as they have come, also of an unfinished one."""
    data, rest = b"", bytes(received)
    while True:
        line, mark, rest = rest.partition(b"\r\n")
        if not mark or not line:
            return data
        size = int(line.split(b";")[0], 16)
        data += rest[:size]
        rest = rest[size + 2:]


def bytewise(t, sender, receiver, data):
    """Bytes that pass as they are."""
    for value in data:
        sender.send(bytes([value]))
        t.equal(receiver.exactly(1), bytes([value]), "the byte that arrived")


def chunk_bytewise(t, sender, receiver, data, start):
    """One chunk, each data byte of which must arrive before the next; start: where the body begins at the receiver."""
    before = payload(receiver.received[start:])
    sender.send(b"%x\r\n" % len(data))
    for number, value in enumerate(data, 1):
        sender.send(bytes([value]))
        while len(payload(receiver.received[start:])) < len(before) + number:
            receiver.read()
    sender.send(b"\r\n")
    t.equal(payload(receiver.received[start:]), before + data, "the data that arrived")


def open_request(t, data):
    """Client and upstream connection, the head has arrived there."""
    t.park()
    client = t.sent(data)
    up = t.connection()
    up.until(b"\r\n\r\n")
    return client, up


@case("MS-RPCH 2.1.2.1.1: the IN channel is one request of 1 GiB that trickles")
def rpc_in_data_passes_byte_by_byte(t):
    client, up = open_request(t, request(b"RPC_IN_DATA /rpc/rpcproxy.dll?ex:6001 HTTP/1.1", b"Content-Length: %d" % GIB))
    bytewise(t, client, up, bytes(range(256)))


@case("MS-RPCH 2.1.2.1.2: the OUT channel is one answer of 1 GiB that trickles")
def rpc_out_data_passes_byte_by_byte(t):
    client, up = open_request(t, request(b"RPC_OUT_DATA /rpc/rpcproxy.dll?ex:6001 HTTP/1.1", b"Content-Length: 76", body=b"x" * 76))
    up.exactly(76)
    up.send(b"HTTP/1.1 200 Success\r\nContent-Length: %d\r\n\r\n" % GIB)
    client.until(b"\r\n\r\n")
    bytewise(t, up, client, bytes(range(256)))


@case("MS-OXWSNTIF streaming: every chunk of GetStreamingEvents at once; RFC 9112 7.1")
def ews_streaming_chunks_pass_one_by_one(t):
    client, up = open_request(t, post(b"Content-Length: 5", body=b"hello", target=b"/EWS/Exchange.asmx"))
    up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    client.until(b"\r\n\r\n")
    start = client.taken
    for number in range(50):
        chunk_bytewise(t, up, client, b"<Envelope>%d</Envelope>" % number, start)
    up.send(b"0\r\n\r\n")
    client.until(b"0\r\n\r\n")


@case("MS-OXCMAPIHTTP 2.2.7, 3.2.5.2: PROCESSING and PENDING in one chunked answer")
def mapi_pending_chunks_pass_one_by_one(t):
    client, up = open_request(t, post(b"Content-Length: 0", target=b"/mapi/emsmdb"))
    up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-PendingPeriod: 15000\r\n\r\n")
    client.until(b"\r\n\r\n")
    for word in [b"PROCESSING\r\n"] + [b"PENDING\r\n"] * 20 + [b"DONE\r\nX-ElapsedTime: 9\r\n\r\n"]:
        up.send(b"%x\r\n%s\r\n" % (len(word), word))
        client.until(word)


@case("RFC 9112 7.1: chunks of a request too")
def chunks_of_a_request_pass_byte_by_byte(t):
    client, up = open_request(t, chunked(b""))
    start = up.taken
    for number in range(20):
        chunk_bytewise(t, client, up, b"part %d" % number, start)


@case("RFC 9112 6.3: a body until the close, byte by byte")
def body_until_close_passes_byte_by_byte(t):
    client, up = open_request(t, request(b"GET / HTTP/1.0"))
    up.send(b"HTTP/1.1 200 OK\r\n\r\n")
    client.until(b"\r\n\r\n")
    bytewise(t, up, client, b"byte by byte")


@case("RFC 9112 9.3, MS-RPCH: the answer is under way before the request has ended; both trickle")
def both_directions_at_once(t):
    for request_head, answer_field in ((post(b"Content-Length: %d" % GIB), b"Content-Length: %d" % GIB),
                                       (chunked(b""), b"Transfer-Encoding: chunked")):
        client, up = open_request(t, request_head)
        up.send(b"HTTP/1.1 200 OK\r\n" + answer_field + b"\r\n\r\n")
        client.until(b"\r\n\r\n")
        at_up, at_client = up.taken, client.taken
        for number in range(50):
            word = b"%d" % number
            if b"chunked" in answer_field:
                chunk_bytewise(t, client, up, b"up" + word, at_up)
                chunk_bytewise(t, up, client, b"down" + word, at_client)
            else:
                bytewise(t, client, up, b"up" + word)
                bytewise(t, up, client, b"down" + word)
        client.reset()
        up.to_end()
        t.again()


@case("RFC 9112 2.2: the head of an answer does not wait for its body")
def answer_head_passes_before_its_body(t):
    for framing in (b"Content-Length: 5", b"Transfer-Encoding: chunked", b"X-Until: close"):
        client, up = open_request(t, get())
        up.send(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
        client.until(b"\r\n\r\n")
        t.again()


@case("RFC 9110 15.2: interim answers at once, too")
def interim_answers_pass_one_by_one(t):
    client, up = open_request(t, get())
    for number in range(5):
        up.send(b"HTTP/1.1 103 Early Hints\r\nLink: </%d>\r\n\r\n" % number)
        client.until(b"</%d>\r\n\r\n" % number)


# Heads in pieces: any cut between two bytes

def _head_in_pieces(t, size):
    client = t.client()
    data = post(b"Content-Length: 5", b"X-Odd: a\tb", body=b"hello") + chunked(b"5;a=\"b\"\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")
    for at in range(0, len(data), size):
        client.send(data[at:at + size])
    t.equal([client.answer().body for _ in range(2)], [b"ok", b"ok"], "answers")
    t.equal([r.body for r in t.requests()], [b"hello", b"hello"], "bodies")


for _size in (1, 2, 3, 7):
    add(f"requests_in_pieces_of_{_size}", "RFC 9112 2.2: a message is a sequence of octets, however it is cut",
        lambda t, s=_size: _head_in_pieces(t, s))


@case("RFC 9112 2.2: a message is a sequence of octets, however it is cut")
def answers_in_pieces_of_1(t):
    data = (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5;a\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")

    def handle(up):
        up.request()
        for value in data:
            up.send(bytes([value]))
        up.to_end()
    got = t.exchange(get(), handle)[1]
    t.equal((got.body, got.trailers), (b"hello", [(b"X-Sum", b"1")]), "body and trailers")


@case("RFC 9112 2.2: any two segments")
def request_cut_in_two_anywhere(t):
    data = chunked(b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")
    client = t.client()
    for at in range(1, len(data)):
        client.send(data[:at])
        client.send(data[at:])
        t.equal(client.answer().body, b"ok", f"the answer when cut at {at}")
    for seen in t.requests():
        t.equal((seen.body, seen.trailers), (b"hello", [(b"X-Sum", b"1")]), "body and trailers")
