# SPDX-License-Identifier: MIT

"""Steps without connections: times, PEM, objects, constants, memory BIOs, and
the names of hosts."""

import ssl

import tlsloop_ffi as tlsloop
from steps import *  # noqa: F403


def helpers(t, certs):
    m = t.m
    for when in ("Jan  5 09:34:43 2018 GMT", "jan 5 9:4:3 2018 gmt",
                 "Feb 31 00:00:00 2018 GMT", "Dec 31 23:59:61 2018 GMT",
                 "Jan  1 00:00:00 1969 GMT", "Dec 31 23:59:59 9999 GMT",
                 "Jan  1 00:00:00 0001 GMT", "Jan  1 00:00:00 0000 GMT",
                 "Jan  5 09:34:43 2018", "Jan  5 09:34:43 2018 UTC",
                 " Jan 5 09:34:43 2018 GMT", "Jan  5 09:34 2018 GMT",
                 "Jon  5 09:34:43 2018 GMT", "Jan 32 09:34:43 2018 GMT",
                 "Jan  5 24:00:00 2018 GMT", "Jan  5 09:34:43 2018 GMT ", ""):
        t(f"time {when!r}", m.cert_time_to_seconds, when)

    pem, der = text(certs("root.pem")), read(certs("root.der"))
    for data in (b"", b"a", b"ab", b"x" * 48, b"x" * 49, der):
        t(f"PEM of {len(data)} bytes", m.DER_cert_to_PEM_cert, data)
    for label, data in (("PEM", pem), ("empty", ""), ("padded", pem + "\n "),
                        ("early", " " + pem), ("cut", pem[:-3]),
                        ("other", pem.replace("CERTIFICATE", "KEY")),
                        ("nothing", m.DER_cert_to_PEM_cert(b"")),
                        ("letters", pem.replace("\n", "\r\n")),
                        ("not ASCII", pem.replace("M", "\u00fc", 1))):
        t(f"DER of {label}", m.PEM_cert_to_DER_cert, data)

    t("random", lambda: len(m.RAND_bytes(100)))
    t("random nothing", m.RAND_bytes, 0)
    t("random status", lambda: bool(m.RAND_status()))
    t("random add", m.RAND_add, b"seed", 0.5)
    t("paths", lambda: tuple(m.get_default_verify_paths()))
    for number in range(-1, 20):
        if number != 1:
            t(f"protocol {number}", m.get_protocol_name, number)


def objects(t, _certs):
    if t.m is ssl:
        from _ssl import nid2obj, txt2obj
    else:
        from tlsloop_ffi import nid2obj, txt2obj

    def look(label, find, *args):
        found = outcome(find, *args)
        if found[0] == "ok":
            found = ("ok", tuple(part or "" for part in found[1]))
        t.note(label, found)

    for number in (-1, 0, 1, 13, 129, 130, 415, 1034, 100000):
        look(f"number {number}", nid2obj, number)
    for name in ("2.5.4.3", "1.3.6.1.5.5.7.3.1", "serverAuth", "commonName",
                 "CN", "cn", "TLS Web Server Authentication", "nonsense", "",
                 "1.2.3.4.5.6.7", "999.1"):
        look(f"identifier {name!r}", txt2obj, name)
        look(f"name {name!r}", lambda name=name: txt2obj(name, name=True))


def constants(t, _certs):
    """All of the numbers; tests/interop/constants.py has more about them."""
    for name in dir(ssl):
        value = getattr(ssl, name)
        if isinstance(value, int) and name in tlsloop.CONSTANTS:
            t(name, lambda name=name: int(getattr(t.m, name)))
    for name in ("OPENSSL_VERSION", "OPENSSL_VERSION_INFO",
                 "OPENSSL_VERSION_NUMBER"):
        t(name, lambda name=name: getattr(t.m, name))


def memory(t, _certs):
    bio = t.m.MemoryBIO()

    def look(label):
        t(f"{label}: pending", lambda: bio.pending)
        t(f"{label}: eof", lambda: bio.eof)

    look("new")
    t("read nothing", bio.read)
    t("write", bio.write, b"hello")
    t("write nothing", bio.write, b"")
    look("written")
    t("read 0", bio.read, 0)
    t("read 2", bio.read, 2)
    t("read more than there is", bio.read, 100)
    t("read at the end", bio.read, 1)
    t("write much", bio.write, b"x" * 100000)
    look("much")
    t("end", bio.write_eof)
    look("ended, not empty")
    t("write after the end", bio.write, b"x")
    t("write nothing after the end", bio.write, b"")
    t("read the rest", lambda: len(bio.read()))
    look("ended")
    t("read after the end", bio.read)
    t("end again", bio.write_eof)


def names(t, certs):
    """What may be the name of a server, and what it then is."""
    ctx = t.context()

    def name(text, differs=None):
        def doing():
            end = End(t.m, ctx, server_hostname=text)
            try:
                return end.obj.server_hostname
            finally:
                end.forget()
        t(f"name {text!r}", doing, differs=differs)

    strict = (135, "no host has such a name")
    for good in ("localhost", "Example.ORG", "my_host.example", "127.0.0.1",
                 "::1", "2001:DB8::A", "127.1", "1", "xn--bcher-kva.example",
                 "b\u00fccher.example", "k\u00f6nig", "\uff41.org",
                 "\uff11\uff12\uff17.0.0.1", "a" * 63, ".", "..", ".a",
                 "a..b", "a" * 64, "", "b\u00fc" + "c" * 80):
        name(good)
    name("example.org.", (136, "a dot at the end is dropped"))
    name("fa\u00df.de", (135, "IDNA 2008"))
    for bad in ("a b", "*.example.org", "a/b", "a@b"):
        name(bad, strict)
    for bad in ("[::1]", "fe80::1%lo", "example.org:443"):
        name(bad, (137, "brackets, zones and ports are no part of it"))

    server = t.context("PROTOCOL_TLS_SERVER")
    t("no name for a client that checks",
      lambda: End(t.m, ctx).obj.do_handshake(),
      differs=(111, "Python does not check then"))
    t("a name for a server", lambda: End(
        t.m, server, server_side=True, server_hostname="localhost")
      .obj.server_hostname, differs=(111, "a server has none"))
    t("a client's context as a server's",
      lambda: End(t.m, ctx, server_side=True))
    t("a server's context as a client's",
      lambda: End(t.m, server, server_hostname="localhost"))


SCRIPTS = (helpers, objects, constants, memory, names)
