# SPDX-License-Identifier: MIT

"""Python's ssl module rebuilt on tlsloop's exports, as far as tests compare
the two: the same names, on ctypes, without anything in between. What fails
raises Error, which carries the code and the details.

What weakens a context has to be allowed first, by SSLContext.allow_insecure;
that and Error is all that Python's module does not have.
"""

import ctypes
from ctypes import byref, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint
from ctypes import c_uint64, c_ulong, c_void_p
import json
import os

from tlsloop_abi import PASSWORD_CB, PSK_CLIENT_CB, PSK_SERVER_CB, SNI_CB
from tlsloop_abi import CipherInfo, Oid, SessionStats, StoreStats, VerifyPaths
from tlsloop_abi import tls

CLIENT, SERVER = 0, 1
PEM, DER = 1, 2
UV_EOF = -4095


class Error(Exception):
    """A call has failed with |code|; |details| may be None."""

    def __init__(self, code, details=None):
        self.code = code
        self.name = tls.tlsloop_err_name(code).decode()
        self.type = tls.tlsloop_err_type(code)
        self.library = self.reason = None
        self.verify_code = tls.tlsloop_err_verify_code(code)
        self.verify_message = ""
        text = tls.tlsloop_strerror(code).decode()
        if details and details.contents.code == code:
            self.library = text_of(details.contents.library)
            self.reason = text_of(details.contents.reason)
            self.verify_message = details.contents.verify_message.decode()
            text = details.contents.text.decode()
        super().__init__(f"{self.name}: {text}")


def text_of(value):
    return None if value is None else value.decode()


def raw(value):
    """A string for a call; None is NULL."""
    return os.fsencode(value) if value is not None else None


def call(name, *args):
    """Calls a function without details; returns what it returned."""
    result = getattr(tls, "tlsloop_" + name)(*args)
    if isinstance(result, int) and result < 0:
        raise Error(result)
    return result


def taken(pointer, length):
    """The bytes of an allocation that is ours, which is freed."""
    data = ctypes.string_at(pointer, length.value)
    tls.tlsloop_free(pointer)
    return data


