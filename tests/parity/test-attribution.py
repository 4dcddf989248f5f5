#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps at the input by fovea-cli against PyTorch: built-in networks and a TorchScript file, each
method by formulas written here, the rules of rectifiers as autograd Functions of Python.

usage: test-attribution.py FOVEA_CLI [WORD]…   (prints TAP; skips without python3-torchvision)
WORDs choose the checks that have them in their names.
"""
import json
import subprocess
import sys
import tempfile
import traceback
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True

CLI = sys.argv[1]
TOLERANCE = 1e-4
TARGET, SIDE, STEPS, SAMPLES, NOISE, SEED = 3, 96, 10, 6, 0.2, 7
PURPOSE_SMOOTHGRAD = 6
METHODS = ["saliency", "input_x_gradient", "guided_backprop", "deconvnet", "guided_gradcam",
           "integrated_gradients", "smoothgrad"]


def must(*arguments):
    command = [CLI, *map(str, arguments), "--threads", "1", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}: {done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def relative_error(found, wanted):
    """Largest difference over largest value: a map's zeros have no relative error of their own."""
    assert found.shape == wanted.shape, f"shape {found.shape} instead of {wanted.shape}"
    return float(abs(found - wanted).max() / abs(wanted).max())


# -- what PyTorch says -----------------------------------------------------------------------------

@contextmanager
def ruled(kind):
    """Every rectifier of torch.nn.functional, and so of the modules, with another backward."""
    import torch
    import torch.nn.functional as F

    class Rectifier(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, top):
            ctx.top = top
            ctx.save_for_backward(x)
            return x.clamp(0, top)

        @staticmethod
        def backward(ctx, gradient):
            x, = ctx.saved_tensors
            passed = gradient * (gradient > 0)
            if kind == "guided":
                passed = passed * (x > 0)
                if ctx.top is not None:
                    passed = passed * (x < ctx.top)
            return passed, None

    def relu(x, inplace=False):
        return Rectifier.apply(x, None)

    def hardtanh(x, min_val=-1.0, max_val=1.0, inplace=False):
        assert min_val == 0
        return Rectifier.apply(x, max_val)

    with mock.patch.multiple(F, relu=relu, relu_=relu, hardtanh=hardtanh,
                             relu6=lambda x, inplace=False: Rectifier.apply(x, 6.0)):
        yield


def gradient(network, samples):
    """d logit / d sample, [n,3,H,W]."""
    import torch
    leaf = samples.clone().requires_grad_()
    found, = torch.autograd.grad(network(leaf)[:, TARGET].sum(), leaf)
    return found


def saliency(network, image, **_):
    return gradient(network, image).abs()


def input_x_gradient(network, image, **_):
    return image * gradient(network, image)


def guided_backprop(network, image, **_):
    with ruled("guided"):
        return gradient(network, image)


def deconvnet(network, image, **_):
    with ruled("deconv"):
        return gradient(network, image)


def guided_gradcam(network, image, layer, **_):
    import networks
    import torch.nn.functional as F
    coarse = networks.gradcam(network, layer, image, TARGET)[1].clamp(min=0)
    fine = F.interpolate(coarse.detach()[:, None], (SIDE, SIDE), mode="bilinear",
                         align_corners=False)
    return guided_backprop(network, image) * fine


def integrated_gradients(network, image, **_):
    import numpy
    import torch
    points, weights = numpy.polynomial.legendre.leggauss(STEPS)
    samples = torch.cat([((1 + point) / 2 * image.double()).float() for point in points])
    found = gradient(network, samples).double()
    mean = (found * torch.from_numpy(weights / 2)[:, None, None, None]).sum(0, keepdim=True)
    return (mean * image).float()


