# SPDX-License-Identifier: MIT

"""Connections in memory between Python's ssl module and tlsloop, each as
client and as server."""

import sys

sys.dont_write_bytecode = True

import ssl  # noqa: E402
import warnings  # noqa: E402

# Importing it ends the script where the library cannot be loaded.
import tlsloop_ffi as tlsloop  # noqa: E402
from harness import *  # noqa: E402,F403
from link import End, Link  # noqa: E402
from steps import VERSIONS_OF, version_of  # noqa: E402
from tape import WANT_READ, Tape, outcome  # noqa: E402

DONE = (("ok", None), ("ok", None))
ROLES = ((ssl, tlsloop), (tlsloop, ssl))
SIZES = (1, 16384, 16385, 1000003)


def cases():
    """Who is the client, who the server, and which version they speak."""
    for client, server in ROLES:
        for version in VERSIONS:
            yield client, server, version


def contexts(certs, client, server, version, cert="server.pem"):
    """A context for each side."""
    made = (Tape(client).context(),
            Tape(server).context("PROTOCOL_TLS_SERVER"))
    for m, ctx in zip((client, server), made):
        only = version_of(m, VERSIONS_OF[version])
        ctx.minimum_version = ctx.maximum_version = only
    made[0].load_verify_locations(certs("root.pem"))
    if cert is not None:
        made[1].load_cert_chain(certs(cert))
    return made


def linked(client, server, made, hostname="localhost", session=None):
    return Link(End(client, made[0], server_hostname=hostname,
                    session=session),
                End(server, made[1], server_side=True))


def demand(certs, ctx, mode=2):
    ctx.verify_mode = mode
    ctx.load_verify_locations(certs("root.pem"))


def exchange(link):
    """Data goes both ways and arrives as it was."""
    for size in SIZES:
        data = pattern(size)
        for from_end, to in ((link.client, link.server),
                             (link.server, link.client)):
            equal(from_end.obj.write(data), size, "what was written")
            link.move()
            back = b""
            while len(back) < size:
                part = to.obj.read(65536)
                need(part, "an end instead of data")
                back += part
            need(back == data, f"{size} bytes have changed")
    # The answer to the first record was a ticket or nothing.
    link.move()


def close(link):
    """An orderly end, which the client begins."""
    equal(link.take(link.client), WANT_READ, "before the end")
    equal(outcome(link.client.obj.unwrap), WANT_READ, "the client's end")
    equal(link.take(link.server), ("ok", b""), "what the server hears")
    equal(outcome(link.server.obj.unwrap), ("ok", None), "the server's end")
    link.move()
    equal(outcome(link.client.obj.unwrap), ("ok", None), "the end of all")


def test_connections(certs):
    """They shake hands, agree on the same facts, carry data, and close."""
    for client, server, version in cases():
        made = contexts(certs, client, server, version)
        link = linked(client, server, made)
        equal(link.shake(), DONE, f"the handshakes of {version}")
        ends = link.client.obj, link.server.obj
        for what in ("version", "cipher", "compression"):
            facts = [getattr(end, what)() for end in ends]
            equal(facts[0], facts[1], what)
        equal(ends[0].version(), f"TLSv{version}", "the version")
        if version == "1.2":
            unique = [end.get_channel_binding("tls-unique") for end in ends]
            equal(unique[0], unique[1], "the channel binding")
        own = ssl.PEM_cert_to_DER_cert(read_first(certs("server.pem")))
        equal(ends[0].getpeercert(True), own, "the certificate")
        equal(ends[1].getpeercert(), None, "the client's certificate")
        exchange(link)
        close(link)
        link.forget()


def read_first(path):
    """The first certificate of a file."""
    with open(path, encoding="ascii") as file:
        text = file.read()
    return text[:text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)]


def test_keys(certs):
    """Each kind of key serves."""
    for client, server, version in cases():
        for cert in ("server.pem", "rsa.pem"):
            made = contexts(certs, client, server, version, cert)
            link = linked(client, server, made)
            equal(link.shake(), DONE, cert)
            exchange(link)
            link.forget()


def test_refused_servers(certs):
    """A client refuses a bad server with the same code, and tells it why."""
    expected = {"other.pem": (20, "UNKNOWN_CA"),
                "expired.pem": (10, "CERTIFICATE_EXPIRED"),
                "wrong-host.pem": (62, "BAD_CERTIFICATE"),
                "self-signed.pem": (18, "UNKNOWN_CA"),
                "purpose.pem": (26, "UNSUPPORTED_CERTIFICATE")}
    for client, server, version in cases():
        for cert, (code, alert) in expected.items():
            made = contexts(certs, client, server, version, cert)
            link = linked(client, server, made)
            refusal, told = link.shake()
            equal(refusal[0], "verify", f"{cert} at the client: {refusal}")
            equal(refusal[3], code, f"the code of {cert}")
            if told[0] == "ok":
                told = link.take(link.server)
            equal(told[:2], ("error", "SSL"), f"{cert} at the server")
            need(told[2].endswith("ALERT_" + alert), f"{cert}: {told}")
            link.forget()


def test_client_certificates(certs):
    """A server gets the certificate that it asks for."""
    for client, server, version in cases():
        for mode in (1, 2):
            made = contexts(certs, client, server, version)
            demand(certs, made[1], mode)
            made[0].load_cert_chain(certs("client.pem"))
            link = linked(client, server, made)
            equal(link.shake(), DONE, "with a certificate")
            name = dict(server_name(link.server.obj.getpeercert()))
            equal(name, {"commonName": "client"}, "who it is")
            exchange(link)
            link.forget()


def server_name(cert):
    return [part for rdn in cert["subject"] for part in rdn]


