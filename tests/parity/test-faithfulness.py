#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faithfulness against a straightforward version in PyTorch and numpy: one picture at a time, nothing
shared; ROAD's imputation against a dense solution.

usage: test-faithfulness.py DUMP_FAITHFULNESS   (prints TAP; skips without python3-torchvision)
"""
import subprocess
import sys
import tempfile
from pathlib import Path

SIZE = 96
STEPS = 7
TOLERANCE = 2e-5


def blur(picture):
    """RISE's Gaussian, scaled from 224 pixels, edges repeated."""
    import torch
    radius = max(1, int(5 * SIZE / 224 + 0.5))
    line = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / (5 * SIZE / 224)) ** 2)
    kernel = (line[:, None] * line[None]).div(line.sum() ** 2)
    padded = torch.nn.functional.pad(picture[None], (radius,) * 4, mode="replicate")
    return torch.nn.functional.conv2d(padded, kernel.expand(3, 1, -1, -1), groups=3)[0]


BASELINES = {
    "blur": blur,
    "mean": lambda picture: picture.mean((1, 2), keepdim=True).expand_as(picture),
    "zero": lambda picture: picture * 0,
}


def straightforward(network, picture, cells, baseline):
    import numpy
    import torch
    with torch.no_grad():
        target = int(network(picture[None]).argmax())

        def probability(changed):
            return float(network(changed[None]).softmax(1)[0, target])

        large = torch.nn.functional.interpolate(cells[None, None], size=(SIZE, SIZE),
                                                mode="bilinear", align_corners=False)[0, 0]
        order = numpy.argsort(-large.numpy().ravel(), kind="stable")
        n = order.size

        def mix(first, rest, count):
            changed = rest.reshape(3, -1).clone()
            changed[:, order[:count]] = first.reshape(3, -1)[:, order[:count]]
            return changed.reshape(3, SIZE, SIZE)

        clean = probability(picture)
        found = {f"drop_{q}": max(0, clean - probability(mix(baseline, picture,
                                                             int(n * q / 100 + 0.5)))) / clean
                 for q in (10, 20, 30)}
        found["drop"] = sum(found.values()) / 3
        counts = list(range(0, n, -(-n // STEPS))) + [n]
        positions = [count / n for count in counts]
        found["deletion"] = numpy.trapz(
            [probability(mix(baseline, picture, count)) for count in counts], positions)
        found["insertion"] = numpy.trapz(
            [probability(mix(picture, baseline, count)) for count in counts], positions)
        mask = large.clamp(min=0) / large.max()
        seen = probability(mask * picture + (1 - mask) * baseline)
        found["average_drop"] = max(0, clean - seen) / clean
        found["increase"] = float(seen > clean)
        found["gain"] = max(0, seen - clean) / (1 - clean)
    return found


def check_metrics(dump, folder, name):
    import numpy
    import torch
    import torchvision
    torch.manual_seed(1)
    network = torchvision.models.resnet18(num_classes=5).eval()
    with torch.no_grad():
        network.fc.weight.mul_(20)  # so that probabilities move
    torch.save(network.state_dict(), folder / "weights.pth")
    picture = torch.randn(3, 12, 12)[None]
    picture = torch.nn.functional.interpolate(picture, size=(SIZE, SIZE), mode="bicubic")[0] \
        + 0.2 * torch.randn(3, SIZE, SIZE)
    cells = torch.randn(6, 6)
    cells[2] = 0.5  # equal values
    numpy.save(folder / "input.npy", picture[None].numpy())
    numpy.save(folder / "map.npy", cells.numpy())
    output = subprocess.run([dump, "measure", "resnet18", folder / "weights.pth",
                             folder / "input.npy", folder / "map.npy", name, str(STEPS)],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    found = dict(line.split() for line in output.splitlines())
    wanted = straightforward(network, picture, cells, BASELINES[name](picture))
    return max(abs(float(found[key]) - wanted[key]) for key in wanted)


def dense(picture, known):
    """Each unknown pixel is the weighted mean of its neighbours, as written."""
    import numpy
    height, width = known.shape
    matrix = numpy.eye(height * width)
    right = numpy.where(known.ravel(), picture.reshape(3, -1), 0).T
    for y, x in zip(*numpy.nonzero(~known)):
        row = y * width + x
        matrix[row, row] = 0
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if (dy, dx) != (0, 0) and 0 <= y + dy < height and 0 <= x + dx < width:
                    weight = 1 / 12 if dy and dx else 1 / 6
                    matrix[row, row] += weight
                    matrix[row, (y + dy) * width + x + dx] = -weight
    return numpy.linalg.solve(matrix, right).T.reshape(picture.shape)


def check_imputation(dump, folder, share):
    import numpy
    random = numpy.random.default_rng(3)
    picture = random.normal(size=(3, 33, 40)).astype(numpy.float32)
    known = random.random((33, 40)) >= share
    known[5:25, 8:30] = False  # a hole
    numpy.save(folder / "picture.npy", picture)
    numpy.save(folder / "known.npy", known.astype(numpy.float32))
    subprocess.run([dump, "impute", folder / "picture.npy", folder / "known.npy",
                    folder / "imputed.npy"], check=True)
    return abs(numpy.load(folder / "imputed.npy") - dense(picture, known)).max()


def main():
    dump = sys.argv[1]
    try:
        import torchvision  # noqa: F401
    except ImportError as reason:
        print(f"1..0 # SKIP {reason}")
        return
    checks = [(f"metrics with {name}", check_metrics, name, TOLERANCE) for name in BASELINES]
    checks += [(f"imputation of {share:.0%}", check_imputation, share, 2e-4)
               for share in (0.1, 0.5, 0.95)]
    print(f"1..{len(checks)}")
    for number, (title, check, argument, tolerance) in enumerate(checks, 1):
        with tempfile.TemporaryDirectory() as folder:
            error = check(dump, Path(folder), argument)
        verdict = "ok" if error <= tolerance else "not ok"
        print(f"{verdict} {number} {title}: differs by {error:.1e}", flush=True)


main()
