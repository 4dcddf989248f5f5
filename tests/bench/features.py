#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A training step where the frozen part's features are kept, beside the step that computes them and
the step in which the whole network learns: ours, and the same mathematics in PyTorch.

Batches of 16 pictures of 224 px, cross-entropy, AdamW, gradients clipped, batch norm in evaluation,
random weights. Processor time of one thread, since other programs may be running; medians over
rounds taken in turn.

usage: features.py BUILD_DIRECTORY OUTPUT [ROUNDS]
"""
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

NETWORKS = [("mobilenet_v2", "features.14"), ("resnet18", "layer4")]
KINDS = ["whole_ms", "frozen_ms", "kept_ms"]
BATCH, N_TRAIN = 16, 48


def ours(build, network, layer, pictures, cache):
    done = subprocess.run([build / "tests/bench/bench-engine", "frozen", network, layer, pictures,
                           "1"], check=True, stdout=subprocess.PIPE,
                          env={**os.environ, "XDG_CACHE_HOME": str(cache)})
    return json.loads(done.stdout)


def cut(model, network, layer):
    """(frozen, learning) of a torchvision model."""
    import torch
    if network == "mobilenet_v2":
        at = int(layer.split(".")[1])
        return model.features[:at], torch.nn.Sequential(
            model.features[at:], torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
            model.classifier)
    names = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"]
    at = names.index(layer)
    parts = [getattr(model, name) for name in names]
    return torch.nn.Sequential(*parts[:at]), torch.nn.Sequential(
        *parts[at:], torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), model.fc)


def theirs(network, layer):
    import torch
    import torchvision
    torch.set_num_threads(1)
    model = getattr(torchvision.models, network)(num_classes=4).eval()
    frozen, learning = cut(model, network, layer)
    images, labels = torch.randn(BATCH, 3, 224, 224), torch.randint(4, (BATCH,))
    with torch.no_grad():
        kept = frozen(images)

    def run(kind):
        for parameter in frozen.parameters():
            parameter.requires_grad = kind == "whole_ms"
        learns = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(learns, 1e-4)
        times = []
        for _ in range(3 if kind != "kept_ms" else 8):
            began = time.thread_time()
            with torch.set_grad_enabled(kind == "whole_ms"):
                values = kept if kind == "kept_ms" else frozen(images)
            loss = torch.nn.functional.cross_entropy(learning(values), labels)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learns, 5)
            optimizer.step()
            times.append(1000 * (time.thread_time() - began))
        return statistics.median(times[1:])

    return {kind: run(kind) for kind in KINDS}


def main():
    build, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    pictures = output / "pictures"
    if not pictures.exists():
        subprocess.run([build / "app/fovea-cli", "dataset", "build", "scenes", pictures,
                        "--n-train", str(N_TRAIN), "--n-validation", "0", "--n-test", "0",
                        "--size", "224"], check=True, stdout=subprocess.DEVNULL)
    print("| network, learning from | | whole network learns | frozen part run | features kept "
          "| whole / kept | frozen / kept |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for network, layer in NETWORKS:
        results = {"Fovea": [], "PyTorch": []}
        for _ in range(rounds):
            results["Fovea"].append(ours(build, network, layer, pictures, output / "cache"))
            results["PyTorch"].append(theirs(network, layer))
        for name, found in results.items():
            whole, run, kept = (statistics.median(one[kind] for one in found) for kind in KINDS)
            print(f"| {network}, {layer} | {name} | {whole:.0f} ms | {run:.0f} ms | {kept:.0f} ms "
                  f"| {whole / kept:.1f} x | {run / kept:.1f} x |", flush=True)


main()