def test_missing_client_certificates(certs):
    """Who has no certificate is refused where it is demanded, and only there.
    """
    for client, server, version in cases():
        made = contexts(certs, client, server, version)
        demand(certs, made[1], 1)
        link = linked(client, server, made)
        equal(link.shake(), DONE, "where it is optional")
        equal(link.server.obj.getpeercert(), None, "nobody")
        link.forget()

        made = contexts(certs, client, server, version)
        demand(certs, made[1])
        link = linked(client, server, made)
        told, refusal = link.shake()
        equal(refusal, ("error", "SSL", "PEER_DID_NOT_RETURN_A_CERTIFICATE"),
              "where it is demanded")
        if told[0] == "ok":
            told = link.take(link.client)
        wanted = {"1.2": "SSLV3_ALERT_HANDSHAKE_FAILURE",
                  "1.3": "TLSV13_ALERT_CERTIFICATE_REQUIRED"}
        equal(told, ("error", "SSL", wanted[version]), "what the client hears")
        link.forget()


def test_resumption(certs):
    """A session is resumed, twice, and both sides know."""
    for client, server, version in cases():
        made = contexts(certs, client, server, version)
        link = linked(client, server, made)
        equal(link.shake(), DONE, "the first handshakes")
        exchange(link)
        session = link.client.obj.session
        need(session.has_ticket, "there is no ticket")
        for _ in range(2):
            again = linked(client, server, made, session=session)
            equal(again.shake(), DONE, "the next handshakes")
            need(again.client.obj.session_reused, "the client began anew")
            need(again.server.obj.session_reused, "the server began anew")
            exchange(again)
            again.forget()
        link.forget()


def test_protocols(certs):
    """The server chooses the protocol by its own order."""
    for client, server, version in cases():
        for theirs, ours, chosen in ((["a", "b"], ["b", "a"], "b"),
                                     (["a"], ["b"], None),
                                     (["a"], [], None), ([], ["a"], None)):
            made = contexts(certs, client, server, version)
            made[0].set_alpn_protocols(theirs)
            made[1].set_alpn_protocols(ours)
            link = linked(client, server, made)
            equal(link.shake(), DONE, "the handshakes")
            for end in (link.client, link.server):
                equal(end.obj.selected_alpn_protocol(), chosen, "the protocol")
            link.forget()


def test_names(certs):
    """The server is told the name, and may change its context or refuse."""
    for client, server, version in cases():
        for name, other in (("localhost", False), ("example.org", True)):
            made = contexts(certs, client, server, version)
            spare = contexts(certs, client, server, version,
                             "wrong-host.pem")[1]
            asked = []

            def answer(name, obj, asked=asked, spare=spare):
                asked.append(name)
                if name == "example.org":
                    obj.context = spare
                return 0

            on_name(server, made[1], answer)
            link = linked(client, server, made, name)
            equal(link.shake(), DONE, f"the handshakes for {name}")
            equal(asked, [name], "the names")
            exchange(link)
            link.forget()

        made = contexts(certs, client, server, version)
        on_name(server, made[1], lambda name, obj: 112)
        link = linked(client, server, made)
        told, refusal = link.shake()
        equal(refusal[0], "error", "the server's refusal")
        equal(told, ("error", "SSL", "TLSV1_UNRECOGNIZED_NAME"),
              "what the client hears")
        link.forget()


def on_name(m, ctx, answer):
    if m is tlsloop:
        ctx.set_sni(answer)
    else:
        ctx.sni_callback = lambda obj, name, _: answer(name, obj) or None


def test_late_certificates(certs):
    """A server asks for the certificate after the handshake."""
    for client, server in ROLES:
        made = contexts(certs, client, server, "1.3")
        demand(certs, made[1])
        made[0].load_cert_chain(certs("client.pem"))
        for ctx in made:
            ctx.post_handshake_auth = True
        link = linked(client, server, made)
        equal(link.shake(), DONE, "the handshakes")
        equal(link.server.obj.getpeercert(), None, "nobody yet")
        link.server.obj.verify_client_post_handshake()
        equal(link.say(link.server, link.client, b"who?"), ("ok", b"who?"),
              "the question")
        equal(link.say(link.client, link.server, b"me"), ("ok", b"me"),
              "the answer")
        name = dict(server_name(link.server.obj.getpeercert()))
        equal(name, {"commonName": "client"}, "who it is")
        exchange(link)
        link.forget()


def test_shared_keys(certs):
    """They need no certificates when they share a key, and refuse another."""
    if not hasattr(ssl.SSLContext, "set_psk_client_callback"):
        print("this Python has no PSK")
        return
    for client, server, version in cases():
        for key in (b"secret" * 6, b"another"):
            made = contexts(certs, client, server, version, cert=None)
            made[0].check_hostname = False
            made[0].verify_mode = 0
            if version == "1.2":
                for ctx in made:
                    ctx.set_ciphers("ECDHE-PSK-AES128-CBC-SHA256")
            hints = []

            def who(hint, hints=hints):
                hints.append(hint)
                return "somebody", b"secret" * 6

            made[0].set_psk_client_callback(who)
            made[1].set_psk_server_callback(lambda name, key=key: key, "hint")
            link = linked(client, server, made)
            found = link.shake()
            equal(set(hints), {"hint" if version == "1.2" else None},
                  "the hint")
            if key == b"another":
                need(found[1][0] == "error", f"another key: {found}")
            else:
                equal(found, DONE, "the handshakes")
                exchange(link)
            link.forget()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if ssl.OPENSSL_VERSION != tlsloop.OPENSSL_VERSION:
        print(f"Python has {ssl.OPENSSL_VERSION}")
    main(globals(), limit=120)