def tuples(value):
    """What JSON has as arrays, as Python's module has it."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value


class Certificate:
    """A certificate whose reference is taken over."""

    def __init__(self, pointer):
        self.pointer = pointer

    def __del__(self):
        tls.tlsloop_cert_unref(self.pointer)

    def der(self):
        length = c_size_t()
        pointer = tls.tlsloop_cert_der(self.pointer, byref(length))
        return ctypes.string_at(pointer, length.value)

    def info(self):
        pointer, length = c_void_p(), c_size_t()
        call("cert_to_json", self.pointer, byref(pointer), byref(length))
        found = json.loads(taken(pointer, length))
        return {key: tuples(value) for key, value in found.items()}


class SSLSession:
    def __init__(self, pointer):
        self.pointer = pointer

    def __del__(self):
        tls.tlsloop_session_unref(self.pointer)

    def __eq__(self, other):
        return tls.tlsloop_session_equal(self.pointer, other.pointer) == 1

    @property
    def id(self):
        pointer, length = c_void_p(), c_size_t()
        tls.tlsloop_session_id(self.pointer, byref(pointer), byref(length))
        return ctypes.string_at(pointer, length.value)

    time = property(lambda self: call("session_time", self.pointer))
    timeout = property(lambda self: call("session_timeout", self.pointer))
    has_ticket = property(
        lambda self: bool(call("session_has_ticket", self.pointer)))
    ticket_lifetime_hint = property(
        lambda self: call("session_ticket_lifetime_hint", self.pointer))


class MemoryBIO:
    def __init__(self):
        self.pointer = c_void_p()
        call("bio_new", byref(self.pointer))

    def __del__(self):
        tls.tlsloop_bio_unref(self.pointer)

    pending = property(lambda self: call("bio_pending", self.pointer))
    eof = property(lambda self: bool(call("bio_eof", self.pointer)))

    def read(self, n=-1):
        size = self.pending if n < 0 else min(n, self.pending)
        buf = ctypes.create_string_buffer(size or 1)
        size = call("bio_read", self.pointer, buf, c_size_t(size))
        return buf.raw[:size]

    def write(self, data):
        call("bio_write", self.pointer, bytes(data), c_size_t(len(data)))
        return len(data)

    def write_eof(self):
        tls.tlsloop_bio_write_eof(self.pointer)


def getter(name, kind=lambda value: value):
    return lambda self: kind(getattr(tls, "tlsloop_" + name)(self.pointer))


def setting(name, kind=int, ctype=c_int):
    """A property that a context has a function of the same name for, and
    tlsloop_ctx_set_ with it."""
    def set_it(self, value):
        self.call("set_" + name, ctype(value))
    return property(getter("ctx_" + name, kind), set_it)


class SSLContext:
    def __init__(self, protocol, adopted=None):
        self.pointer = adopted or c_void_p()
        self.callbacks = {}
        if adopted is None:
            call("ctx_new", byref(self.pointer), protocol)

    def __del__(self):
        tls.tlsloop_ctx_unref(self.pointer)

    def call(self, name, *args):
        result = getattr(tls, "tlsloop_ctx_" + name)(self.pointer, *args)
        if isinstance(result, int) and result < 0:
            raise Error(result, tls.tlsloop_ctx_error(self.pointer))
        return result

    def allow_insecure(self):
        self.call("allow_insecure")

    protocol = property(getter("ctx_protocol"))
    security_level = property(getter("ctx_security_level"))
    options = setting("options", int, c_uint64)
    verify_mode = setting("verify_mode")
    verify_flags = setting("verify_flags", int, c_uint64)
    _host_flags = setting("host_flags", int, c_uint)
    check_hostname = setting("check_hostname", bool)
    num_tickets = setting("num_tickets")
    post_handshake_auth = setting("post_handshake_auth", bool)
    minimum_version = setting("min_version")
    maximum_version = setting("max_version")

    @property
    def hostname_checks_common_name(self):
        return bool(self.call("hostname_checks_cn"))

    @hostname_checks_common_name.setter
    def hostname_checks_common_name(self, on):
        self.call("set_hostname_checks_cn", int(on))

    @property
    def keylog_filename(self):
        return text_of(self.call("keylog_file"))

    @keylog_filename.setter
    def keylog_filename(self, path):
        self.call("set_keylog_file", raw(path))

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        files = raw(certfile), raw(keyfile)
        if password is None:
            self.call("load_cert_chain_file", *files)
        elif not callable(password):
            word = raw(password)
            self.call("load_cert_chain_file_password", *files, word,
                      c_size_t(len(word)))
        else:
            def answer(buf, size, _):
                word = raw(password())
                ctypes.memmove(buf, word, min(len(word), size))
                return len(word)
            self.call("load_cert_chain_file_cb", *files, PASSWORD_CB(answer),
                      None)

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("there is nothing to load")
        if cadata is not None:
            encoding = PEM if isinstance(cadata, str) else DER
            data = cadata.encode("ascii") if encoding == PEM else cadata
            self.call("load_verify_mem", data, c_size_t(len(data)), encoding)
        if cafile is not None:
            self.call("load_verify_file", raw(cafile))
        if capath is not None:
            self.call("load_verify_dir", raw(capath))

    def load_default_certs(self):
        self.call("load_default_certs")

    def load_dh_params(self, path):
        self.call("load_dh_params_file", raw(path))

    def set_ciphers(self, names):
        self.call("set_ciphers", raw(names))

    def set_ecdh_curve(self, name):
        self.call("set_ecdh_curve", raw(name))

    def set_alpn_protocols(self, names):
        array = (c_char_p * len(names))(*map(raw, names))
        self.call("set_alpn", array, c_size_t(len(names)))

    def get_ciphers(self):
        found = []
        for index in range(self.call("cipher_count")):
            info = CipherInfo()
            self.call("cipher", c_size_t(index), byref(info))
            one = {key: text_of(value) if isinstance(value, bytes) else value
                   for key, value in info.fields().items()}
            found.append({**one, "aead": bool(one["aead"])})
        return found

    def cert_store_stats(self):
        stats = StoreStats()
        self.call("store_stats", byref(stats))
        return stats.fields()

    def session_stats(self):
        stats = SessionStats()
        self.call("session_stats", byref(stats))
        return stats.fields()

    def get_ca_certs(self, binary_form=False):
        count = c_size_t()
        self.call("ca_certs", None, c_size_t(0), byref(count))
        array = (c_void_p * (count.value or 1))()
        self.call("ca_certs", array, count, byref(count))
        certs = [Certificate(c_void_p(array[i])) for i in range(count.value)]
        return [cert.der() if binary_form else cert.info() for cert in certs]

    def set_sni(self, answer):
        """Calls |answer| with the name and the object."""
        def asked(engine, name, _ctx, _arg):
            return answer(text_of(name), SSLObject.known[engine])
        self.callbacks["sni"] = SNI_CB(asked)
        self.call("set_sni_cb", self.callbacks["sni"], None)

    def set_psk_client_callback(self, answer):
        def asked(_engine, hint, identity, identity_len, key, key_len, _arg):
            name, secret = answer(text_of(hint))
            name = (name or "").encode()
            ctypes.memmove(identity, name, len(name))
            ctypes.memmove(key, secret, len(secret))
            identity_len[0], key_len[0] = len(name), len(secret)
            return 0
        self.callbacks["psk"] = PSK_CLIENT_CB(asked)
        self.call("set_psk_client_cb", self.callbacks["psk"], None)

    def set_psk_server_callback(self, answer, identity_hint=None):
        def asked(_engine, identity, length, key, key_len, _arg):
            name = ctypes.string_at(identity, length)
            try:
                secret = answer(name.decode())
            except UnicodeDecodeError:
                return -1
            ctypes.memmove(key, secret, len(secret))
            key_len[0] = len(secret)
            return 0 if secret else -1
        self.callbacks["psk"] = PSK_SERVER_CB(asked)
        self.call("set_psk_server_cb", self.callbacks["psk"], None,
                  raw(identity_hint))

    def wrap_bio(self, incoming, outgoing, server_side=False,
                 server_hostname=None, session=None):
        return SSLObject(self, incoming, outgoing, server_side,
                         server_hostname, session)


class SSLObject:
    known = {}  # by the address of the engine, for callbacks

    def __init__(self, context, incoming, outgoing, server_side, hostname,
                 session):
        self.pointer = None
        self._context = context
        pointer = c_void_p()
        side = SERVER if server_side else CLIENT
        code = tls.tlsloop_engine_new(
            byref(pointer), context.pointer, incoming.pointer,
            outgoing.pointer, side)
        if code < 0:
            raise Error(code, tls.tlsloop_ctx_error(context.pointer))
        self.pointer = pointer
        self.known[pointer.value] = self
        if hostname is not None:
            self.call("set_hostname", raw(hostname))
        if session is not None:
            self.call("set_session", session.pointer)

    def forget(self):
        """Frees it: |known| would keep it."""
        self.known.pop(self.pointer.value)
        tls.tlsloop_engine_free(self.pointer)
        self.pointer = None

    def call(self, name, *args):
        result = getattr(tls, "tlsloop_engine_" + name)(self.pointer, *args)
        if isinstance(result, int) and result < 0:
            raise Error(result, tls.tlsloop_engine_error(self.pointer))
        return result

    server_side = property(lambda self: bool(self.call("side")))
    server_hostname = property(lambda self: text_of(self.call("hostname")))
    session_reused = property(lambda self: bool(self.call("session_reused")))

    @property
    def context(self):
        return self._context

    @context.setter
    def context(self, context):
        self.call("set_ctx", context.pointer)
        self._context = context

    @property
    def session(self):
        pointer = c_void_p()
        self.call("session", byref(pointer))
        return SSLSession(pointer) if pointer else None

    @session.setter
    def session(self, session):
        self.call("set_session", session.pointer)

    def do_handshake(self):
        self.call("handshake")

    def read(self, size=1024):
        buf, count = ctypes.create_string_buffer(size or 1), c_size_t()
        try:
            self.call("read", buf, c_size_t(size), byref(count))
        except Error as error:
            if error.code != UV_EOF:
                raise
        return buf.raw[:count.value]

    def write(self, data):
        self.call("write", bytes(data), c_size_t(len(data)))
        return len(data)

    def unwrap(self):
        self.call("shutdown")

    def pending(self):
        return self.call("pending")

    def version(self):
        return text_of(self.call("version"))

    def compression(self):
        return text_of(self.call("compression"))

    def _cipher(self, *args):
        info = CipherInfo()
        self.call(*args, byref(info))
        return info.name.decode(), info.protocol.decode(), info.strength_bits

    def cipher(self):
        return self._cipher("cipher") if self.version() else None

    def shared_ciphers(self):
        if not self.server_side or not self.version():
            return None
        found = []
        try:
            while True:
                found.append(
                    self._cipher("shared_cipher", c_size_t(len(found))))
        except Error as error:
            if error.name != "UV_ENOENT":
                raise
        return found

    def selected_alpn_protocol(self):
        pointer, length = c_void_p(), c_size_t()
        self.call("alpn", byref(pointer), byref(length))
        if not pointer:
            return None
        return ctypes.string_at(pointer, length.value).decode()

    def get_channel_binding(self, cb_type="tls-unique"):
        buf = ctypes.create_string_buffer(64)
        used = self.call("channel_binding", raw(cb_type), buf, c_size_t(64))
        return buf.raw[:used]

    def getpeercert(self, binary_form=False):
        pointer = c_void_p()
        self.call("peer_cert", byref(pointer))
        if not pointer:
            return None
        cert = Certificate(pointer)
        if binary_form:
            return cert.der()
        return cert.info() if self._context.verify_mode else {}

    def chain(self, which):
        """The DER of the chain: 0, as sent; 1, as verified."""
        found = []
        for index in range(self.call("chain_count", which)):
            pointer = c_void_p()
            self.call("chain_cert", which, c_size_t(index), byref(pointer))
            found.append(Certificate(pointer).der())
        return found

    def get_unverified_chain(self):
        return self.chain(0)

    def get_verified_chain(self):
        return self.chain(1)

    def verify_client_post_handshake(self):
        self.call("request_client_cert")


def create_default_context(purpose, cafile=None, capath=None, cadata=None):
    data = cadata.encode() if isinstance(cadata, str) else cadata
    pointer = c_void_p()
    call("ctx_new_default", byref(pointer), purpose.nid, raw(cafile),
         raw(capath), data, c_size_t(len(data or b"")),
         PEM if isinstance(cadata, str) else DER)
    return SSLContext(None, pointer)


def cert_time_to_seconds(text):
    seconds, data = c_int64(), text.encode()
    call("cert_time_to_seconds", data, c_size_t(len(data)), byref(seconds))
    return seconds.value


def DER_cert_to_PEM_cert(der):
    pointer, length = c_void_p(), c_size_t()
    call("cert_der_to_pem", der, c_size_t(len(der)), byref(pointer),
         byref(length))
    return taken(pointer, length).decode()


def PEM_cert_to_DER_cert(pem):
    pointer, length = c_void_p(), c_size_t()
    data = pem.encode()
    call("cert_pem_to_der", data, c_size_t(len(data)), byref(pointer),
         byref(length))
    return taken(pointer, length)


def RAND_bytes(count):
    buf = ctypes.create_string_buffer(count or 1)
    call("random_bytes", buf, c_size_t(count), None)
    return buf.raw[:count]


def RAND_status():
    return bool(call("random_status"))


def RAND_add(data, entropy):
    tls.tlsloop_random_add(data, c_size_t(len(data)), c_double(entropy))


def get_default_verify_paths():
    paths = VerifyPaths()
    call("default_verify_paths", byref(paths))
    return tuple(map(text_of, paths.fields().values()))


def get_protocol_name(number):
    return tls.tlsloop_protocol_name(number).decode()


def _object(oid):
    return (oid.nid, text_of(oid.short_name), text_of(oid.long_name),
            oid.dotted.decode())


def txt2obj(text, name=False):
    oid = Oid()
    call("oid_lookup", raw(text), int(name), byref(oid))
    return _object(oid)


def nid2obj(nid):
    oid = Oid()
    call("oid_from_nid", nid, byref(oid))
    return _object(oid)


def _constants():
    for index in range(tls.tlsloop_constant_count()):
        found, value = c_char_p(), c_int64()
        call("constant_at", c_size_t(index), byref(found), byref(value))
        yield found.value.decode(), value.value


CONSTANTS = dict(_constants())
globals().update((name, value) for name, value in CONSTANTS.items()
                 if name.isidentifier())
OPENSSL_VERSION = tls.tlsloop_openssl_version().decode()
OPENSSL_VERSION_NUMBER = tls.tlsloop_openssl_version_number()
_info = (c_int * 5)()
tls.tlsloop_openssl_version_info(c_ulong(OPENSSL_VERSION_NUMBER), _info)
OPENSSL_VERSION_INFO = tuple(_info)
