# SPDX-License-Identifier: MIT

"""Steps with connections in memory: handshakes, data, ends, refusals, and what
is resumed."""

import ssl

from steps import *  # noqa: F403

OWN = (30, "its own failure again; Python forgets it")


def shake(t, label, link):
    """Makes the handshakes and lets both sides read: on TLS 1.3 a client that
    is done may still learn of its refusal."""
    found = link.shake()
    t.note(label, found)
    for side, end, own in (("client", link.client, found[0]),
                           ("server", link.server, found[1])):
        t(f"{label}: later {side}", lambda end=end: link.take(end),
          differs=None if own[0] == "ok" else OWN)
    return found


def facts(t, label, end, peer):
    """Everything that can be asked of a connection."""
    obj = end.obj
    for what in ("version", "cipher", "compression", "selected_alpn_protocol",
                 "pending", "shared_ciphers"):
        if MENDED or what != "shared_ciphers":
            t(f"{label}: {what}", getattr(obj, what))
    for what in ("server_side", "session_reused", "server_hostname"):
        if what == "server_hostname" and obj.server_side:
            continue
        t(f"{label}: {what}", lambda what=what: getattr(obj, what))
    for binary in (False, True):
        t(f"{label}: peer {binary}", obj.getpeercert, binary)
    if NEWER:
        t(f"{label}: sent chain", obj.get_unverified_chain)
        t(f"{label}: verified chain", obj.get_verified_chain)
    t(f"{label}: unknown binding", obj.get_channel_binding, "nonsense")
    if obj.version() == "TLSv1.3":
        t(f"{label}: unique", lambda: len(obj.get_channel_binding()),
          differs=(154, "TLS 1.3 leaves it undefined"))
    elif obj.version():
        t(f"{label}: unique", lambda: (
            obj.get_channel_binding() == peer.obj.get_channel_binding(),
            len(obj.get_channel_binding())))


def look_at_session(t, label, session, differs=None):
    t(f"{label}: session", lambda: (
        len(session.id), session.timeout, session.has_ticket,
        session.ticket_lifetime_hint, session.time > 10 ** 9), differs=differs)


def connections(t, certs):
    """A connection from its beginning to its end."""
    for version in VERSIONS:
        for late in (False, True):
            label = f"{version}{' with a client' if late else ''}"
            link = pair(t, certs, version,
                        client=show_certificate(certs) if late else None,
                        server=ask_for_certificate(certs) if late else None)
            whole_connection(t, label, link)
            for i, ctx in enumerate(link.contexts):
                t(f"{label}: statistics {i}", ctx.session_stats)
            link.forget()


def whole_connection(t, label, link):
    client, server = link.client, link.server
    t(f"{label}: no version yet", client.obj.version)
    t(f"{label}: no cipher yet", client.obj.cipher)
    t(f"{label}: no peer yet", client.obj.getpeercert)
    t(f"{label}: not shut down before", client.obj.unwrap,
      differs=(142, "UV_ENOTCONN, and it can go on; Python's is broken"))
    if t.m is ssl:
        # What it does to Python's is known; this one is to go on.
        link.client = client = End(
            t.m, link.contexts[0], server_hostname="localhost")
    t(f"{label}: first step", client.obj.do_handshake)
    t(f"{label}: shakes", link.shake)
    t(f"{label}: shakes again", client.obj.do_handshake)
    facts(t, f"{label}: client", client, server)
    facts(t, f"{label}: server", server, client)
    look_at_session(t, f"{label}: client", client.obj.session)

    t(f"{label}: writes nothing", client.obj.write, b"")
    t(f"{label}: nothing goes", lambda: client.outgoing.pending)
    t(f"{label}: there", lambda: link.say(client, server, b"hello"))
    t(f"{label}: and back", lambda: link.say(server, client, b"world"))
    t(f"{label}: nothing more", client.obj.read)
    look_at_session(t, f"{label}: client after reading", client.obj.session)
    t(f"{label}: a record", client.obj.write, b"x" * 20000)
    link.move()
    t(f"{label}: a part", lambda: len(server.obj.read(10)))
    t(f"{label}: pending", server.obj.pending)
    t(f"{label}: the rest of it", lambda: len(server.obj.read(50000)))
    t(f"{label}: nothing pending", server.obj.pending)
    t(f"{label}: the next", lambda: len(server.obj.read(50000)))
    t(f"{label}: no more", server.obj.read)

    t(f"{label}: client closes", client.obj.unwrap)
    t(f"{label}: writes no more", client.obj.write, b"late",
      differs=(146, "UV_EPIPE"))
    t(f"{label}: server is told", lambda: link.take(server))
    t(f"{label}: and again", lambda: link.take(server))
    t(f"{label}: server goes on", lambda: link.say(server, client, b"last"))
    t(f"{label}: server closes", server.obj.unwrap)
    link.move()
    t(f"{label}: client is done", client.obj.unwrap)
    t(f"{label}: closed is closed", client.obj.unwrap)
    t(f"{label}: version stays", client.obj.version)
    t(f"{label}: reads after both ends", client.obj.read,
      differs=(26, "UV_EOF each time; Python raises"))


