"""A strict reader of HTTP/1.1 messages that shares nothing with the proxy under test.

It audits what a proxy wrote, so it takes only what a careful sender writes: CRLF, one framing field, no folds, no controls.
"""

import re
from dataclasses import dataclass, field

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([!-~]+) HTTP/1\.([01])")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9]) [\t\x20-\x7e\x80-\xff]*")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[\t\x20-\x7e]*)?")


class Incomplete(Exception):
    """The bytes so far are a good beginning."""


class Malformed(Exception):
    """No careful sender writes this."""


@dataclass
class Message:
    line: bytes  # the first one
    fields: list  # (name, value) as bytes, in order
    body: bytes = b""
    trailers: list = field(default_factory=list)
    chunks: list = field(default_factory=list)  # of a chunked body, as they were divided
    framing: str = "none"  # none | length | chunked | until_close
    complete: bool = True  # False: until_close, and the end has not come yet

    def all(self, name):
        return [value for its, value in self.fields if its.lower() == name.lower().encode()]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None

    def listed(self, name):
        """The elements of a comma-separated field, lower case."""
        return [e.strip().lower() for value in self.all(name) for e in value.split(b",") if e.strip()]

    @property
    def method(self):
        return self.line.split(b" ")[0]

    @property
    def target(self):
        return self.line.split(b" ")[1]

    @property
    def status(self):
        return int(self.line.split(b" ")[1])

    def __str__(self):
        return f"{self.line!r} {self.fields} body={self.body[:80]!r} trailers={self.trailers}"


def take_request(data):
    """(Message, the bytes behind it)."""
    head, rest = _take_head(data, _REQUEST_LINE)
    hosts = head.all("host")
    if len(hosts) > 1 or (not hosts and head.line.endswith(b"1.1")):
        raise Malformed(f"{len(hosts)} Host fields: {head}")
    return _take_body(head, rest, none_without_length=True)


def take_answer(data, to_head=False, ended=False):
    """(Message, the bytes behind it). to_head: it answers HEAD. ended: the connection has."""
    head, rest = _take_head(data, _STATUS_LINE)
    if head.status < 200 or head.status in (204, 304) or to_head:
        _framing_of(head)
        if head.status < 200 or head.status == 204:
            if head.all("content-length") or head.all("transfer-encoding"):
                raise Malformed(f"framing fields in {head.line!r} (RFC 9110 8.6, RFC 9112 6.1)")
        return head, rest
    message, rest = _take_body(head, rest, none_without_length=False)
    if message.framing == "until_close":
        message.complete = ended
    return message, rest


def _take_head(data, start):
    end = data.find(b"\r\n\r\n")
    head = data if end < 0 else data[:end]
    if re.search(rb"(?<!\r)\n|\r(?!\n)", head[:-1] if end < 0 and head.endswith(b"\r") else head):
        raise Malformed(f"a bare CR or LF in {head!r}")
    if end < 0:
        raise Incomplete
    first, *lines = head.split(b"\r\n")
    if not start.fullmatch(first):
        raise Malformed(f"start line {first!r}")
    return Message(first, _fields(lines)), data[end + 4:]


def _fields(lines):
    pairs = []
    for line in lines:
        match = _FIELD.fullmatch(line)
        if not match:
            raise Malformed(f"field line {line!r}")
        pairs.append((match[1], match[2].rstrip(b" \t")))
    return pairs


def _framing_of(head):
    lengths, codings = head.all("content-length"), head.all("transfer-encoding")
    if len(lengths) + len(codings) > 1:
        raise Malformed(f"framed more than once: {head}")
    if codings and (codings[0] != b"chunked" or head.line.endswith(b" HTTP/1.0")):
        raise Malformed(f"Transfer-Encoding {codings[0]!r}")
    if lengths and not re.fullmatch(rb"[0-9]{1,19}", lengths[0]):
        raise Malformed(f"Content-Length {lengths[0]!r}")
    return int(lengths[0]) if lengths else "chunked" if codings else None


def _take_body(head, rest, none_without_length):
    framing = _framing_of(head)
    if framing == "chunked":
        head.framing = "chunked"
        return head, _take_chunks(head, rest)
    if framing is None:
        if none_without_length:
            return head, rest
        head.framing, head.body = "until_close", bytes(rest)
        return head, b""
    head.framing = "length"
    if len(rest) < framing:
        raise Incomplete
    head.body = bytes(rest[:framing])
    return head, rest[framing:]


def _take_line(data):
    line, mark, rest = data.partition(b"\r\n")
    if re.search(rb"[\r\n]", line[:-1] if not mark else line):
        raise Malformed(f"a bare CR or LF in {line!r}")
    if not mark:
        raise Incomplete
    return line, rest


def _take_chunks(message, rest):
    pieces = message.chunks
    while True:
        line, rest = _take_line(rest)
        match = _CHUNK_LINE.fullmatch(line)
        if not match:
            raise Malformed(f"chunk line {line!r}")
        size = int(match[1], 16)
        if size == 0:
            break
        if len(rest) < size + 2:
            raise Incomplete
        if rest[size:size + 2] != b"\r\n":
            raise Malformed(f"no CRLF behind a chunk: {rest[size:size + 2]!r}")
        pieces.append(bytes(rest[:size]))
        rest = rest[size + 2:]
    message.body = b"".join(pieces)
    lines = []
    while True:
        line, rest = _take_line(rest)
        if not line:
            message.trailers = _fields(lines)
            return rest
        lines.append(line)
