# SPDX-License-Identifier: MIT

"""tlsloop's structs, callbacks and results, for ctypes, and the library of
this tree. A script that needs it ends as skipped where it cannot be loaded, as
in a build with sanitizers."""

import ctypes
from ctypes import POINTER, c_char, c_char_p, c_int, c_int64, c_size_t, c_uint
from ctypes import c_uint32, c_uint64, c_ulong, c_void_p
import os
import sys

LIBRARY = os.path.join(os.environ.get("top_builddir", os.getcwd()),
                       ".libs", "libtlsloop.so")


class Struct(ctypes.Structure):
    """A struct of tlsloop, which begins with its size."""

    def __init__(self):
        super().__init__(size=ctypes.sizeof(type(self)))

    def fields(self):
        return {name: getattr(self, name) for name, _ in self._fields_[1:]}


class Details(Struct):
    _fields_ = [("size", c_size_t), ("code", c_int), ("sys_errno", c_int),
                ("ssl_error", c_int), ("alert", c_int), ("verify_code", c_int),
                ("openssl_code", c_ulong), ("library", c_char_p),
                ("reason", c_char_p), ("subject", c_char * 256),
                ("verify_message", c_char * 320), ("text", c_char * 640)]


class CipherInfo(Struct):
    _fields_ = [("size", c_size_t), ("name", c_char_p), ("protocol", c_char_p),
                ("strength_bits", c_int), ("alg_bits", c_int),
                ("id", c_uint32), ("aead", c_int), ("symmetric", c_char_p),
                ("digest", c_char_p), ("kea", c_char_p), ("auth", c_char_p),
                ("description", c_char * 160)]


class StoreStats(Struct):
    _fields_ = [("size", c_size_t), ("x509", c_size_t), ("crl", c_size_t),
                ("x509_ca", c_size_t)]


class SessionStats(Struct):
    _fields_ = [("size", c_size_t)] + [(name, c_int64) for name in (
        "number", "connect", "connect_good", "connect_renegotiate", "accept",
        "accept_good", "accept_renegotiate", "hits", "misses", "timeouts",
        "cache_full")]


class VerifyPaths(Struct):
    _fields_ = [("size", c_size_t)] + [(name, c_char_p) for name in (
        "cafile", "capath", "openssl_cafile_env", "openssl_cafile",
        "openssl_capath_env", "openssl_capath")]


class Oid(Struct):
    _fields_ = [("size", c_size_t), ("nid", c_int), ("short_name", c_char_p),
                ("long_name", c_char_p), ("dotted", c_char * 128)]


SNI_CB = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p, c_void_p)
PASSWORD_CB = ctypes.CFUNCTYPE(c_int, c_void_p, c_size_t, c_void_p)
PSK_CLIENT_CB = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p,
                                 POINTER(c_size_t), c_void_p,
                                 POINTER(c_size_t), c_void_p)
PSK_SERVER_CB = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t, c_void_p,
                                 POINTER(c_size_t), c_void_p)

# What functions return when it is not an int.
RESULTS = (
    (c_char_p, "ctx_keylog_file engine_compression engine_hostname err_name "
               "engine_version openssl_version protocol_name strerror"),
    (c_size_t, "bio_pending bio_read constant_count ctx_cipher_count "
               "engine_chain_count engine_pending"),
    (c_void_p, "cert_der"),
    (c_int64, "session_time session_timeout session_ticket_lifetime_hint"),
    (c_uint64, "ctx_options ctx_verify_flags"),
    (c_uint, "ctx_host_flags"),
    (c_ulong, "openssl_version_number"),
    (POINTER(Details), "ctx_error engine_error"),
    (None, "bio_unref bio_write_eof cert_unref ctx_unref engine_alpn "
           "engine_free free openssl_version_info random_add session_id "
           "session_unref"),
)


def load():
    """The library. One with a sanitizer would end this process instead."""
    try:
        with open(LIBRARY, "rb") as file:
            code = file.read()
        if b"__asan_init" in code or b"__tsan_init" in code:
            raise OSError("it has a sanitizer")
        return ctypes.CDLL(LIBRARY)
    except OSError as error:
        print(f"the library cannot be loaded: {error}")
        sys.exit(77)


tls = load()
for result, names in RESULTS:
    for name in names.split():
        getattr(tls, "tlsloop_" + name).restype = result
