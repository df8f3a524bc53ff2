# SPDX-License-Identifier: MIT

"""Steps with contexts: their defaults, what they can be set to, and what they
load."""

import os
import ssl

import tlsloop_ffi as tlsloop
from steps import *  # noqa: F403

CONTEXTS = ("PROTOCOL_TLS", "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER")
WEAKENS = "it weakens, which has to be allowed"

# RFC 7919, ffdhe2048.
DH = """-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""


def each_default(t, ctx, name):
    """What a context of the protocol |name| begins with."""
    m = t.m

    def get(what):
        return lambda: getattr(ctx, what)

    t(f"{name}: options", get("options"),
      differs=(73, "nobody renegotiates"))
    t(f"{name}: other options",
      lambda: ctx.options & ~int(m.OP_NO_RENEGOTIATION))
    for what in ("verify_flags", "verify_mode", "check_hostname", "protocol",
                 "maximum_version", "num_tickets", "post_handshake_auth",
                 "keylog_filename"):
        t(f"{name}: {what}", get(what))
    if OWN_DEFAULTS:
        t(f"{name}: minimum_version", get("minimum_version"))
        t(f"{name}: ciphers", ctx.get_ciphers)
    if hasattr(ssl.SSLContext, "security_level"):
        t(f"{name}: security_level", get("security_level"))
    for what in ("hostname_checks_common_name", "_host_flags"):
        t(f"{name}: {what}", get(what), differs=(123, "RFC 9525"))
    t(f"{name}: store", ctx.cert_store_stats)
    t(f"{name}: authorities", ctx.get_ca_certs)
    t(f"{name}: sessions", ctx.session_stats)


def defaults(t, _certs):
    for name in CONTEXTS:
        each_default(t, t.context(name), name)
    ctx = t.context("PROTOCOL_TLSv1_2")
    for what in ("minimum_version", "maximum_version", "protocol"):
        t(f"one version: {what}", lambda what=what: getattr(ctx, what))
    t("one version: another",
      lambda: setattr(ctx, "minimum_version", version_of(t.m, "TLSv1_3")))
    for number in (-1, 0, 1, 6, 18, 99):
        t(f"protocol {number}", lambda n=number: t.m.SSLContext(n).protocol)
    t("old protocol", lambda: t.m.SSLContext(t.m.PROTOCOL_TLSv1).protocol,
      differs=(50, WEAKENS))


def default_contexts(t, certs):
    for purpose in ssl.Purpose:
        def make(**cas):
            return t.m.create_default_context(purpose, **cas)

        ctx = make(cafile=certs("root.pem"))
        for what in ("verify_mode", "check_hostname", "protocol"):
            t(f"{purpose.name}: {what}", lambda what=what: getattr(ctx, what))
        t(f"{purpose.name}: flags", lambda: ctx.verify_flags, differs=None
          if NEWER else (2, "Python 3.13 has added two flags"))
        t(f"{purpose.name}: file", ctx.cert_store_stats)
        t(f"{purpose.name}: text", lambda: make(
            cadata=text(certs("root.pem"))).get_ca_certs(True))
        t(f"{purpose.name}: no file", lambda: make(cafile=certs("nothing")))
        t(f"{purpose.name}: no certificate",
          lambda: make(cafile=certs("key.pem")),
          differs=(89, "no certificate in a text has a code of its own"))


def change(t, ctx, what, value, label=None, differs=None):
    """Sets one thing; the outcome is what it then is."""
    def doing():
        setattr(ctx, what, value)
        return getattr(ctx, what)
    t(f"{label or what} = {value!r}" if label is None else label, doing,
      differs=differs)


def settings(t, _certs):
    m = t.m
    client, server = t.context(), t.context("PROTOCOL_TLS_SERVER")
    both = t.context("PROTOCOL_TLS")

    for mode in (1, 2, 0, 3, -1):
        change(t, server, "verify_mode", mode, f"server verify_mode {mode}")
        change(t, client, "verify_mode", mode, f"client verify_mode {mode}")
    change(t, both, "check_hostname", True, "checking names")
    t("makes it required", lambda: both.verify_mode)
    change(t, client, "check_hostname", False, "not checking names")
    t("leaves it required", lambda: client.verify_mode)
    change(t, client, "verify_mode", 0, "then it may be none")
    t("strict", lambda: setattr(m.SSLContext(m.PROTOCOL_TLS_CLIENT),
                                "check_hostname", False),
      differs=(114, WEAKENS))

    for name in ("OP_NO_TICKET", "OP_NO_TLSv1_3", "OP_NO_TLSv1_2",
                 "OP_CIPHER_SERVER_PREFERENCE", "OP_NO_COMPRESSION"):
        bit = int(getattr(m, name))
        change(t, both, "options", int(m.OP_NO_RENEGOTIATION) | bit,
               f"only {name}")
    change(t, both, "options", 0, "no options")
    change(t, both, "options", -1, "negative options",
           differs=(60, "all bits of a uint64_t are options"))
    change(t, both, "verify_flags", 0, "no verify flags")
    for name in ("VERIFY_CRL_CHECK_LEAF", "VERIFY_CRL_CHECK_CHAIN",
                 "VERIFY_X509_STRICT", "VERIFY_ALLOW_PROXY_CERTS",
                 "VERIFY_X509_TRUSTED_FIRST"):
        change(t, both, "verify_flags", int(getattr(m, name)), name)
    change(t, both, "post_handshake_auth", True)
    for count in (0, 5, -1):
        change(t, server, "num_tickets", count)
        change(t, client, "num_tickets", count, f"client tickets {count}")
    change(t, both, "num_tickets", 3, "tickets of both sides",
           differs=(119, "a context for both sides serves too"))
    change(t, server, "num_tickets", 256, "too many tickets",
           differs=(119, "there is a limit"))


def versions(t, _certs):
    ctx = t.context("PROTOCOL_TLS")

    def bound(what, name, differs=None):
        change(t, ctx, what, version_of(t.m, name), f"{what} {name}", differs)

    bound("minimum_version", "TLSv1_3")
    bound("minimum_version", "TLSv1_2")
    bound("maximum_version", "TLSv1_2")
    bound("maximum_version", "MAXIMUM_SUPPORTED")
    bound("minimum_version", "MAXIMUM_SUPPORTED")
    bound("minimum_version", "MINIMUM_SUPPORTED")
    bound("maximum_version", "MINIMUM_SUPPORTED")
    bound("maximum_version", "TLSv1_3")
    bound("minimum_version", "TLSv1")
    bound("minimum_version", "SSLv3",
          None if ssl.HAS_SSLv3 else (118, "OpenSSL does not have it"))
    for number in (0, 0x305, 0x200, 7):
        change(t, ctx, "minimum_version", number)
    strict = t.context()
    change(t, strict, "maximum_version", version_of(t.m, "TLSv1_1"),
           "upside down", differs=(118, "such a range serves nobody"))


def ciphers(t, _certs):
    ctx = t.context()

    def select(names, label=None, differs=None):
        def doing():
            ctx.set_ciphers(names)
            return ctx.get_ciphers()
        t(f"ciphers {label or names!r}", doing, differs=differs)

    for names in ("ECDHE+AESGCM", "AES128-SHA", "ALL", "DEFAULT", "PSK",
                  "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA", "HIGH:!aNULL",
                  "@SECLEVEL=3:ECDHE+AESGCM", "aNULL:@SECLEVEL=0",
                  "TLS_AES_128_GCM_SHA256", "", "nonsense", "!ALL"):
        select(names)
    if hasattr(ssl.SSLContext, "security_level"):
        t("level of the last list", lambda: ctx.security_level)
    before = ("DEFAULT", "nonsense")
    ctx.set_ciphers(before[0])
    outcome(ctx.set_ciphers, before[1])
    t("after a failure", ctx.get_ciphers,
      differs=(96, "a failure changes nothing"))


def groups_and_protocols(t, certs):
    ctx = t.context("PROTOCOL_TLS_SERVER")
    for name in ("prime256v1", "secp384r1", "P-256", "nonsense", "",
                 "prime256v1:X25519", "X25519", "RSA"):
        if MENDED or name not in ("X25519", "RSA"):
            t(f"curve {name!r}", ctx.set_ecdh_curve, name)
    for names in ([], ["h2"], ["h2", "http/1.1"], ["a" * 255]):
        t(f"protocols {names!r:.20}", ctx.set_alpn_protocols, names)
    for names in ([""], ["a" * 256], ["h2", ""]):
        t(f"bad protocols {names!r:.20}", ctx.set_alpn_protocols, names)
    t("protocol twice", ctx.set_alpn_protocols, ["h2", "h2"],
      differs=(97, "the second could never be chosen"))

    good = scratch(certs, "dh.pem", DH)
    t("parameters", ctx.load_dh_params, good)
    t("parameters of clients", t.context().load_dh_params, good)
    t("parameters from nowhere", ctx.load_dh_params, certs("nothing"))
    t("parameters of a directory", ctx.load_dh_params, certs(""))
    for name in ("key.pem", "root.pem", "root.der"):
        t(f"parameters in {name}", ctx.load_dh_params, certs(name),
          differs=(105, "TLSLOOP_EBADKEY, with the decoder's reason"))


def keylog(t, certs):
    ctx = t.context()
    path = certs("keylog." + t.m.__name__)

    def follow(name):
        ctx.keylog_filename = name
        return ctx.keylog_filename and os.path.basename(
            ctx.keylog_filename).split(".")[0]

    t("a log", follow, path)
    t("its first line", lambda: text(path).startswith("# TLS secrets log"))
    t("a directory", follow, certs(""))
    t("after a failure", lambda: ctx.keylog_filename is None,
      differs=(115, "a failure changes nothing"))
    t("nowhere", follow, certs("nothing/keys"))
    t("none", follow, None)


def certificates(t, certs):
    """The own certificate, its key and its password."""
    def load(label, *names, password=None, differs=None):
        ctx = t.context("PROTOCOL_TLS_SERVER")
        paths = [name and certs(name) for name in names]
        t(label, lambda: ctx.load_cert_chain(*paths, password=password),
          differs=differs)

    own = (86, "a cause of its own in place of Python's \"PEM lib\"")
    load("both in one file", "server.pem")
    load("two files", "chain.pem", "key.pem")
    load("RSA", "rsa.pem")
    load("no file", "nothing")
    load("no key file", "chain.pem", "nothing")
    load("a directory", "")
    load("no key", "chain.pem", differs=own)
    load("no certificate", "key.pem", differs=own)
    load("DER", "root.der", differs=own)
    load("of another", "chain.pem", "other.pem")
    load("of another kind", "chain.pem", "rsa.pem", differs=own)
    load("too weak", "weak.pem")
    load("encrypted", "encrypted.pem", password="secret")
    load("encrypted, bytes", "encrypted.pem", password=b"secret")
    load("encrypted, asked", "encrypted.pem", password=lambda: "secret")
    load("wrong password", "encrypted.pem", password="wrong", differs=own)
    load("wrong answer", "encrypted.pem", password=lambda: b"", differs=own)
    load("needless password", "server.pem", password="secret")
    load("long password", "encrypted.pem", password="a" * 1025)
    load("long needless password", "server.pem", password="a" * 1025,
         differs=(85, "it is looked at before the key"))
    broken = text(certs("server.pem")).replace("MI", "!!", 1)
    scratch(certs, "broken.pem", broken)
    load("broken", "broken.pem", differs=own)
    cut = read(certs("server.pem"))[:300]
    scratch(certs, "cut.pem", cut)
    load("cut", "cut.pem", differs=own)

    ctx = t.context("PROTOCOL_TLS_SERVER")
    ctx.load_cert_chain(certs("server.pem"))
    t("RSA beside it", ctx.load_cert_chain, certs("rsa.pem"))


def trust(t, certs):
    root, other = text(certs("root.pem")), text(certs("other-root.pem"))
    root_der = read(certs("root.der"))
    causes = (89, "a cause of its own in place of OpenSSL's last word")

    def load(label, differs=None, allow=True, **what):
        ctx = t.context()
        t(label, lambda: ctx.load_verify_locations(**what), differs=differs)
        t(f"{label}: how many", ctx.cert_store_stats)
        return ctx

    load("nothing")
    ctx = load("a file", cafile=certs("root.pem"))
    t("a file: dictionary", ctx.get_ca_certs)
    t("a file: DER", ctx.get_ca_certs, True)
    load("a chain", cafile=certs("server.pem"))
    load("text", cadata=root)
    load("texts", cadata=root + "between\n" + other)
    load("twice", cadata=root + root)
    load("DER", cadata=root_der)
    load("several in DER", cadata=root_der * 2)
    load("lists", cafile=certs("crl.pem"))
    load("a file that is not there", cafile=certs("nothing"))
    load("a directory as a file", cafile=certs(""))
    load("a key", cafile=certs("key.pem"), differs=causes)
    load("text without any", cadata="nothing\n")
    load("no text", cadata="")
    load("no DER", cadata=b"")
    load("junk", cadata=b"junk", differs=causes)
    load("a directory", capath=certs(""))

    ctx = t.context()
    t("DER with junk", lambda: ctx.load_verify_locations(
        cadata=root_der + b"junk"), differs=causes)
    t("DER with junk: how many", ctx.cert_store_stats,
      differs=(92, "all or nothing"))
    ctx = t.context()
    t("DER in a file", lambda: ctx.load_verify_locations(
        cafile=certs("root.der")), differs=(93, "as documented"))
    ctx = t.context()
    t("a list in text", lambda: ctx.load_verify_locations(
        cadata=text(certs("crl.pem"))), differs=(93, "as documented"))
    ctx = t.context()
    t("a directory that is not there", lambda: ctx.load_verify_locations(
        capath=certs("nothing")), differs=(89, "whoever names it means it"))


SCRIPTS = (defaults, default_contexts, settings, versions, ciphers,
           groups_and_protocols, keylog, certificates, trust)