def negotiations(t, certs):
    """What both sides agree on."""
    def alpn(names):
        return lambda ctx: ctx.set_alpn_protocols(names)

    for theirs, ours in ((["h2"], ["h2"]), (["a", "b"], ["b", "a"]),
                         (["a"], ["b"]), (["a"], []), ([], ["a"])):
        label = f"protocols {theirs} {ours}"
        link = pair(t, certs, client=alpn(theirs), server=alpn(ours))
        t(label, link.shake)
        t(f"{label}: client", link.client.obj.selected_alpn_protocol)
        t(f"{label}: server", link.server.obj.selected_alpn_protocol)
        link.forget()

    def only(names):
        return lambda ctx: ctx.set_ciphers(names)

    for theirs, ours in (("ECDHE+AES128", "ECDHE+AES256"),
                         ("ECDHE+AESGCM", "ECDHE+AES256:ECDHE+AES128")):
        label = f"ciphers {theirs} {ours}"
        link = pair(t, certs, "1.2", client=only(theirs), server=only(ours))
        done = shake(t, label, link)[1][0] == "ok"
        t(f"{label}: cipher", link.client.obj.cipher)
        if done and MENDED:
            t(f"{label}: shared", link.server.obj.shared_ciphers)
        link.forget()

    def bound(what, name):
        return lambda ctx: setattr(ctx, what, version_of(t.m, name))

    link = pair(t, certs, None, client=bound("maximum_version", "TLSv1_2"),
                server=bound("minimum_version", "TLSv1_3"))
    shake(t, "no version in common", link)
    link.forget()
    link = pair(t, certs, None, cert=None)
    shake(t, "no certificate", link)
    link.forget()


def verification(t, certs):
    """Whom a client refuses, and how both are told."""
    def check(label, cert="server.pem", version="1.3", hostname="localhost",
              client=None, differs=None):
        link = pair(t, certs, version, cert, hostname=hostname, client=client)
        label = f"{label} {version}"
        if differs is None:
            shake(t, label, link)
        else:
            t(label, link.shake, differs=differs)
        link.forget()

    def crl(flag, file):
        def tune(ctx):
            if file is not None:
                ctx.load_verify_locations(certs(file))
            ctx.verify_flags |= int(getattr(t.m, flag))
        return tune

    def none(ctx):
        ctx.check_hostname = False
        ctx.verify_mode = 0

    for version in VERSIONS:
        for cert in ("server.pem", "rsa.pem", "other.pem", "expired.pem",
                     "early.pem", "wrong-host.pem", "self-signed.pem",
                     "purpose.pem", "revoked.pem"):
            check(cert, cert, version)
    check("no names", "no-names.pem", differs=(123, "RFC 9525"))
    for name in ("127.0.0.1", "::1", "LOCALHOST", "127.0.0.2", "::2",
                 "sub.localhost", "b\u00fccher.example"):
        check(f"as {name}", hostname=name)
    check("nobody is checked", "expired.pem", client=none)
    check("revoked", "revoked.pem",
          client=crl("VERIFY_CRL_CHECK_LEAF", "crl.pem"))
    check("not revoked", client=crl("VERIFY_CRL_CHECK_LEAF", "crl.pem"))
    check("no list", client=crl("VERIFY_CRL_CHECK_LEAF", None))
    check("no list of the chain",
          client=crl("VERIFY_CRL_CHECK_CHAIN", "crl.pem"))
    check("strict", client=crl("VERIFY_X509_STRICT", None))


def clients(t, certs):
    """Whom a server refuses."""
    for version in VERSIONS:
        for mode in (1, 2):
            for cert in (None, "client.pem", "other.pem", "expired.pem",
                         "self-signed.pem"):
                label = f"{version} mode {mode} {cert}"
                link = pair(t, certs, version,
                            server=ask_for_certificate(certs, mode),
                            client=cert and show_certificate(certs, cert))
                shake(t, label, link)
                t(f"{label}: peer", link.server.obj.getpeercert)
                link.forget()


