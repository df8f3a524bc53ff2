# SPDX-License-Identifier: MIT

"""Certificates in DER, byte by byte, for what no program would make.

Their signatures are of nobody: they are there to be read, not to be believed.
"""

import base64

SEQUENCE, SET = 0x30, 0x31
UTF8, PRINTABLE, T61, IA5, NUMERIC = 0x0C, 0x13, 0x14, 0x16, 0x12
UNIVERSAL, BMP, BITS, OCTETS = 0x1C, 0x1E, 0x03, 0x04
UTC, GENERALIZED = 0x17, 0x18

# The tags of alternative names.
OTHER, EMAIL, DNS, X400, DIR, EDI, URI, IP, RID = (
    0xA0, 0x81, 0x82, 0xA3, 0xA4, 0xA5, 0x86, 0x87, 0x88,
)  # fmt: skip

UPN = "1.3.6.1.4.1.311.20.2.3"
OCSP, CA_ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
SAN, CRL, AIA = "2.5.29.17", "2.5.29.31", "1.3.6.1.5.5.7.1.1"


def tlv(tag, *parts):
    """A tag, a length, and the bytes of all |parts|."""
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return bytes([tag]) + length + value


def oid_bytes(dotted):
    first, second, *rest = map(int, dotted.split("."))
    value = b""
    for number in (40 * first + second, *rest):
        digits = [number & 0x7F]
        while number > 0x7F:
            number >>= 7
            digits.insert(0, 0x80 | number & 0x7F)
        value += bytes(digits)
    return value


def oid(dotted):
    return tlv(0x06, oid_bytes(dotted))


def integer(number):
    size = number.bit_length() // 8 + 1
    if number < 0:
        size = (number + 1).bit_length() // 8 + 1
    return tlv(0x02, number.to_bytes(size, "big", signed=True))


def attr(dotted, value, tag=UTF8):
    return tlv(SEQUENCE, oid(dotted), tlv(tag, value))


def name(*rdns):
    """A name; each of |rdns| is an attribute or a list of them."""
    sets = [[rdn] if isinstance(rdn, bytes) else rdn for rdn in rdns]
    return tlv(SEQUENCE, *(tlv(SET, *attrs) for attrs in sets))


def other_name(dotted, value, tag=UTF8):
    return tlv(OTHER, oid(dotted), tlv(0xA0, tlv(tag, value)))


def dir_name(*rdns):
    return tlv(DIR, name(*rdns))


def san(*names):
    return extension(SAN, tlv(SEQUENCE, *names))


def access(*pairs):
    """Methods and where each is."""
    entries = (tlv(SEQUENCE, oid(method), where) for method, where in pairs)
    return extension(AIA, tlv(SEQUENCE, *entries))


def point(*names):
    return tlv(SEQUENCE, tlv(0xA0, tlv(0xA0, *names)))


def points(*entries):
    return extension(CRL, tlv(SEQUENCE, *entries))


def extension(dotted, value):
    return tlv(SEQUENCE, oid(dotted), tlv(OCTETS, value))


def cert(
    *extensions,
    subject=None,
    serial=integer(1),
    before=tlv(UTC, b"180105093443Z"),
    after=tlv(GENERALIZED, b"99991231235959Z"),
    version=integer(2),
):
    """A certificate with an Ed25519 key."""
    ed25519 = tlv(SEQUENCE, oid("1.3.101.112"))
    issuer = name(attr("2.5.4.3", b"nobody"))
    fields = [tlv(0xA0, version)] if version else []
    fields += [serial, ed25519, issuer, tlv(SEQUENCE, before, after)]
    fields += [issuer if subject is None else subject]
    fields += [tlv(SEQUENCE, ed25519, tlv(BITS, bytes(33)))]
    if extensions:
        fields += [tlv(0xA3, tlv(SEQUENCE, *extensions))]
    signature = tlv(BITS, bytes(65))
    return tlv(SEQUENCE, tlv(SEQUENCE, *fields), ed25519, signature)


def pem(der):
    """|der| as a PEM certificate, for who reads only files of these."""
    text = base64.encodebytes(der).replace(b"\n", b"")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    marks = [b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"]
    return b"\n".join([marks[0], *lines, marks[1], b""])
