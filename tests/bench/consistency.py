#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of consistency (ATCON): ours, beside the same mathematics in PyTorch, as its authors write
it (a picture after the other, rectifiers exchanged in a forward of their own) and batched.

ResNet-18, all of it learning, Adam, batches of 8 pictures of 224 px, random weights. Medians over
steps; rounds in turn. Nothing else should run meanwhile.

usage: consistency.py FOVEA_CLI OUTPUT [--threads N] [--steps N] [--rounds N]
"""
import argparse
import json
import resource
import shutil
import statistics
import subprocess
import time
from pathlib import Path

BATCH, SIDE, OMEGA = 8, 224, 40.0


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def ours(options):
    """Seconds of each step but the first, without waiting for pictures; and MB."""
    run = options.output / "run"
    shutil.rmtree(run, ignore_errors=True)
    command = ["/usr/bin/time", "-f", "%M", options.cli, "train", options.output / "pictures",
               "--model", "resnet18", "--mode", "unsupervised", "--omega", OMEGA, "--batch", BATCH,
               "--epochs", 1, "--optimizer", "adam", "--augment", "none", "--no-test", "--threads",
               options.threads, "--output", run]
    done = subprocess.run([str(part) for part in command], check=True, stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, text=True)
    lines = [json.loads(line) for line in (run / "log.jsonl").open()]
    ends = [line["seconds"] for line in lines]
    taken = [end - start - line["waited"] for start, end, line in zip(ends, ends[1:], lines[1:])]
    return taken, int(done.stderr.split()[-1]) / 1024


# -- PyTorch ---------------------------------------------------------------------------------------

def make_guided():
    import torch

    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(context, values):
            context.save_for_backward(values > 0)
            return values.clamp(min=0)

        @staticmethod
        def backward(context, gradient):
            return gradient.clamp(min=0) * context.saved_tensors[0]

    return Guided.apply


def run(model, images, guided=None):
    import torch
    kept = {}
    handles = [model.layer4.register_forward_hook(
        lambda _module, _inputs, output: kept.update(activation=output))]
    if guided is not None:
        handles += [module.register_forward_hook(lambda _m, inputs, _o: guided(inputs[0]))
                    for module in model.modules() if isinstance(module, torch.nn.ReLU)]
    logits = model(images)
    for handle in handles:
        handle.remove()
    return logits, kept["activation"]


def gradcam(model, images, targets=None):
    import torch
    logits, activation = run(model, images)
    targets = logits.argmax(1) if targets is None else targets
    score = logits.gather(1, targets[:, None]).sum()
    gradient, = torch.autograd.grad(score, activation, create_graph=True)
    return (gradient.mean((2, 3), keepdim=True) * activation).sum(1), targets


def standardise(maps):
    return (maps - maps.mean((1, 2), True)) / maps.std((1, 2), keepdim=True)


def cost(model, images, guided):
    import torch
    first, targets = gradcam(model, images)
    leaf = images.clone().requires_grad_()
    logits, _ = run(model, leaf, guided)
    gradient, = torch.autograd.grad(logits.gather(1, targets[:, None]).sum(), leaf,
                                    create_graph=True)
    g = gradient.abs().sum(1)
    sigma = g.mean((1, 2), True) + g.std((1, 2), keepdim=True) / 2
    mask = (OMEGA * (g - sigma)).sigmoid()
    second, _ = gradcam(model, images * mask[:, None], targets)
    u, v = standardise(first).sigmoid(), standardise(second).sigmoid()
    u, v = u - u.mean((1, 2), True), v - v.mean((1, 2), True)
    norm = ((u * u).sum((1, 2)) * (v * v).sum((1, 2))).sqrt()
    return -((u * v).sum((1, 2)) / norm).mean()


def theirs(options, batched):
    import torch
    import torchvision
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = torchvision.models.resnet18().eval()
    for module in model.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False
    optimizer = torch.optim.Adam(model.parameters(), 2e-6)
    guided, taken = make_guided(), []
    for _ in range(options.steps):
        images = torch.randn(BATCH, 3, SIDE, SIDE)
        began = time.monotonic()
        parts = [images] if batched else images.split(1)
        optimizer.zero_grad()
        (sum(cost(model, part, guided) for part in parts) / len(parts)).backward()
        optimizer.step()
        taken.append(time.monotonic() - began)
    return taken[1:], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    options = parse()
    options.output.mkdir(parents=True, exist_ok=True)
    pictures = options.output / "pictures"
    if not pictures.exists():
        subprocess.run([options.cli, "dataset", "build", "scenes", pictures, "--size", str(SIDE),
                        "--n-train", str(BATCH * options.steps), "--n-validation", "4", "--n-test",
                        "4"], check=True)
    found = {"Fovea": [], "PyTorch, batched": [], "PyTorch, one by one": []}
    memory = {}
    for _ in range(options.rounds):
        for name, measure in (("Fovea", lambda: ours(options)),
                              ("PyTorch, batched", lambda: theirs(options, True)),
                              ("PyTorch, one by one", lambda: theirs(options, False))):
            taken, memory[name] = measure()
            found[name] += taken
    own = statistics.median(found["Fovea"])
    print("| | step | Fovea's share | memory of the program at most |")
    print("| --- | --- | --- | --- |")
    for name, taken in found.items():
        step = statistics.median(taken)
        print(f"| {name} | {step:.2f} s | {own / step:.2f} | {memory[name]:.0f} MB |")


main()
