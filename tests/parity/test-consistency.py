#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loss of consistency and its gradients against PyTorch, written as its authors do: a picture
after the other, rectifiers exchanged for a function with a backward of its own in a separate
forward, Grad-CAM from recorded gradients.

Integrated gradients are not compared on networks that begin with max pooling: at their first point,
the black picture, all pixels tie, and rounding chooses whose gradient it is.

The reference guides ReLU6 as well, with ReLU6's own derivative [0 < x < 6]; the authors' code knows
ReLU alone.

usage: test-consistency.py DUMP_CONSISTENCY   (prints TAP; skips without python3-torchvision)
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

# architecture, Grad-CAM's layer, pixels, omega (steep enough for masks that are not flat)
CASES = [("resnet18", "layer4", "guided", 800.0), ("resnet18", "layer3", "guided", 800.0),
         ("mobilenet_v2", "features.18", "guided", 8000.0),
         ("mobilenet_v2", "features.18", "ig", 2e5)]
BATCH, SIDE = 3, 96
N_POINTS = 6
TOLERANCE = 1e-4


def make_guided():
    import torch

    class Guided(torch.autograd.Function):
        """A rectifier whose backward lets through what is positive in both directions."""

        @staticmethod
        def forward(context, values, limit):
            passes = (values > 0) & (values < limit)
            context.save_for_backward(passes)
            return values.clamp(0, limit)

        @staticmethod
        def backward(context, gradient):
            (passes,) = context.saved_tensors
            return gradient.clamp(min=0) * passes, None

    return Guided.apply


def run(model, layer, images, guided=None):
    """Logits and the layer's activation; with other rectifiers where `guided` is given."""
    import torch
    kept, handles = {}, []
    handles.append(model.get_submodule(layer).register_forward_hook(
        lambda _module, _inputs, output: kept.update(activation=output)))
    if guided is not None:
        for module in model.modules():
            if isinstance(module, (torch.nn.ReLU, torch.nn.ReLU6)):
                limit = 6.0 if isinstance(module, torch.nn.ReLU6) else float("inf")
                handles.append(module.register_forward_hook(
                    lambda _module, inputs, _output, limit=limit: guided(inputs[0], limit)))
    logits = model(images)
    for handle in handles:
        handle.remove()
    return logits, kept["activation"]


def gradcam(model, layer, image, target):
    import torch
    logits, activation = run(model, layer, image)
    target = logits.argmax(1) if target is None else target
    gradient, = torch.autograd.grad(logits[0, target].sum(), activation, create_graph=True)
    return (gradient.mean((2, 3), keepdim=True) * activation).sum(1)[0], target


def guided_pixels(model, layer, image, target, guided):
    import torch
    leaf = image.clone().requires_grad_()
    logits, _ = run(model, layer, leaf, guided)
    gradient, = torch.autograd.grad(logits[0, target].sum(), leaf, create_graph=True)
    return gradient.abs().sum(1)[0]


def integrated_pixels(model, layer, images, targets):
    """All pictures and points in one batch, so that rounding is the same: at a few points a rectifier
    is so close to its kink that another order of sums answers differently by percents."""
    import torch
    points = torch.cat([images * (i / (N_POINTS - 1)) for i in range(N_POINTS)]).requires_grad_()
    logits, _ = run(model, layer, points)
    chosen = logits.softmax(1).gather(1, targets.repeat(N_POINTS)[:, None])
    gradient, = torch.autograd.grad(chosen.sum(), points, create_graph=True)
    mean = gradient.unflatten(0, (N_POINTS, len(images))).mean(0)
    return (mean * images).abs().sum(1)


def squash(values):
    return ((values - values.mean()) / values.std()).sigmoid()


def pearson(a, b):
    a, b = squash(a), squash(b)
    a, b = a - a.mean(), b - b.mean()
    return (a * b).sum() / ((a * a).sum() * (b * b).sum()).sqrt()


def costs(model, layer, images, pixels, omega):
    """(cost, mask) of each picture."""
    import torch
    guided, results = make_guided(), []
    pairs = [gradcam(model, layer, images[i:i + 1], None) for i in range(len(images))]
    if pixels == "ig":
        found = integrated_pixels(model, layer, images, torch.cat([c for _, c in pairs]))
    else:
        found = [guided_pixels(model, layer, images[i:i + 1], target, guided)
                 for i, (_, target) in enumerate(pairs)]
    for i, (first, target) in enumerate(pairs):
        g = found[i]
        mask = (omega * (g - (g.mean() + g.std() / 2))).sigmoid()
        second, _ = gradcam(model, layer, images[i:i + 1] * mask, target)
        results.append((-pearson(first, second), mask))
    return results


def without_place(model):
    """A rectifier in place would write over what the exchanged ones look at."""
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    return model


def without_certainty(model):
    """Where a probability is 1 but for rounding, its gradient is nothing but rounding."""
    import torch
    head = [module for module in model.modules() if isinstance(module, torch.nn.Linear)][-1]
    head.weight.data *= 0.05
    return model


def read_safetensors(path):
    import numpy
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header.pop("__metadata__", None)
    return {name: numpy.frombuffer(data[end + entry["data_offsets"][0]:
                                        end + entry["data_offsets"][1]],
                                   "<f4").reshape(entry["shape"])
            for name, entry in header.items()}


def check(dump, folder, architecture, layer, pixels, omega):
    import numpy
    import torch
    import torchvision
    import networks
    torch.manual_seed(11)
    model = networks.randomise(getattr(torchvision.models, architecture)(), SIDE)
    model = without_certainty(without_place(model))
    images = networks.images_for(SIDE, BATCH)
    torch.save(model.state_dict(), folder / "weights.pth")
    numpy.save(folder / "input.npy", images.numpy())
    (folder / "weights.json").write_text(json.dumps(
        {"architecture": architecture, "input_size": [3, SIDE, SIDE]}))
    done = subprocess.run([dump, architecture, folder / "weights.pth", layer, folder / "input.npy",
                           str(int(pixels == "ig")), str(omega), folder / "gradients.safetensors"],
                          check=True, stdout=subprocess.PIPE, text=True)
    found = numpy.array([float(line) for line in done.stdout.split()])
    results = costs(model, layer, images, pixels, omega)
    torch.stack([value for value, _ in results]).mean().backward()
    wanted = numpy.array([value.item() for value, _ in results])
    masks = torch.stack([mask for _, mask in results])
    spread = float(masks.max() - masks.min())
    assert spread > 0.3, f"the mask is flat ({spread:.2f}): nothing is compared"
    values = float(abs(found - wanted).max() / abs(wanted).max())
    gradients = read_safetensors(folder / "gradients.safetensors")
    difference = size = 0.0
    for name, parameter in model.named_parameters():
        if parameter.grad is None:
            continue
        reference = parameter.grad.numpy().astype("f8")
        difference += ((gradients[name] - reference) ** 2).sum()
        size += (reference ** 2).sum()
    return values, float((difference / size) ** 0.5), spread


def main():
    try:
        import torchvision  # noqa: F401
    except ImportError as reason:
        print(f"1..0 # SKIP {reason}")
        return
    print(f"1..{len(CASES)}", flush=True)
    for number, case in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as name:
            values, gradients, spread = check(sys.argv[1], Path(name), *case)
        good = values <= TOLERANCE and gradients <= TOLERANCE
        print(f"{'ok' if good else 'not ok'} {number} {' '.join(map(str, case))}: relative error "
              f"{values:.1e} (R), {gradients:.1e} (gradients); T spans {spread:.2f}", flush=True)


if __name__ == "__main__":
    main()
