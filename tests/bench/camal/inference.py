#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a network that was taught where to look cost more to use? Two runs of one architecture: the
tensors they hold, and how long the same pictures take, in turns.

usage: inference.py FOVEA_CLI RUN_BEFORE RUN_AFTER FOLDER_OF_PICTURES [ROUNDS]
"""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

N_PICTURES = 64


def describe(run):
    """Names, types and shapes: the head of a safetensors file without its offsets."""
    with (run / "model.safetensors").open("rb") as file:
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return {name: (tensor["dtype"], tensor["shape"]) for name, tensor in head.items()
            if name != "__metadata__"}


def measure(cli, run, pictures):
    began = time.monotonic()
    subprocess.run([cli, "predict", *pictures, "--model", run, "--threads", "1", "--json"],
                   check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main():
    cli, before, after, folder = (Path(argument).resolve() for argument in sys.argv[1:5])
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 9
    pictures = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg"))
    pictures = pictures[:N_PICTURES]
    measure(cli, before, pictures)  # what is read from the disk is in memory from now on
    seconds = [(measure(cli, before, pictures), measure(cli, after, pictures))
               for _ in range(rounds)]
    ratios = [second / first for first, second in seconds]
    same = describe(before) == describe(after)
    print(f"tensors: {'the same names, types and shapes' if same else 'NOT the same'}")
    print(f"{len(pictures)} pictures: {statistics.median(first for first, _ in seconds):.2f} s "
          f"before, {statistics.median(second for _, second in seconds):.2f} s after; ratio of a "
          f"round: median {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


main()
