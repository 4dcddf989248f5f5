#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fovea against python3-torch and the grad-cam package in one run, in turn, so that a change of the
machine's speed meets both. Prints the rows of SPEED.md. Needs the package (PyPI, beside Debian's
python3-torch: pip install --no-deps grad-cam and what it imports).

usage: speed.py BUILD [ROUNDS]
"""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
import torchvision

THREADS = 2


def python_times(architecture, rounds):
    """Milliseconds of a forward and of the package's Grad-CAM at the last layer; parameters require
    gradients, as they do when a model is loaded."""
    from pytorch_grad_cam import GradCAM
    model = getattr(torchvision.models, architecture)(weights=None).eval()
    image = torch.randn(1, 3, 224, 224)
    layer = model.layer4 if hasattr(model, "layer4") else model.features[-1]
    forward, explain = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        with torch.no_grad():
            model(image)
        forward.append(time.perf_counter() - began)
        with GradCAM(model=model, target_layers=[layer]) as cam:
            began = time.perf_counter()
            cam(input_tensor=image, targets=None)
            explain.append(time.perf_counter() - began)
    return 1000 * statistics.median(forward), 1000 * statistics.median(explain)


def engine(build, *arguments):
    command = [str(Path(build) / "tests/bench/bench-engine"), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def explain_rows(build, rounds):
    print("| network | Fovea, graph as it is | optimised forward | Grad-CAM | another class "
          "| PyTorch forward | grad-cam package | faster | Grad-CAM / own forward |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for architecture in ("resnet18", "resnet50", "mobilenet_v2"):
        pairs = [(engine(build, "explain", architecture, rounds),
                  python_times(architecture, rounds)) for _ in range(3)]
        own = {key: statistics.median(pair[0][key] for pair in pairs) for key in pairs[0][0]}
        forward, explain = (statistics.median(pair[1][i] for pair in pairs) for i in range(2))
        faster = statistics.median(pair[1][1] / pair[0]["gradcam_ms"] for pair in pairs)
        share = statistics.median(pair[0]["gradcam_ms"] / pair[0]["forward_ms"] for pair in pairs)
        print(f"| {architecture} | {own['original_ms']:.1f} ms | {own['forward_ms']:.1f} ms | {own['gradcam_ms']:.1f} ms "
              f"| {own['another_class_ms']:.2f} ms | {forward:.1f} ms | {explain:.1f} ms "
              f"| {faster:.1f} x | {share:.2f} |", flush=True)


def main():
    build, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    torch.set_num_threads(THREADS)
    explain_rows(build, rounds)


main()
