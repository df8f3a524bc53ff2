# SPDX-License-Identifier: MIT

"""The same steps done twice, with Python's ssl module and with tlsloop, and
what came of each written down so that it can be compared.

An outcome is a tuple: ("ok", value), or what kind of failure it was with
OpenSSL's library, reason and verification result.
"""

import errno
import ssl

import tlsloop_ffi as tlsloop
from harness import short

WANT_READ = ("want read",)
REFUSED = ("refused",)
EOF_REASON = "UNEXPECTED_EOF_WHILE_READING"

# OP_IGNORE_UNEXPECTED_EOF, with which some versions of Python begin.
LOOSE = 0x80

# What a call answers that could not have worked here.
USAGE = ("UV_EINVAL", "UV_EBUSY", "UV_EALREADY", "UV_EPIPE", "TLSLOOP_ESIDE",
         "TLSLOOP_EINSECURE", "TLSLOOP_ECIPHERS", "TLSLOOP_EHOSTNAME",
         "TLSLOOP_ENOHOSTNAME", "TLSLOOP_ESESSION", "UV_ENOTCONN",
         "UV_ENOTSUP")

SPECIAL = {"TLSLOOP_WANT_READ": WANT_READ, "UV_EOF": ("end",)}


def plain(value):
    """A value that can be compared: numbers lose their enumerations."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


def failed(library, reason):
    """A failure of OpenSSL, or one in which it had no part."""
    if library is None and reason is None:
        return REFUSED
    return ("error", library, reason)


def of_tlsloop(error):
    if error.name in SPECIAL:
        return SPECIAL[error.name]
    if error.verify_code:
        return ("verify", error.library, error.reason, error.verify_code,
                error.verify_message)
    if error.name == "TLSLOOP_ETRUNCATED":
        return ("truncated", error.library, error.reason)
    if error.name in USAGE:
        return REFUSED
    if error.name.startswith("UV_"):
        return ("system", error.name[len("UV_"):])
    return failed(error.library, error.reason)


def of_python(error):
    if isinstance(error, ssl.SSLWantReadError):
        return WANT_READ
    if isinstance(error, ssl.SSLZeroReturnError):
        return ("end",)
    # Before 3.11.4 the class was not always this one.
    if (isinstance(error, ssl.SSLEOFError)
            or getattr(error, "reason", None) == EOF_REASON):
        return ("truncated", error.library, error.reason)
    if isinstance(error, ssl.SSLCertVerificationError):
        return ("verify", error.library, error.reason, error.verify_code,
                error.verify_message)
    if isinstance(error, ssl.SSLError):
        return failed(getattr(error, "library", None),
                      getattr(error, "reason", None))
    if isinstance(error, OSError):
        return ("system", errno.errorcode.get(error.errno))
    return REFUSED


def outcome(operation, *args):
    """What comes of |operation|, whichever of the two it belongs to."""
    try:
        return ("ok", plain(operation(*args)))
    except tlsloop.Error as error:
        return of_tlsloop(error)
    except (OSError, ValueError, TypeError, OverflowError,
            AttributeError) as error:
        return of_python(error)


class Tape:
    """One run of a script with the module |m|. To do a step is to call the
    tape; |differs| is the row of docs/python-ssl.md where tlsloop means to do
    something else, and why."""

    def __init__(self, m):
        self.m = m
        self.steps = {}
        self.differing = {}

    def __call__(self, label, operation, *args, differs=None):
        self.note(label, outcome(operation, *args), differs)

    def note(self, label, found, differs=None):
        assert label not in self.steps, label
        self.steps[label] = found
        if differs is not None:
            self.differing[label] = differs

    def context(self, protocol="PROTOCOL_TLS_CLIENT"):
        """A context; both may weaken it."""
        made = self.m.SSLContext(getattr(self.m, protocol))
        if self.m is tlsloop:
            made.allow_insecure()
        else:
            made.options &= ~LOOSE
        return made


def compare(script, certs, rows):
    """Runs |script| with both modules. Returns how many steps there were, in
    how many tlsloop meant to differ, and what is wrong with them."""
    theirs, ours = Tape(ssl), Tape(tlsloop)
    script(theirs, certs)
    script(ours, certs)
    faults = []
    if list(theirs.steps) != list(ours.steps):
        faults.append(f"{script.__name__}: the steps were not the same")
    for label, wanted in theirs.steps.items():
        got = ours.steps.get(label)
        where = f"{script.__name__}: {label}"
        row, why = ours.differing.get(label, (None, None))
        if row is None and got != wanted:
            faults.append(f"{where}: {short(got)}, Python: {short(wanted)}")
        elif row is not None and got == wanted:
            faults.append(f"{where}: no difference ({why}): {short(got)}")
        elif row is not None and f"{row:03}" not in rows:
            faults.append(f"{where}: no row {row:03} tells of it")
    return len(theirs.steps), len(ours.differing), faults
