# SPDX-License-Identifier: MIT
"""Python's ssl module and tlsloop agree on every constant, by name and value,
and on what they tell of OpenSSL. Runs with each Python that is here; what
depends on the OpenSSL that a Python was built with is compared when it is
ours. And every enumerator of the headers is in the table."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys

TOP = os.environ.get("top_srcdir", ".")
BUILD = os.environ.get("top_builddir", ".")
PRINTER = os.path.join(BUILD, "tests", "interop", "print-constants")

PREFIXES = ("CERT_", "VERIFY_", "PROTOCOL_", "OP_", "ALERT_DESCRIPTION_",
            "SSL_ERROR_", "HAS_")
# What the module has from others, or tlsloop as a function.
OTHERS = ("SOCK_STREAM", "SOL_SOCKET", "SO_TYPE", "OPENSSL_VERSION_NUMBER")
# What Python lacks where OpenSSL does, and what it keeps to itself.
BEYOND = ("PROTOCOL_SSLv3", "HAS_TLS_UNIQUE")
NEWEST = (3, 13)


def facts_of_python():
    """What this interpreter's module says; runs in each of them."""
    import ssl
    import warnings

    warnings.simplefilter("ignore")
    constants = {}
    for name in dir(ssl):
        value = getattr(ssl, name)
        if isinstance(value, int) and re.match("[A-Z]", name):
            constants[name] = int(value)
    for version in getattr(ssl, "TLSVersion", ()):
        constants["TLSVersion." + version.name] = int(version)
    objects = {}
    for nid in range(-1, 1401):
        try:
            found = ssl._ASN1Object.fromnid(nid)
        except ValueError:
            continue
        again = ssl._ASN1Object.fromname(found.shortname)
        objects[nid] = [found.shortname, found.longname, found.oid or "",
                        again.nid]
    return {
        "python": list(sys.version_info[:3]),
        "constants": constants,
        "openssl": ssl.OPENSSL_VERSION,
        "running": [ssl.OPENSSL_VERSION_NUMBER, *ssl.OPENSSL_VERSION_INFO],
        "headers": list(ssl._OPENSSL_API_VERSION),
        "bindings": ssl.CHANNEL_BINDING_TYPES,
        "protocols": {n: ssl.get_protocol_name(n) for n in range(-1, 21)},
        "purposes": {p.name: list(p.value) for p in ssl.Purpose},
        "objects": objects,
        "paths": [path or "" for path in ssl.get_default_verify_paths()],
    }


def facts_of_tlsloop():
    out = subprocess.run([PRINTER], stdout=subprocess.PIPE, check=True)
    facts = {"constants": {}, "bindings": [], "protocols": {}, "objects": {},
             "paths": []}
    for line in out.stdout.decode().splitlines():
        what, *parts = line.split("\t")
        if what == "constant":
            facts["constants"][parts[0]] = int(parts[1])
        elif what == "openssl":
            facts["openssl"] = parts[0]
        elif what in ("running", "headers"):
            facts[what] = [int(part) for part in parts]
        elif what == "binding":
            facts["bindings"].append(parts[0])
        elif what == "protocol":
            facts["protocols"][parts[0]] = parts[1]
        elif what == "object":
            facts["objects"][parts[0]] = parts[1:]
        elif what == "path":
            facts["paths"].append(parts[0])
    return facts


class Comparison:
    def __init__(self, who):
        self.who = who
        self.faults = 0
        self.count = 0

    def same(self, what, ours, theirs):
        self.count += 1
        if ours != theirs:
            print(f"{self.who}: {what} is {theirs!r}, not {ours!r}")
            self.faults += 1


