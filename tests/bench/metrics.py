#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alignment set of Fovea against a straightforward version in python3-torch, in turn in one run,
wall-clock on two threads. Prints the rows of SPEED.md.

usage: metrics.py BUILD [ROUNDS]
"""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

SIDES = (224, 512, 1024)
TURNS = 5


def alignment(a, inside):
    """Energy, IoU at 0.5 and at the best threshold, pointing game, rank, top 5 %, AUC and SIM."""
    n, k = a.numel(), int(inside.sum())
    energy = a[inside].sum() / a.sum()
    on = a >= a.max() / 2
    iou = (on & inside).sum() / (on | inside).sum()
    order = a.argsort(descending=True)
    hits = inside[order].cumsum(0)
    places = torch.arange(1, n + 1)
    best = (hits / (places + k - hits)).max()
    rank = hits[k - 1] / k
    top = hits[int(0.05 * n) - 1] / int(0.05 * n)
    auc = 1 - (places[inside[order]].sum() - k * (k + 1) / 2) / (k * (n - k))
    sim = torch.minimum(a / a.sum(), inside.float() / k).sum()
    side = int(n ** 0.5)
    peak = int(a.argmax())
    rows, columns = torch.arange(side)[:, None], torch.arange(side)[None]
    near = (rows - peak // side) ** 2 + (columns - peak % side) ** 2 <= (15 * side / 224) ** 2
    return energy, iou, best, rank, top, auc, sim, (near.reshape(-1) & inside).any()


def torch_milliseconds(side, rounds):
    torch.manual_seed(1)
    grid = torch.rand(1, 1, 7, 7) * 1.5 - 0.5
    a = torch.nn.functional.interpolate(grid, (side, side), mode="bilinear")[0, 0].relu().reshape(-1)
    inside = torch.zeros(side, side, dtype=torch.bool)
    inside[int(0.2 * side):int(0.7 * side), int(0.2 * side):int(0.8 * side)] = True
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        alignment(a, inside.reshape(-1))
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def main():
    program = str(Path(sys.argv[1]) / "tests/bench/bench-metrics")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    torch.set_num_threads(2)
    print("| side | PyTorch, whole set | Fovea, whole set | live: set up | live: a dab | worst dab |")
    print("| --- | --- | --- | --- | --- | --- |")
    for side in SIDES:
        own, theirs = [], []
        for _ in range(TURNS):
            theirs.append(torch_milliseconds(side, rounds))
            own.append(json.loads(subprocess.run([program, "alignment", str(side), str(rounds)],
                                                 check=True, stdout=subprocess.PIPE).stdout))
        row = {key: statistics.median(turn[key] for turn in own) for key in own[0]}
        print(f"| {side} | {statistics.median(theirs):.1f} ms | {row['full_ms']:.1f} ms "
              f"| {row['live_set_up_ms']:.2f} ms | {row['dab_ms']:.3f} ms "
              f"| {row['worst_dab_ms']:.3f} ms |")


main()
