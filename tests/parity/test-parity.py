#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logits and Grad-CAM of fovea-cli against PyTorch, from .pth and from .safetensors.

usage: test-parity.py FOVEA_CLI   (prints TAP; skips without python3-torchvision)
"""
import subprocess
import sys
import tempfile
from pathlib import Path

# architecture, module in torchvision, layer in Fovea
CASES = [
    ("resnet18", "layer4", "layer4"),
    ("resnet18", "layer2.1", "layer2.1"),
    ("resnet50", "layer4", "layer4"),
    ("mobilenet_v2", "features.18", "features.18"),
    ("mobilenet_v2", "features.13", "features.13"),
]
TOLERANCE = 1e-4
HERE = Path(__file__).parent


def relative_error(found, wanted):
    """Largest difference over largest value: a map's zeros have no relative error of their own."""
    if found.shape != wanted.shape:
        raise AssertionError(f"shape {found.shape} instead of {wanted.shape}")
    return float(abs(found - wanted).max() / abs(wanted).max())


def run(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


def check(cli, architecture, layer, folder, suffix):
    import numpy
    model = ["--model", architecture, "--weights", folder / f"weights.{suffix}"]
    run(cli, "predict", folder / "input.npy", *model, "--output", folder / "found.npy")
    explain = [cli, "explain", folder / "input.npy", *model, "--method", "gradcam", "--layer", layer]
    run(*explain, "--output", folder / "maps")
    run(*explain, "--no-relu", "--output", folder / "signed")
    logits = relative_error(numpy.load(folder / "found.npy"), numpy.load(folder / "logits.npy"))
    reference = numpy.load(folder / "map.npy")
    signed = numpy.load(folder / "signed" / "input.gradcam.npy")
    positive = numpy.load(folder / "maps" / "input.gradcam.npy")
    if not numpy.array_equal(positive, signed.clip(min=0)):
        raise AssertionError("the default map is not the signed one without its negative part")
    return logits, relative_error(signed, reference)


def main():
    cli = sys.argv[1]
    try:
        import torchvision  # noqa: F401
    except ImportError as reason:
        print(f"1..0 # SKIP {reason}")
        return
    print(f"1..{2 * len(CASES)}")
    number = 0
    for architecture, module, layer in CASES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            run("/usr/bin/python3", HERE / "make-reference.py", architecture, module, folder)
            for suffix in ("pth", "safetensors"):
                number += 1
                logits, maps = check(cli, architecture, layer, folder, suffix)
                verdict = "ok" if logits <= TOLERANCE and maps <= TOLERANCE else "not ok"
                print(f"{verdict} {number} {architecture} at {layer} from .{suffix}: "
                      f"relative error {logits:.1e} (logits), {maps:.1e} (Grad-CAM)", flush=True)


main()
