# SPDX-License-Identifier: MIT

"""Our certificates and those of Python's ssl module, field by field."""

import hashlib
import json
import random
import ssl
import sys
import warnings

sys.dont_write_bytecode = True

import der  # noqa: E402
from der import attr, cert, dir_name, integer, name, san, tlv  # noqa: E402
from harness import *  # noqa: E402,F403

TOOL = built("tests/interop/cert-tool")
BAD = "TLSLOOP_EBADCERT"
CN, O, OU, C, UNIQUE = "2.5.4.3", "2.5.4.10", "2.5.4.11", "2.5.4.6", "2.5.4.45"

try:
    from _ssl import _test_decode_cert as decode
except ImportError:
    skip("this Python does not decode certificates in files")

CONFIG = """
[req]
distinguished_name = name
x509_extensions = ext
prompt = no
string_mask = default
utf8 = yes
[name]
C = DE
0.O = B\u00fccher
+0.OU = first
+1.OU = second
1.O = \u4f8b\u5b50
emailAddress = user@a.example
DC = example
1.2.3.4.5.6 = unknown
CN = \U0001f600
[ext]
subjectAltName = @san
authorityInfoAccess = @aia
crlDistributionPoints = one, two, three
certificatePolicies = 1.2.3.4
[san]
DNS.1 = a.example
DNS.2 = *.b.example
IP.1 = 192.0.2.255
IP.2 = 2001:DB8::A:0
email.1 = user@a.example
email.2 = copy
URI = https://a.example/?q=a,b
RID.1 = 1.2.3.4.99999999999999
RID.2 = 1.3.6.1.5.5.7.3.1
dirName.1 = dir
otherName.1 = 1.3.6.1.4.1.311.20.2.3;UTF8:user@a.example
otherName.2 = 1.3.6.1.5.5.7.8.5;UTF8:xmpp.example
otherName.3 = 1.3.6.1.5.5.7.8.7;IA5:_xmpp.a.example
otherName.4 = 1.3.6.1.5.5.7.8.9;UTF8:\u00fc@a.example
otherName.5 = 1.2.3.4;UTF8:unknown
otherName.6 = 1.2.3.4;SEQUENCE:nothing
[nothing]
[dir]
C = DE
O = Example
CN = nested
[aia]
OCSP;URI.1 = http://ocsp1.example/
OCSP;URI.2 = http://ocsp2.example/
OCSP;DNS.1 = ocsp3.example
caIssuers;URI.1 = http://ca.example/a.cer
caRepository;URI.1 = http://ca.example/
[one]
fullname = URI:http://crl.example/1, DNS:crl.example, URI:http://crl.example/2
[two]
reasons = keyCompromise
CRLissuer = dirName:dir
[three]
relativename = relative
[relative]
CN = relative
"""


def ours(verb, contents, certs):
    """What cert-tool says of each of |contents|, files that have these."""
    paths = []
    for index, content in enumerate(contents):
        paths.append(certs(f"{verb}-{index}"))
        with open(paths[-1], "wb") as file:
            file.write(content)
    result = run([TOOL, verb, *paths])
    succeeded(result, f"cert-tool {verb}")
    return result.stdout.decode().splitlines(), paths


def plain(value):
    """What Python says as JSON has it, bytes as ours has them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value


def theirs(path):
    """What Python makes of a file; None when it refuses it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return plain(decode(path))
    except (OSError, ValueError):
        return None


def compare(ders, certs, what):
    """Asserts that both say the same of all |ders|."""
    lines, paths = ours("json", map(der.pem, ders), certs)
    equal(len(lines), len(paths), f"{what}: lines")
    for line, path in zip(lines, paths):
        wanted = theirs(path)
        need(wanted is not None, f"{what}: Python refuses what is {line}")
        need(line.startswith("{"), f"{what}: {line} instead of {wanted}")
        got = json.loads(line)
        equal(got, wanted, what)
        equal(list(got), list(wanted), f"{what}: the order")


def read_der(path):
    """The DER of the first certificate of a PEM file."""
    with open(path, encoding="ascii") as file:
        text = file.read()
    text = text[text.index(ssl.PEM_HEADER) :]
    text = text[: text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)]
    return ssl.PEM_cert_to_DER_cert(text)


def test_pki(certs):
    """Certificates of an authority are what Python says they are."""
    names = ["root", "other-root", "server", "rsa", "client", "other"]
    names += ["expired", "wrong-host", "self-signed"]
    compare([read_der(certs(f"{n}.pem")) for n in names], certs, "the pki")