def draws(seed, n):
    """Standard normal draws as Fovea's: GLib's generator is NumPy's, read in another way."""
    import numpy
    words = numpy.array([seed & 0xffffffff, seed >> 32, PURPOSE_SMOOTHGRAD], dtype=numpy.uint32)
    raw = numpy.random.RandomState(words).randint(0, 2**32, 4 * n, dtype=numpy.uint32)
    low, high = raw.astype(numpy.float64).reshape(-1, 2).T
    even = ((low * 2.0**-32 + high) * 2.0**-32).reshape(n, 2)
    return numpy.sqrt(-2 * numpy.log(1 - even[:, 0])) * numpy.cos(2 * numpy.pi * even[:, 1])


def smoothgrad(network, image, index, **_):
    import torch
    deviation = NOISE * (float(image.max()) - float(image.min()))
    noise = torch.from_numpy(draws(SEED + index, SAMPLES * image.numel()))
    samples = image.double() + deviation * noise.reshape(SAMPLES, *image.shape[1:])
    return gradient(network, samples.float()).double().mean(0, keepdim=True).float()


# -- checks ----------------------------------------------------------------------------------------

def explain(folder, method, layer, *model):
    import numpy
    settings = {"integrated_gradients": ["--steps", STEPS],
                "smoothgrad": ["--samples", SAMPLES, "--noise", NOISE, "--seed", SEED],
                "guided_gradcam": ["--layer", layer]}.get(method, [])
    lines = must("explain", folder / "input.npy", *model, "--method", method, "--target", TARGET,
                 *settings, "--output", folder / "maps")
    assert all(line["method"] == method for line in lines), lines
    return numpy.load(folder / "maps" / f"input.{method}.npy"), lines


def check_completeness(network, images, found, lines):
    """What Fovea says of its own integrated gradients."""
    import torch
    with torch.no_grad():
        gains = (network(images) - network(torch.zeros_like(images)))[:, TARGET]
    for line, gain, one in zip(lines, gains, found):
        assert abs(line["gain"] - float(gain)) < 1e-4, (line["gain"], float(gain))
        residual = abs(one.astype("float64").sum() - line["gain"])
        assert abs(line["completeness_residual"] - residual) < 1e-3, (line, residual)


def check_methods(make, layer, architecture, folder):
    """Each picture alone, as Fovea runs them: another batch rounds otherwise, and a rectifier that
    switches is no rounding."""
    import networks
    import numpy
    import torch
    network = networks.build(make, SIDE)
    images = networks.images_for(SIDE)
    numpy.save(folder / "input.npy", images.numpy())
    if architecture is None:
        torch.jit.script(network).save(str(folder / "network.pt"))
        (folder / "network.json").write_text(json.dumps({"input_size": [3, SIDE, SIDE]}))
        model = ["--model", folder / "network.pt"]
    else:
        torch.save(network.state_dict(), folder / "weights.pth")
        model = ["--model", architecture, "--weights", folder / "weights.pth"]
    errors = {}
    for method in METHODS:
        found, lines = explain(folder, method, layer, *model)
        wanted = torch.cat([globals()[method](network, image[None], layer=layer, index=index)
                            for index, image in enumerate(images)]).numpy()
        errors[method] = relative_error(found, wanted)
        if method == "integrated_gradients":
            check_completeness(network, images, found, lines)
    told = ", ".join(f"{method} {error:.1e}" for method, error in errors.items())
    assert max(errors.values()) <= TOLERANCE, told
    return told


