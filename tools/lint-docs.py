#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""What documents say of the interface is there: each tlsloop_ name is a
function or a type of the public headers, and each TLSLOOP_ name a constant."""

import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
DOCUMENTS = ("README.md", "docs/*.md", "man/*.7")
# A name that ends with an underscore stands for all that begin so.
NAME = re.compile(r"(?<![\w/.*-])(?:tlsloop_[a-z0-9_]+|TLSLOOP_[A-Z0-9_]+)\b")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def known():
    text = "".join(
        read(path)
        for path in glob.glob(os.path.join(TOP, "include", "**", "*.h"),
                              recursive=True))
    names = set(re.findall(r"\b(?:tlsloop|TLSLOOP)_\w+", text))
    # The codes are made by a macro from a list.
    codes = re.findall(r"^  XX\((\w+),", text, re.M)
    return names | {"TLSLOOP_" + code for code in codes}


def main():
    names = known()
    checked = 0
    faults = 0
    for pattern in DOCUMENTS:
        for path in sorted(glob.glob(os.path.join(TOP, pattern))):
            for number, line in enumerate(read(path).splitlines(), 1):
                for name in NAME.findall(line):
                    checked += 1
                    if name in names:
                        continue
                    if name.endswith("_") and any(
                            other.startswith(name) for other in names):
                        continue
                    faults += 1
                    print(f"{os.path.relpath(path, TOP)}:{number}: "
                          f"there is no {name}")
    print(f"{checked} names, {faults} faults")
    return 1 if faults or not checked else 0


sys.exit(main())