def test_openssl(certs):
    """A certificate with all that OpenSSL can put in one is read alike."""
    with open(certs("odd.cnf"), "w", encoding="utf-8") as file:
        file.write(CONFIG)
    for mask in ("default", "nombstr", "utf8only", "pkix", "MASK:0x800"):
        config = CONFIG.replace("string_mask = default", f"string_mask = {mask}")
        with open(certs("odd.cnf"), "w", encoding="utf-8") as file:
            file.write(config)
        command = [need_tool("openssl"), "req", "-x509", "-config"]
        command += [certs("odd.cnf"), "-newkey", "ed25519", "-nodes"]
        command += ["-keyout", certs("odd.key"), "-out", certs("odd.pem")]
        result = run([*command, "-set_serial", "0x8123456789abcdef"])
        if mask in ("nombstr", "MASK:0x800") and result.returncode != 0:
            continue  # not every mask has a string for all of these
        succeeded(result, "openssl req")
        compare([read_der(certs("odd.pem"))], certs, f"string_mask {mask}")


def test_names(certs):
    """Names of all types and of any shape are read alike."""
    values = [
        attr(CN, b""),
        attr(CN, b"good.example\0.evil.example"),
        attr(CN, "\u00fc\u4f8b\U0001f600\x7f\x80\u2028\"\\".encode()),
        attr(CN, b"\0K\0\xf6\x4f\x8b", der.BMP),
        attr(CN, b"\0a\0\0\0b", der.BMP),
        attr(CN, b"\0\1\xf6\0\0\0\0a", der.UNIVERSAL),
        attr(CN, b"\xe9t\xe9\0", der.T61),
        attr(CN, b"ia5\xff", der.IA5),
        attr(CN, b"printable*", der.PRINTABLE),
        attr(CN, b"12 34", der.NUMERIC),
        attr("1.2.3.4.5", b"unknown"),
        attr("2.999.18446744073709551616", b"large"),
        attr("2.5.4.9", b"street"),
        attr("0.9.2342.19200300.100.1.25", b"example", der.IA5),
        attr("1.2.840.113549.1.9.1", b"user@a.example", der.IA5),
    ]
    subjects = [name(value) for value in values]
    subjects += [name(), name(*values), name(values), name([], values[:2], [])]
    subjects += [name(values[:1], values[1:4], values[4:5])]
    compare([cert(subject=s) for s in subjects], certs, "names")
    compare([cert(san(dir_name(v))) for v in values], certs, "dirName")


def test_bits(certs):
    """A BIT STRING in a name is bytes, as newer Pythons have it."""
    odd = cert(subject=name(attr(UNIQUE, b"\0\xa1\xff", der.BITS)))
    lines, paths = ours("json", [der.pem(odd)], certs)
    got = json.loads(lines[0])
    wanted = [[["x500UniqueIdentifier", {"bytes": "a1ff"}]]]
    equal(got["subject"], wanted, "bits")
    if theirs(paths[0]) is not None:
        equal(got, theirs(paths[0]), "what Python says")


def test_sans(certs):
    """Alternative names of all types are read alike."""
    names = [
        tlv(der.DNS, b"a.example"),
        tlv(der.DNS, b"good.example\0.evil.example"),
        tlv(der.DNS, b""),
        tlv(der.DNS, b"\r\n\t\x1b[31m\x7f"),
        tlv(der.DNS, "\u00fc\u2029\U0010ffff".encode()),
        tlv(der.EMAIL, b"a@b\0.evil"),
        tlv(der.URI, b"http://a.example/\0\xc2\x9b"),
        tlv(der.IP, bytes([192, 0, 2, 255])),
        tlv(der.IP, bytes(16)),
        tlv(der.IP, bytes(range(0, 256, 17))),
        tlv(der.IP, b"\x20\1\x0d\xb8" + bytes(11) + b"\1"),
        tlv(der.IP, b""),
        tlv(der.IP, bytes(8)),
        tlv(der.IP, bytes(17)),
        tlv(der.RID, der.oid_bytes("1.2.3.4.5")),
        tlv(der.RID, der.oid_bytes("2.5.4.3")),
        tlv(der.RID, der.oid_bytes("2.999.99999999999999999999999999")),
        der.other_name(der.UPN, b"user@a.example"),
        der.other_name(der.UPN, b"a:b:c"),
        der.other_name(der.UPN, b"ia5", der.IA5),
        der.other_name("1.3.6.1.5.5.7.8.7", b"_srv.a.example", der.IA5),
        der.other_name("1.3.6.1.5.5.7.8.8", b"realm"),
        der.other_name("1.2.3.4", b"unknown"),
        der.other_name("1.2.3.4", b"", der.SEQUENCE),
        tlv(der.X400, tlv(der.SEQUENCE)),
        tlv(der.EDI, tlv(0xA1, tlv(der.UTF8, b"party"))),
        dir_name(),
        dir_name(attr(C, b"DE", der.PRINTABLE), [attr(O, b"o"), attr(CN, b"\0")]),
    ]
    ders = [cert(san(n)) for n in names]
    ders += [cert(san(*names)), cert(san()), cert()]
    compare(ders, certs, "alternative names")