def breaks(t, certs):
    """What is no TLS, and what is cut or changed."""
    hello = b"GET / HTTP/1.0\r\n\r\n"

    def shaken(version, label):
        link = pair(t, certs, version)
        t(f"{label}: shakes", link.shake)
        link.take(link.client)
        return link

    def ended(end, label, differs=None):
        """What is left after a failure."""
        t(f"{label}: again", end.obj.read, differs=differs)

    for data, name in ((hello, "http"), (b"\0" * 100, "zeroes"),
                       (b"\x16\x03\x01\xff\xff" + b"x" * 40, "huge")):
        link = pair(t, certs)
        link.server.incoming.write(data)
        t(f"{name} to a server", link.server.obj.do_handshake)
        t(f"{name}: its answer", lambda: link.server.outgoing.read())
        ended(link.server, f"{name} to a server", OWN)
        t(f"{name}: client begins", link.client.obj.do_handshake)
        link.client.outgoing.read()
        link.client.incoming.write(data)
        t(f"{name} to a client", link.client.obj.do_handshake)
        t(f"{name}: the client's answer",
          lambda: link.client.outgoing.read())
        link.forget()

    for version in VERSIONS:
        link = pair(t, certs, version)
        outcome(link.client.obj.do_handshake)
        link.client.incoming.write_eof()
        t(f"{version}: end in the handshake", link.client.obj.do_handshake)
        link.forget()

        link = shaken(version, f"{version} end")
        link.client.incoming.write_eof()
        t(f"{version}: end", link.client.obj.read)
        link.forget()

        link = shaken(version, f"{version} change")
        link.client.obj.write(b"hello")
        record = bytearray(link.client.outgoing.read())
        record[-1] ^= 1
        link.server.incoming.write(bytes(record))
        t(f"{version}: change", link.server.obj.read)
        t(f"{version}: change: client", lambda: link.take(link.client))
        ended(link.server, f"{version}: change", OWN)
        link.forget()

        link = shaken(version, f"{version} in flight")
        link.server.obj.write(b"more")
        link.move()
        t(f"{version}: data in flight", link.client.obj.unwrap,
          differs=(158, "it can be read first; Python's object is dead"))
        link.forget()

    def ignore(ctx):
        ctx.options |= int(t.m.OP_IGNORE_UNEXPECTED_EOF)

    if hasattr(ssl, "OP_IGNORE_UNEXPECTED_EOF"):
        link = pair(t, certs, client=ignore)
        t("ignored: shakes", link.shake)
        link.take(link.client)
        link.client.incoming.write_eof()
        t("ignored end", link.client.obj.read)
        link.forget()


def resumption(t, certs):
    for version in VERSIONS:
        link = pair(t, certs, version)
        t(f"{version}: shakes", link.shake)
        t(f"{version}: tickets", lambda: link.say(
            link.server, link.client, b"x"))
        session = link.client.obj.session
        t(f"{version}: equal", lambda: session == link.client.obj.session)
        contexts = link.contexts

        def again(hostname="localhost", of=session):
            other = Link(End(t.m, contexts[0], server_hostname=hostname,
                             session=of),
                         End(t.m, contexts[1], server_side=True))
            found = other.shake(), other.client.obj.session_reused, \
                other.server.obj.session_reused
            other.forget()
            return found

        t(f"{version}: resumed", again)
        t(f"{version}: resumed twice", again)
        t(f"{version}: statistics", contexts[1].session_stats)
        t(f"{version}: for another host", again, "127.0.0.1",
          differs=(163, "a session is of one host"))
        t(f"{version}: too late", lambda: setattr(
            link.client.obj, "session", session))
        t(f"{version}: on a server", lambda: setattr(
            link.server.obj, "session", session))
        stranger = pair(t, certs, version)
        t(f"{version}: of another context", lambda: setattr(
            stranger.client.obj, "session", session))
        stranger.forget()
        link.forget()


def late_certificates(t, certs):
    """Post-handshake authentication."""
    def offer(ctx):
        ctx.load_cert_chain(certs("client.pem"))
        ctx.post_handshake_auth = True

    def want(ctx):
        ask_for_certificate(certs)(ctx)
        ctx.post_handshake_auth = True

    link = pair(t, certs, client=offer, server=want)
    t("shakes", link.shake)
    t("none yet", link.server.obj.getpeercert)
    t("asks", link.server.obj.verify_client_post_handshake)
    t("a client does not ask", link.client.obj.verify_client_post_handshake,
      differs=(159, "TLSLOOP_ESIDE"))
    t("goes out", lambda: link.say(link.server, link.client, b"ask"))
    t("comes in", lambda: link.say(link.client, link.server, b"answer"))
    t("is there", link.server.obj.getpeercert)
    link.forget()

    link = pair(t, certs, client=show_certificate(certs), server=want)
    t("not offered: shakes", link.shake)
    t("not offered", link.server.obj.verify_client_post_handshake,
      differs=(159, "UV_ENOTSUP"))
    link.forget()
    link = pair(t, certs, "1.2", client=offer, server=want)
    t("TLS 1.2: shakes", link.shake)
    t("TLS 1.2", link.server.obj.verify_client_post_handshake,
      differs=(159, "UV_ENOTSUP"))
    link.forget()


def logged_keys(t, certs):
    """Which secrets a log of keys has, and how long they are."""
    for version in VERSIONS:
        path = certs(f"log.{version}.{t.m.__name__}")

        def log(ctx, path=path):
            ctx.keylog_filename = path

        link = pair(t, certs, version, client=log)
        t(f"{version}: shakes", link.shake)
        t(f"{version}: lines", lambda: [
            [len(word) if number else word
             for number, word in enumerate(line.split())]
            for line in text(path).splitlines()[1:]])
        link.forget()


SCRIPTS = (connections, logged_keys, negotiations, verification, clients,
           breaks, resumption, late_certificates)
