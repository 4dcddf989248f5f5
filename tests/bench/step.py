#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of training with cross-entropy alone and one with the two-term loss beside it: ours, and the
same mathematics in python3-torch, in turn. There the map is made twice: in the closed form that a
linear head allows, as ours is, and by differentiating the logit (create_graph), as published code
does.

Batches of 16 pictures of 224 px, the whole network learning, batch norm in evaluation, AdamW,
gradients clipped, random weights. Nothing else should run meanwhile.

usage: step.py BUILD OUTPUT [ROUNDS]
"""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
import torchvision

THREADS, BATCH, N_TRAIN, STEPS = 2, 16, 80, 4
KINDS = ("plain_ms", "two_term_ms", "create_graph_ms")


def ours(build, network, pictures):
    done = subprocess.run([build / "tests/bench/bench-engine", "step", network, pictures, "1"],
                          check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def two_term(maps, inside):
    """On [N,h,w] maps and masks: what shines outside, and what stays dark inside."""
    shown = torch.relu(maps)
    shown = shown / shown.amax((1, 2), keepdim=True).clamp(min=1e-7)
    outside = 1 - inside
    return ((shown * outside).sum((1, 2)) / outside.sum((1, 2))
            + 1 - (shown * inside).sum((1, 2)) / inside.sum((1, 2))).mean()


def body_and_head(model):
    if hasattr(model, "features"):
        return model.features, model.classifier[-1]
    return torch.nn.Sequential(*list(model.children())[:-2]), model.fc


def draw_maps(kind, activation, head, logits, labels):
    if kind == "two_term_ms":
        return torch.einsum("nk,nkhw->nhw", head.weight[labels], activation)
    chosen = logits.gather(1, labels[:, None]).sum()
    gradient, = torch.autograd.grad(chosen, activation, create_graph=True)
    return (gradient.mean((2, 3), keepdim=True) * activation).sum(1)


def theirs(network):
    model = getattr(torchvision.models, network)(num_classes=4).eval()
    body, head = body_and_head(model)
    images, labels = torch.randn(BATCH, 3, 224, 224), torch.randint(4, (BATCH,))
    inside = torch.zeros(BATCH, 7, 7)
    inside[:, 2:5, 2:5] = 1
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4)

    def step(kind):
        activation = body(images)
        logits = head(activation.mean((2, 3)))
        loss = torch.nn.functional.cross_entropy(logits, labels)
        if kind != "plain_ms":
            loss = loss + two_term(draw_maps(kind, activation, head, logits, labels), inside)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()

    times = {kind: [] for kind in KINDS}
    for _ in range(STEPS):
        for kind in KINDS:
            began = time.perf_counter()
            step(kind)
            times[kind].append(1000 * (time.perf_counter() - began))
    return {kind: statistics.median(taken[1:]) for kind, taken in times.items()}


def main():
    build, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    torch.set_num_threads(THREADS)
    pictures = output / "pictures"
    if not pictures.exists():
        subprocess.run([build / "app/fovea-cli", "dataset", "build", "scenes", pictures,
                        "--n-train", str(N_TRAIN), "--n-validation", "0", "--n-test", "4"],
                       check=True, stdout=subprocess.DEVNULL)
    print("| network | | plain step | two-term step | ratio | with create_graph | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for network in ("small_cnn", "resnet18", "mobilenet_v2"):
        found = {"Fovea": [], "PyTorch": []}
        for _ in range(rounds):
            found["Fovea"].append(ours(build, network, pictures))
            if hasattr(torchvision.models, network):
                found["PyTorch"].append(theirs(network))
        for name, results in found.items():
            if results:
                show(network, name, results)


def show(network, name, results):
    cells = []
    plain = statistics.median(one["plain_ms"] for one in results)
    for kind in KINDS[1:]:
        if kind not in results[0]:
            cells.append("– | –")
            continue
        ratio = statistics.median(one[kind] / one["plain_ms"] for one in results)
        cells.append(f"{statistics.median(one[kind] for one in results):.0f} ms | {ratio:.2f}")
    print(f"| {network} | {name} | {plain:.0f} ms | {' | '.join(cells)} |", flush=True)


main()