def test_uris(certs):
    """URIs of OCSP, issuers and revocation lists are read alike."""
    uri = tlv(der.URI, b"http://a.example/\0x")
    other = tlv(der.DNS, b"a.example")
    empty = tlv(der.SEQUENCE)
    reasons = tlv(der.SEQUENCE, tlv(0x81, b"\0\x80"))
    issuer = tlv(der.SEQUENCE, tlv(0xA2, dir_name(attr(CN, b"x"))))
    extensions = [
        der.access(),
        der.access((der.OCSP, uri)),
        der.access((der.CA_ISSUERS, uri), (der.OCSP, uri), (der.OCSP, uri)),
        der.access((der.OCSP, other), (der.CA_ISSUERS, other)),
        der.access(("1.2.3.4", uri), (der.CA_ISSUERS, uri)),
        der.points(),
        der.points(empty),
        der.points(empty, der.point(uri), reasons, issuer, empty),
        der.points(der.point()),
        der.points(der.point(other)),
        der.points(der.point(uri, other, uri), der.point(uri)),
    ]
    compare([cert(e) for e in extensions], certs, "URIs")
    both = cert(der.points(der.point(uri)), der.access((der.OCSP, uri)), san())
    compare([both], certs, "all extensions")


def test_serials(certs):
    """Serial numbers, versions and hashes are what Python says they are."""
    numbers = [0, 1, 9, 10, 0x7F, 0x80, 0xFF, 0x100, 0xABCDEF, 2**159 + 1]
    numbers += [-1, -127, -128, -129, -0x8000, -(2**159), 2 ** (8 * 34)]
    ders = [cert(serial=integer(n)) for n in numbers]
    ders += [cert(version=v) for v in (None, *map(integer, (0, 1, 3, 99)))]
    compare(ders, certs, "serial numbers and versions")
    lines, _ = ours("serial", ders, certs)
    for line, data in zip(lines, ders):
        wanted = hashlib.sha256(data).hexdigest()[:16]
        equal(line.split()[3], wanted, "the hash")


def test_times(certs):
    """Times are told as Python tells them, as text and as seconds."""
    texts = ["180105093443Z", "491231235959Z", "500101000000Z", "000229120000Z"]
    times = [tlv(der.UTC, t.encode()) for t in texts]
    texts = ["19000301000000Z", "19691231235959Z", "20180105093443Z"]
    texts += ["00010101000000Z", "09991231235959Z", "99991231235959Z"]
    times += [tlv(der.GENERALIZED, t.encode()) for t in texts]
    ders = [cert(before=t, after=times[0]) for t in times]
    ders += [cert(before=times[0], after=t) for t in times]
    compare(ders, certs, "times")

    lines, paths = ours("serial", ders, certs)
    for line, data in zip(lines, ders):
        with open(paths[0], "wb") as file:
            file.write(der.pem(data))
        wanted = theirs(paths[0])
        for key, seconds in zip(("notBefore", "notAfter"), line.split()[1:3]):
            text = wanted[key]
            # Before the year 1000 the text is not one that Python reads.
            if len(text) == 24:
                equal(int(seconds), ssl.cert_time_to_seconds(text), text)


def test_refusals(certs):
    """What Python leaves out or stumbles over is an error, or bytes."""
    broken = tlv(der.SEQUENCE)[:1] + b"\5"
    bad = [
        cert(der.extension(der.SAN, broken)),
        cert(der.extension(der.AIA, broken)),
        cert(der.extension(der.CRL, broken)),
        cert(san(), san()),
        cert(before=tlv(der.UTC, b"never")),
        cert(version=integer(-1)),
        cert(version=integer(2**70)),
        cert(subject=name(attr(CN, b"\xff"))),
        cert(subject=name(attr(CN, b"\0", der.BMP))),
        cert(subject=name(attr("1.2" + 1000 * ".1", b"x"))),
        cert(san(tlv(0x89, b"x"))),
        b"",
        b"\x30\x00",
        cert()[:-1],
        cert() + cert(),
    ]
    lines, _ = ours("json", map(der.pem, bad[:-1]), certs)
    for index, line in enumerate(lines):
        equal(line, BAD, f"refusal {index}")
    equal(ours("serial", bad[-1:], certs)[0], [BAD], "two certificates")

    odd = cert(san(tlv(der.DNS, b"a\xffb"), tlv(der.URI, b"\xed\xa0\x80")))
    lines, paths = ours("json", [der.pem(odd)], certs)
    wanted = [["DNS", {"bytes": "61ff62"}], ["URI", {"bytes": "eda080"}]]
    equal(json.loads(lines[0])["subjectAltName"], wanted, "bytes")
    equal(theirs(paths[0]), None, "what Python says of them")


