# SPDX-License-Identifier: MIT

"""What the scripts of differential.py share: versions of Python, contexts,
and connections of two of them."""

import ssl
import sys

import tlsloop_ffi as tlsloop
from harness import VERSIONS  # noqa: F401, for those who import all of this
from link import End, Link
from tape import outcome  # noqa: F401

VERSIONS_OF = {"1.2": "TLSv1_2", "1.3": "TLSv1_3"}
OLDEST = (3, 10)
NEWER = sys.version_info >= (3, 13)
# Mended since: shared_ciphers told what the client had, and set_ecdh_curve
# knew only some curves.
MENDED = sys.version_info >= (3, 11, 4)
# Distributions build Python with OpenSSL's ciphers and versions as defaults.
OWN_DEFAULTS = (ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).minimum_version ==
                ssl.TLSVersion.TLSv1_2)


def version_of(m, name):
    """A version of TLS by the name that TLSVersion has for it."""
    if m is ssl:
        return getattr(ssl.TLSVersion, name)
    return tlsloop.CONSTANTS["TLSVersion." + name]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def text(path):
    return read(path).decode("ascii")


def scratch(certs, name, data):
    """A file for one run; returns its path."""
    path = certs(name)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def pair(t, certs, version="1.3", cert="server.pem", client=None, server=None,
         hostname="localhost", session=None):
    """A connection that has not begun, of contexts that |client| and |server|
    change."""
    contexts = t.context(), t.context("PROTOCOL_TLS_SERVER")
    for ctx, tune in zip(contexts, (client, server)):
        if version is not None:
            only = version_of(t.m, VERSIONS_OF[version])
            ctx.minimum_version = ctx.maximum_version = only
        if ctx is contexts[0]:
            ctx.load_verify_locations(certs("root.pem"))
        elif cert is not None:
            ctx.load_cert_chain(certs(cert))
        if tune is not None:
            tune(ctx)
    link = Link(End(t.m, contexts[0], server_hostname=hostname,
                    session=session),
                End(t.m, contexts[1], server_side=True))
    link.contexts = contexts
    return link


def ask_for_certificate(certs, mode=2):
    def tune(ctx):
        ctx.verify_mode = mode
        ctx.load_verify_locations(certs("root.pem"))
    return tune


def show_certificate(certs, name="client.pem"):
    return lambda ctx: ctx.load_cert_chain(certs(name))
