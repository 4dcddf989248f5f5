# SPDX-License-Identifier: GPL-3.0-or-later
"""Files for the tests of fovea-cli, made byte by byte: pictures, arrays, weights, and hostile ones.
Only Python's own library is used."""

import json
import pickle
import struct
import zipfile
import zlib
from array import array
from math import prod


def png_bytes(width, height, pixel, palette=None):
    """RGB where pixel (x, y) gives three bytes, or indexed where a palette of triples is given."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width))
                    for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3 if palette else 2, 0, 0, 0)
    colours = chunk(b"PLTE", bytes(sum(palette, ()))) if palette else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + colours
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_photo(path, width=40, height=30, seed=0):
    path.write_bytes(png_bytes(width, height, lambda x, y: (
        (6 * x + 40 * seed) % 256, (8 * y + 90 * seed) % 256, (x * y + seed) % 256)))


def write_mask(path, width, height):
    path.write_bytes(png_bytes(width, height, lambda x, y: (1 if x > 9 else 0,),
                               [(0, 0, 0), (255, 0, 0)]))


def write_npy(path, shape, values=None, dtype="<f4"):
    header = repr({"descr": dtype, "fortran_order": False, "shape": tuple(shape)}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    values = values if values is not None else [0.01 * (i % 97) for i in range(prod(shape))]
    path.write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header
                     + array("f", values).tobytes())


def read_npy(path):
    """(shape, values) of a float32 array."""
    data = path.read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\0", "no .npy of version 1.0"
    end = 10 + struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:end], {"__builtins__": {}})  # written by the program under test
    assert header["descr"] == "<f4" and header["fortran_order"] is False
    values = array("f")
    values.frombytes(data[end:])
    assert len(values) == prod(header["shape"])
    return header["shape"], values


def idx_bytes(shape):
    """Bytes that count up, in MNIST's format."""
    return (struct.pack(">HBB", 0, 8, len(shape)) + struct.pack(f">{len(shape)}I", *shape)
            + bytes(i % 256 for i in range(prod(shape))))


def safetensors_bytes(header, data=b"\0" * 64, length=None):
    """A header (an object or text) in front of data; length may lie."""
    text = header.encode() if isinstance(header, str) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def lying_safetensors():
    """name → bytes of a file whose header does not tell the truth."""
    def entry(shape, start, end):
        return {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    return {
        "huge-shape": safetensors_bytes({"a": entry([2 ** 40, 2 ** 40], 0, 64)}),
        "negative-shape": safetensors_bytes({"a": entry([-4, -4], 0, 64)}),
        "reversed-offsets": safetensors_bytes({"a": entry([4, 4], 64, 0)}),
        "overlapping-offsets": safetensors_bytes(
            {"a": entry([4, 4], 0, 64), "b": entry([4, 4], 0, 64)}),
        "beyond-the-end": safetensors_bytes({"a": entry([4, 8], 0, 128)}),
        "header-of-2-to-the-62": safetensors_bytes({}, length=2 ** 62),
        "not-json": safetensors_bytes('{"a": '),
        "deep": safetensors_bytes('{"a":' + "[" * 100000),
        "empty": b"",
    }


class Bomb:
    """Unpickled by Python it would leave a file behind."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return (open, (self.trace, "w"))


def hostile_pickles(trace):
    """name → bytes; whoever executes one makes the file at trace."""
    bomb = pickle.dumps({"weight": Bomb(trace)}, protocol=2)
    return {"bare": bomb, "zipped": zip_bytes(bomb), "truncated": zip_bytes(bomb)[:-40],
            "endless": zip_bytes(b"\x80\x02" + b"(" * 1000000)}


def zip_bytes(pickled):
    import io
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/version", "3\n")
    return buffer.getvalue()