def mutants(count):
    """Certificates, each with a few bytes changed; always the same ones."""
    chance = random.Random(20180105)
    uri = tlv(der.URI, b"http://a.example/")
    origin = cert(
        san(tlv(der.DNS, b"a.example"), dir_name(attr(CN, b"a")),
            tlv(der.IP, bytes(4)), tlv(der.RID, der.oid_bytes("1.2.3.4")),
            der.other_name(der.UPN, b"user@a.example")),
        der.access((der.OCSP, uri), (der.CA_ISSUERS, uri)),
        der.points(der.point(uri), tlv(der.SEQUENCE)),
        subject=name(attr(C, b"DE"), [attr(O, b"o"), attr(OU, b"u")]),
    )  # fmt: skip
    for _ in range(count):
        mutant = bytearray(origin)
        for _ in range(chance.choice((1, 1, 2, 3))):
            mutant[chance.randrange(len(mutant))] ^= 1 << chance.randrange(8)
        yield bytes(mutant)


def test_mutants(certs):
    """Of a damaged certificate both say the same, or one of them refuses."""
    same = refusals = 0
    lines, paths = ours("json", map(der.pem, mutants(1500)), certs)
    for line, path in zip(lines, paths):
        wanted = theirs(path)
        if line == BAD:
            refusals += 1
            continue
        got = json.loads(line)
        if wanted is None:
            need("bytes" in line, f"Python refuses {line}")
        else:
            equal(got, wanted, "a mutant")
            same += 1
    need(same > 100, f"only {same} of them were read")
    need(refusals > 100, f"only {refusals} of them were refused")


def time_texts(count):
    chance = random.Random(19700101)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    for _ in range(count):
        text = (
            f"{chance.choice(months)} {chance.randrange(34):{chance.choice('2 02'.split())}}"
            f" {chance.randrange(26):02}:{chance.randrange(62):02}"
            f":{chance.randrange(63):02} {chance.randrange(10000):04} GMT"
        )
        for _ in range(chance.choice((0, 0, 1, 2))):
            at = chance.randrange(len(text) + 1)
            char = chance.choice(" \t\n\x1c:0123456789GMTgmtjJ-+.Z")
            cut = chance.choice((0, 1))
            text = text[:at] + char + text[at + cut :]
        yield text


def test_time_texts(certs):
    """The texts of times mean what they mean to Python, or nothing to both."""
    texts = list(time_texts(5000))
    data = b"".join(text.encode() + b"\0" for text in texts)
    lines, _ = ours("time", [data], certs)
    equal(len(lines), len(texts), "lines")
    good = 0
    for line, text in zip(lines, texts):
        try:
            wanted = str(ssl.cert_time_to_seconds(text))
            good += 1
        except ValueError:
            wanted = "UV_EINVAL"
        equal(line, wanted, repr(text))
    need(1000 < good < 4000, f"{good} of them are times")


def pem_texts(count):
    chance = random.Random(7468)
    for _ in range(count):
        data = bytes(chance.randrange(256) for _ in range(chance.randrange(70)))
        text = ssl.DER_cert_to_PEM_cert(data)
        for _ in range(chance.choice((0, 1, 2, 5))):
            at = chance.randrange(len(text) + 1)
            char = chance.choice("=====AZaz09+/-_ \n\r\t\0*-")
            text = text[:at] + char + text[at + chance.choice((0, 1)) :]
        yield text


def test_pem_texts(certs):
    """PEM becomes the DER that it becomes in Python, or is refused by both."""
    texts = list(pem_texts(1500))
    lines, _ = ours("to-der", [text.encode() for text in texts], certs)
    refusals = 0
    for line, text in zip(lines, texts):
        try:
            wanted = ssl.PEM_cert_to_DER_cert(text).hex()
        except ValueError:
            wanted = BAD
            refusals += 1
        equal(line, wanted, repr(text))
    need(100 < refusals < 1400, f"{refusals} of them are refused")


def test_der(certs):
    """DER of any length becomes the PEM that it becomes in Python."""
    ders = [bytes(range(256))[:size] for size in range(0, 200)]
    lines, _ = ours("to-pem", ders, certs)
    for line, data in zip(lines, ders):
        wanted = ssl.DER_cert_to_PEM_cert(data)
        equal(bytes.fromhex(line).decode(), wanted, f"{len(data)} bytes")


main(globals())
