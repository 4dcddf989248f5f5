#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and shapes against torchvision: every parameter, and every module whose output has space;
and the resizing of photos against torch.nn.functional.interpolate with antialiasing.

usage: test-names.py FOVEA_CLI   (prints TAP; skips without python3-torchvision)
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "cli"))
import fixtures  # noqa: E402

CLI = sys.argv[1]
ARCHITECTURES = ["resnet18", "resnet34", "resnet50", "mobilenet_v2"]


def run(*command):
    done = subprocess.run([CLI, *map(str, command)], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.stdout.decode()


def spatial_layers(model):
    """name → [C, h, w] of the modules whose last output for one picture has more than one cell."""
    import torch
    shapes = {}

    def keep(name):
        def hook(_module, _inputs, output):
            if isinstance(output, torch.Tensor) and output.dim() == 4 and output[0, 0].numel() > 1:
                shapes[name] = list(output.shape[1:])
        return hook

    for name, module in model.named_modules():
        if name:
            module.register_forward_hook(keep(name))
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, 224, 224))
    return shapes


def check_layers(model, architecture):
    info = json.loads(run("model", "info", architecture, "--json"))
    found = {layer["name"]: layer["shape"] for layer in info["layers"]}
    wanted = spatial_layers(model)
    assert found == wanted, f"layers differ: {differences(found, wanted)}"
    assert info["parameters"] == sum(p.numel() for p in model.parameters())


def differences(found, wanted):
    return sorted(name for name in found.keys() | wanted.keys()
                  if found.get(name) != wanted.get(name))


def check_weights(model, architecture, folder):
    """The state dict opens, in both directions: what Fovea saves has PyTorch's names and shapes."""
    import torch
    project = folder / "photos"
    for name in ("a", "b"):
        (project / name).mkdir(parents=True)
        for i in range(4):
            fixtures.write_photo(project / name / f"{i}.png", 20, 16, seed=i)
    weights = folder / "weights.pth"
    torch.save(model.state_dict(), weights)
    card = folder / "weights.json"
    card.write_text(json.dumps({"architecture": architecture, "input_size": [3, 64, 64]}))
    run("train", project, "--weights", weights, "--epochs", 1, "--batch", 2, "--threads", 1,
        "--output", folder / "run")
    found = safetensors_shapes(folder / "run" / "model.safetensors")
    wanted = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    for name in list(wanted)[-2:]:  # the head was replaced: two classes
        wanted[name][0] = 2
    assert list(found) == list(wanted), f"names differ: {differences(found, wanted)}"
    assert found == wanted, f"shapes differ: {differences(found, wanted)}"


def safetensors_shapes(path):
    data = path.read_bytes()
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    header.pop("__metadata__", None)
    by_place = sorted(header.items(), key=lambda item: item[1]["data_offsets"])
    return {name: entry["shape"] for name, entry in by_place}


def check_architecture(architecture, folder):
    import torchvision
    model = getattr(torchvision.models, architecture)(weights=None)
    check_layers(model, architecture)
    check_weights(model, architecture, folder)


def check_resizing(interpolation, folder):
    """The logits of a photo and of the array that PyTorch makes of it."""
    import numpy
    import torch
    card = {"architecture": "small_cnn", "input_size": [3, 40, 48], "mean": [0.3, 0.4, 0.5],
            "std": [0.2, 0.25, 0.3], "interpolation": interpolation, "channel_order": "BGR",
            "classes": ["a", "b", "c"]}
    (folder / "card.json").write_text(json.dumps(card))
    model = ["--model", "small_cnn", "--card", folder / "card.json", "--seed", 4]
    for width, height in ((131, 97), (20, 19), (300, 9)):
        pixels = numpy.array([[[(6 * x) % 256, (8 * y) % 256, (x * y) % 256] for x in range(width)]
                              for y in range(height)], dtype=numpy.uint8)
        fixtures.write_photo(folder / "photo.png", width, height)
        image = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
        image = torch.nn.functional.interpolate(image, size=(40, 48), mode=interpolation,
                                                align_corners=False, antialias=True)
        image = image.clamp(0, 255).round().flip(1) / 255
        image = (image - torch.tensor(card["mean"])[:, None, None]) \
            / torch.tensor(card["std"])[:, None, None]
        numpy.save(folder / "array.npy", image.numpy())
        run("predict", folder / "photo.png", folder / "array.npy", *model, "--output",
            folder / "logits.npy")
        found, wanted = numpy.load(folder / "logits.npy")
        error = abs(found - wanted).max() / abs(wanted).max()
        assert error < 1e-4, f"{width} × {height}: relative error {error:.1e}"


def main():
    try:
        import torchvision  # noqa: F401
    except ImportError as reason:
        print(f"1..0 # SKIP {reason}")
        return
    checks = [(check_architecture, name) for name in ARCHITECTURES] \
        + [(check_resizing, name) for name in ("bilinear", "bicubic")]
    print(f"1..{len(checks)}")
    for number, (check, name) in enumerate(checks, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(name, Path(folder))
                print(f"ok {number} {check.__name__[6:]} {name}", flush=True)
            except (AssertionError, subprocess.CalledProcessError) as reason:
                print(f"# {reason}\nnot ok {number} {check.__name__[6:]} {name}", flush=True)


main()
