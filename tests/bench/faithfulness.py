#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletion and insertion in twenty steps: Fovea and a straightforward PyTorch version, in turn.

Processor time of one thread, ResNet-18, 224 px, batches of 16. The PyTorch version makes the changed
pictures of a batch with one comparison and runs the network as it was loaded.

usage: faithfulness.py BUILD [ROUNDS]
"""
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import torch  # noqa: E402
import torchvision  # noqa: E402

STEPS, BATCH, SIDE = 20, 16, 224


def pictures(image, ranks, baseline, steps):
    """All pictures of both curves; the end points of one are those of the other."""
    cuts = [SIDE * SIDE * i // steps for i in range(steps + 1)]
    for i in range(steps + 1):
        yield torch.where(ranks < cuts[i], baseline, image)
    for i in range(1, steps):
        yield torch.where(ranks < cuts[i], image, baseline)


def milliseconds_in_python(model, image, ranks):
    began = time.process_time()
    baseline = image.mean((1, 2), keepdim=True).expand_as(image)
    changed = list(pictures(image, ranks, baseline, STEPS))
    with torch.no_grad():
        for first in range(0, len(changed), BATCH):
            torch.softmax(model(torch.stack(changed[first:first + BATCH])), 1)
    return 1000 * (time.process_time() - began)


def main():
    build, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    torch.set_num_threads(1)
    model = torchvision.models.resnet18(weights=None).eval()
    image = torch.randn(3, SIDE, SIDE)
    grid = torch.rand(1, 1, 7, 7)
    values = torch.nn.functional.interpolate(grid, (SIDE, SIDE), mode="bilinear").flatten()
    ranks = values.argsort(descending=True).argsort().view(SIDE, SIDE)
    ours, theirs = [], []
    milliseconds_in_python(model, image, ranks)
    for _ in range(rounds):
        done = subprocess.run([build / "tests/bench/bench-faithfulness", "resnet18", str(STEPS),
                               "1"], check=True, stdout=subprocess.PIPE)
        ours.append(json.loads(done.stdout)["deletion_insertion"])
        theirs.append(milliseconds_in_python(model, image, ranks))
    own, raw = (statistics.median(run[key] for run in ours) for key in ("ms", "raw_ms"))
    ratio = statistics.median(run["ratio"] for run in ours)
    print("| Fovea | the forwards alone | ratio | PyTorch |")
    print("| --- | --- | --- | --- |")
    print(f"| {own:.0f} ms | {raw:.0f} ms | {ratio:.2f} | {statistics.median(theirs):.0f} ms |")


main()
