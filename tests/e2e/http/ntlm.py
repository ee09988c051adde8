"""NTLMv2 (MS-NLMP), both sides, as much as HTTP authentication needs."""

import hashlib
import hmac
import os
import struct
import time

_SIGNATURE = b"NTLMSSP\0"
# UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_TYPE_DOMAIN, EXTENDED_SESSIONSECURITY, TARGET_INFO, 128, 56
_FLAGS = 0x1 | 0x4 | 0x200 | 0x8000 | 0x10000 | 0x80000 | 0x800000 | 0x20000000 | 0x80000000


def message_type(token):
    return struct.unpack_from("<I", token, 8)[0] if token.startswith(_SIGNATURE) and len(token) >= 12 else 0


def negotiate():
    """Type 1, of a client that tells its version (0x2000000): Windows 7."""
    flags = _FLAGS & ~0x10000 & ~0x800000 | 0x2000000
    return _SIGNATURE + struct.pack("<II", 1, flags) + bytes(16) + b"\x06\x01\xb1\x1d\0\0\0\x0f"


def challenge(domain, nonce):
    """Type 2, of a server. nonce: 8 bytes."""
    name = domain.encode("utf-16-le")
    since_1601 = int((time.time() + 11644473600) * 10**7)
    info = b"".join(struct.pack("<HH", kind, len(value)) + value for kind, value in (
        (2, name), (1, "EX01".encode("utf-16-le")), (7, struct.pack("<Q", since_1601)), (0, b"")))
    return (_SIGNATURE + struct.pack("<IHHII", 2, len(name), len(name), 56, _FLAGS) + nonce + bytes(8)
            + struct.pack("<HHI", len(info), len(info), 56 + len(name)) + bytes(8) + name + info)


def authenticate(token, user, domain, password):
    """Type 3, of a client, for the server's type 2."""
    nonce = token[24:32]
    length, _, offset = struct.unpack_from("<HHI", token, 40)
    since_1601 = int((time.time() + 11644473600) * 10**7)
    blob = b"\1\1" + bytes(6) + struct.pack("<Q", since_1601) + os.urandom(8) + bytes(4) + token[offset:offset + length] + bytes(4)
    proof = _proof(user, domain, password, nonce, blob)
    payload, fields = b"", b""
    for value in (bytes(24), proof + blob, domain.encode("utf-16-le"), user.encode("utf-16-le"), "PHONE".encode("utf-16-le"), b""):
        fields += struct.pack("<HHI", len(value), len(value), 64 + len(payload))
        payload += value
    return _SIGNATURE + struct.pack("<I", 3) + fields + struct.pack("<I", _FLAGS) + payload


def verified_user(token, nonce, passwords):
    """The user whose password made this type 3 for this nonce; None when nobody's did."""
    def field(at):
        length, _, offset = struct.unpack_from("<HHI", token, at)
        return token[offset:offset + length]
    response, domain, user = field(20), field(28).decode("utf-16-le"), field(36).decode("utf-16-le")
    if user not in passwords or len(response) <= 24:  # 24 bytes: NTLMv1
        return None
    right = hmac.compare_digest(response[:16], _proof(user, domain, passwords[user], nonce, response[16:]))
    return user if right else None


def _proof(user, domain, password, nonce, blob):
    key = _hmac(md4(password.encode("utf-16-le")), (user.upper() + domain).encode("utf-16-le"))
    return _hmac(key, nonce + blob)


def _hmac(key, data):
    return hmac.new(key, data, hashlib.md5).digest()


def md4(data):
    """RFC 1320; OpenSSL 3 has it in its legacy provider only."""
    mask = 0xFFFFFFFF
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + struct.pack("<Q", len(data) * 8)
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    rounds = (
        (lambda x, y, z: (x & y) | (~x & z), 0, range(16), (3, 7, 11, 19)),
        (lambda x, y, z: (x & y) | (x & z) | (y & z), 0x5A827999, [i // 4 + i % 4 * 4 for i in range(16)], (3, 5, 9, 13)),
        (lambda x, y, z: x ^ y ^ z, 0x6ED9EBA1, [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], (3, 9, 11, 15)))
    for at in range(0, len(padded), 64):
        words = struct.unpack_from("<16I", padded, at)
        a, b, c, d = state
        for mix, constant, order, turns in rounds:
            for step, index in enumerate(order):
                total = (a + (mix(b, c, d) & mask) + words[index] + constant) & mask
                turn = turns[step % 4]
                a, b, c, d = d, ((total << turn) | (total >> (32 - turn))) & mask, b, c
        state = [(old + new) & mask for old, new in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)