def compare_constants(comparison, ours, theirs, same_headers):
    newer = tuple(theirs["python"][:2]) > NEWEST
    for name, value in theirs["constants"].items():
        if name in OTHERS:
            continue
        known = name.startswith(PREFIXES + ("TLSVersion.",))
        if newer and (not known or name not in ours["constants"]):
            print(f"{comparison.who}: newer than this test: {name}")
            continue
        comparison.same(name + " of a known kind", True, known)
        if name.startswith("HAS_") or name == "OP_ALL":
            if not same_headers:
                value = ours["constants"].get(name)
        comparison.same(name, ours["constants"].get(name), value)


def compare_openssl(comparison, ours, theirs):
    comparison.same("OPENSSL_VERSION", ours["openssl"], theirs["openssl"])
    comparison.same("OPENSSL_VERSION_INFO", ours["running"], theirs["running"])
    comparison.same("the number of objects",
                    len(ours["objects"]), len(theirs["objects"]))
    for nid, found in theirs["objects"].items():
        comparison.same(f"object {nid}", ours["objects"].get(nid), found[:3])
        # Some short names are two objects'; the first is found.
        if found[3] == int(nid):
            comparison.same(f"object {found[0]}", ours["objects"][nid][0],
                            found[0])
    comparison.same("the default paths", ours["paths"], theirs["paths"])


def compare(who, ours, theirs):
    comparison = Comparison(who)
    same_headers = ours["headers"][1:3] == theirs["headers"][0:2]
    compare_constants(comparison, ours, theirs, same_headers)
    for binding in theirs["bindings"]:
        comparison.same(f"binding {binding}", binding in ours["bindings"], True)
    for number, name in theirs["protocols"].items():
        # A Python without SSL 3.0 does not know its name.
        if number != "1" or name != "<unknown>":
            comparison.same(f"protocol {number}", ours["protocols"][number],
                            name)
    for name, (nid, short, long, oid) in theirs["purposes"].items():
        comparison.same(f"Purpose.{name}",
                        [ours["constants"].get(f"TLSLOOP_PURPOSE_{name}"),
                         *ours["objects"][str(nid)]],
                        [nid, short, long, oid])
    if ours["openssl"] == theirs["openssl"]:
        compare_openssl(comparison, ours, theirs)
    else:
        print(f"{who}: runs {theirs['openssl']}, not {ours['openssl']}")
    print(f"{who}: {comparison.count} facts, {comparison.faults} faults")
    return comparison.faults


def pythons():
    """Every Python here, each once, with what it says."""
    seen = set()
    names = ("python3.13", "python3")
    found = [shutil.which(name) for name in names]
    for path in (*found, sys.executable, "/usr/bin/python3"):
        if path is None or not os.path.exists(path):
            continue
        result = subprocess.run([path, __file__, "--facts"],
                                stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
        if result.returncode != 0:
            continue
        facts = json.loads(result.stdout)
        who = "Python " + ".".join(map(str, facts["python"]))
        if who not in seen:
            seen.add(who)
            yield who, facts


def check_headers(table):
    """Every enumerator that the headers write with its number."""
    faults = 0
    count = 0
    for header in glob.glob(os.path.join(TOP, "include", "**", "*.h"),
                            recursive=True):
        with open(header, encoding="ascii") as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        for name, number in re.findall(
                r"\b(TLSLOOP_[A-Z0-9_]+) = \(?(-?\w+)", text):
            if not re.match(r"-?\d", number):
                continue
            count += 1
            if table.get(name) != int(number, 0):
                print(f"{header}: {name} is {number}, not {table.get(name)}")
                faults += 1
    print(f"headers: {count} enumerators, {faults} faults")
    return faults + (count < 100)


def main():
    ours = facts_of_tlsloop()
    faults = check_headers(ours["constants"])
    for name in BEYOND:
        if name not in ours["constants"]:
            print(f"there is no {name}")
            faults += 1
    compared = 0
    for who, theirs in pythons():
        faults += compare(who, ours, theirs)
        compared += 1
    if compared == 0:
        print("no Python could be asked")
        faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--facts"]:
        json.dump(facts_of_python(), sys.stdout)
    else:
        sys.exit(main())