def variants():
    """One network written twice: with a module for each rectifier, and as people do it."""
    import torch
    import torch.nn.functional as F
    from torch import Tensor, nn

    class Body(nn.Module):
        def __init__(self):
            super().__init__()
            sizes = [3, 16, 16, 16, 16, 16, 16, 16]
            self.layers = nn.ModuleList(nn.Conv2d(a, b, 3) for a, b in zip(sizes, sizes[1:]))
            self.head = nn.Linear(16, 10)

    class Modules(Body):
        def __init__(self):
            super().__init__()
            self.rectifiers = nn.ModuleList(nn.ReLU() for _ in range(5))
            self.limited = nn.ModuleList(nn.ReLU6() for _ in range(2))

        def forward(self, x: Tensor) -> Tensor:
            x = self.rectifiers[0](self.layers[0](x))
            x = self.rectifiers[1](self.layers[1](x))
            x = self.rectifiers[2](self.layers[2](x))
            x = self.rectifiers[3](self.layers[3](x))
            x = self.rectifiers[4](self.layers[4](x))
            x = self.limited[0](30 * self.layers[5](x))
            x = self.limited[1](12 * self.layers[6](x))
            return self.head(x.mean((2, 3)))

    class Mixed(Body):
        def __init__(self):
            super().__init__()
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x: Tensor) -> Tensor:
            x = self.relu(self.layers[0](x))
            x = self.relu(self.layers[1](x))
            x = F.relu(self.layers[2](x), inplace=True)
            x = torch.relu_(self.layers[3](x))
            x = self.layers[4](x).clamp_(min=0.0)
            x = F.relu6(30 * self.layers[5](x), inplace=True)
            x = F.hardtanh(12 * self.layers[6](x), 0.0, 6.0)
            return self.head(x.mean((2, 3)))

    torch.manual_seed(4)
    modules, mixed = Modules().eval(), Mixed().eval()
    mixed.load_state_dict(modules.state_dict())
    return modules, mixed


def check_variants(folder):
    """In-place, reused and functional rectifiers are rectifiers: equal to the bit."""
    import networks
    import numpy
    import torch
    images = networks.images_for(32)
    numpy.save(folder / "input.npy", images.numpy())
    modules, mixed = variants()
    for method, rule in (("guided_backprop", "guided"), ("deconvnet", "deconv")):
        found = []
        for how in ("script", "trace"):
            for network in (modules, mixed):
                (torch.jit.script(network) if how == "script" else
                 torch.jit.trace(network, images[:1], check_trace=False)).save(
                     str(folder / "network.pt"))
                (folder / "network.json").write_text(json.dumps({"input_size": [3, 32, 32]}))
                found.append(explain(folder, method, None, "--model", folder / "network.pt")[0])
        assert all(numpy.array_equal(found[0], other) for other in found[1:]), method
        with ruled(rule):
            wanted = torch.cat([gradient(modules, image[None]) for image in images]).numpy()
        assert wanted.any(), f"{method}: a network without gradients proves nothing"
        error = relative_error(found[0], wanted)
        assert error <= TOLERANCE, f"{method}: {error:.1e}"


def list_checks():
    import networks
    yield "resnet18", partial(check_methods, networks.of("resnet18"), "layer4", "resnet18")
    yield "mobilenet_v2", partial(check_methods, networks.of("mobilenet_v2"), "features.18",
                                  "mobilenet_v2")
    yield "scripted densenet121", partial(check_methods, networks.of("densenet121"), "features",
                                          None)
    yield "in-place, reused and functional rectifiers", check_variants


def main():
    try:
        import torch
        import torchvision  # noqa: F401
    except ImportError as reason:
        print(f"1..0 # SKIP {reason}")
        return
    torch.set_num_threads(1)
    checks = [(name, check) for name, check in list_checks()
              if all(part in name for part in sys.argv[2:])]
    print(f"1..{len(checks)}", flush=True)
    for number, (name, check) in enumerate(checks, 1):
        told, failure = "", None
        with tempfile.TemporaryDirectory(prefix="fovea-attribution-") as folder:
            try:
                told = check(Path(folder)) or ""
            except AssertionError as reason:
                failure = str(reason)
            except Exception:
                failure = traceback.format_exc()
        for line in (failure or told).splitlines():
            print(f"# {line}")
        print(f"{'not ok' if failure is not None else 'ok'} {number} {name}", flush=True)
        if failure is not None:  # the test runner shows stderr alone
            print(f"{name}: {failure}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
