#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""TorchScript files: how long they take to open, child included, and what running them costs over
eager PyTorch, in turn in one run. Prints the rows of SPEED.md.

usage: script.py BUILD [ROUNDS [NETWORK ...]]
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import torchvision

THREADS = 2


def engine(build, *arguments):
    command = [str(Path(build) / "tests/bench/bench-engine"), *map(str, arguments)]
    environment = dict(os.environ, FOVEA_CLI=str(Path(build) / "app/fovea-cli"))
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE,
                                     env=environment).stdout)


def eager_forward(model, rounds):
    image = torch.randn(1, 3, 224, 224)
    times = []
    with torch.no_grad():
        for _ in range(rounds):
            began = time.perf_counter()
            model(image)
            times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def python_load(path):
    """Milliseconds of a new Python that loads the file and runs it once."""
    code = f"import torch; torch.jit.load({str(path)!r}).eval()(torch.zeros(1, 3, 224, 224))"
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return 1000 * (time.perf_counter() - began)


def row(build, name, folder, rounds):
    model = getattr(torchvision.models, name)(weights=None).eval()
    path = Path(folder) / f"{name}.pt"
    torch.jit.script(model).save(path)
    opened = engine(build, "open", path, 5)
    loaded = statistics.median(python_load(path) for _ in range(3))
    pairs = [(engine(build, "explain", path, rounds)["forward_ms"], eager_forward(model, rounds))
             for _ in range(5)]
    own, eager = (statistics.median(pair[i] for pair in pairs) for i in range(2))
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"| {name} | {path.stat().st_size / 1e6:.0f} MB | {opened['open_ms']:.0f} ms "
          f"| {loaded:.0f} ms | {opened['peak_mb']:.0f} MB | {own:.1f} ms | {eager:.1f} ms "
          f"| {ratio:.3f} |", flush=True)


def main():
    build, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    torch.set_num_threads(THREADS)
    print("| scripted network | file | opened by Fovea | new Python: load, run | memory to open "
          "| Fovea forward | eager forward | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[3:] or ("resnet18", "resnet50", "mobilenet_v2"):
            row(build, name, folder, rounds)


main()
