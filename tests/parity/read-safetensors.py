#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads safetensors files with nothing but the published format in mind, and prints a line for each
tensor: name, type, shape, SHA-256 of its bytes. Another reader's view of what Fovea saved."""

import hashlib
import json
import sys


def main():
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            blob = file.read()
        end = 8 + int.from_bytes(blob[:8], "little")
        assert end % 8 == 0, f"{path}: the values do not start at a multiple of 8"
        header = json.loads(blob[8:end])
        header.pop("__metadata__", None)
        for name, entry in header.items():
            start, stop = entry["data_offsets"]
            digest = hashlib.sha256(blob[end + start:end + stop]).hexdigest()
            print(name, entry["dtype"], entry["shape"], digest)


main()
