#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house rules that a machine can see: arrows only go down, C++ and torch stay behind the wall,
GTK stays out of the engine, every header compiles alone as C11.

usage: test-tree.py SOURCE_ROOT   (prints TAP)
"""
import re
import subprocess
import sys
from pathlib import Path

# From the ground up; a folder may include from itself and from those named.
ARROWS = {
    "engine/masks": [],
    "engine/tensor": [],
    "engine/graph": ["engine/tensor"],
    "engine/data": ["engine/masks", "engine/tensor"],
    "engine/models": ["engine/graph", "engine/tensor"],
    "engine/attribution": ["engine/models", "engine/data", "engine/graph", "engine/tensor",
                           "engine/masks"],
    "engine/metrics": ["engine/attribution", "engine/masks"],
    "engine/losses": ["engine/attribution", "engine/tensor"],
    "engine/train": ["engine/losses", "engine/metrics", "engine/attribution", "engine/models",
                     "engine/data", "engine/graph", "engine/tensor", "engine/masks"],
    "ui": ["engine/train", "engine/metrics", "engine/attribution", "engine/models", "engine/data",
           "engine/masks", "engine/tensor"],
    "app": ["ui", "app/cli", "engine/tensor"],
    "app/cli": ["engine/train", "engine/metrics", "engine/attribution", "engine/models",
                "engine/data", "engine/graph", "engine/tensor", "engine/masks"],
}
# The bridge is the only part of ui that runs on the engine thread and may see a tensor.
BRIDGE = re.compile(r"^fv-(session|engine-thread)")
TENSOR_MAKERS = {"fv-tensor.h", "fv-scope.h", "fv-op.h", "fv-value.h", "fv-autograd.h",
                 "fv-runtime.h", "fv-graph.h", "fv-executor.h", "fv-inspection.h", "fv-gradcam.h",
                 "fv-model.h", "fv-input.h"}
INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.M)
PACKAGES = ["gtk4", "libadwaita-1", "json-glib-1.0", "libpng", "libzip", "openblas"]


def sources(root, folder, *suffixes):
    return [path for path in sorted((root / folder).iterdir()) if path.suffix in suffixes]


def includes(path):
    return INCLUDE.findall(path.read_text())


def wrong_arrows(root):
    owner = {path.name: folder for folder in ARROWS for path in sources(root, folder, ".h", ".hpp")}
    for folder, allowed in ARROWS.items():
        for path in sources(root, folder, ".c", ".cpp", ".h", ".hpp"):
            for name in includes(path):
                if owner.get(name, folder) not in (folder, *allowed):
                    yield f"{path.relative_to(root)} includes {name} of {owner[name]}"


def tensors_in_widgets(root):
    for path in sources(root, "ui", ".c", ".h"):
        if BRIDGE.match(path.name):
            continue
        for name in set(includes(path)) & TENSOR_MAKERS:
            yield f"{path.relative_to(root)} includes {name}"


def behind_the_wall(root):
    for path in sorted(root.glob("*/**/*")):
        relative = str(path.relative_to(root))
        if relative.startswith(("build", ".")) or path.suffix not in (".c", ".cpp", ".h", ".hpp"):
            continue
        wall = relative.startswith("engine/tensor/")
        if path.suffix in (".cpp", ".hpp") and not wall:
            yield f"{relative} is C++"
        for name in includes(path):
            if name.startswith(("torch/", "ATen/", "c10/")) and not wall:
                yield f"{relative} includes {name}"
            if name.startswith(("gtk/", "gdk/", "adwaita")) and relative.startswith("engine/"):
                yield f"{relative} includes {name}"


def long_files(root):
    for folder in ARROWS:
        for path in sources(root, folder, ".c", ".cpp", ".h", ".hpp"):
            lines = path.read_text().count("\n")
            if lines > 600:
                yield f"{path.relative_to(root)} has {lines} lines"


def lonely_headers(root):
    flags = subprocess.run(["pkg-config", "--cflags", *PACKAGES], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    folders = [f"-I{root / folder}" for folder in ARROWS]
    for folder in ARROWS:
        for path in sources(root, folder, ".h"):
            result = subprocess.run(["gcc", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only", "-xc",
                                     *flags, *folders, str(path)], stderr=subprocess.PIPE,
                                    text=True, check=False)
            if result.returncode != 0:
                yield f"{path.relative_to(root)}: {result.stderr.splitlines()[0]}"


def main():
    root = Path(sys.argv[1])
    checks = [wrong_arrows, tensors_in_widgets, behind_the_wall, long_files, lonely_headers]
    print(f"1..{len(checks)}")
    for number, check in enumerate(checks, 1):
        found = list(check(root))
        print(f"{'not ok' if found else 'ok'} {number} {check.__name__.replace('_', ' ')}")
        for line in found:
            print(f"# {line}")


main()
