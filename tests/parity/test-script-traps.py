#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small networks that a recorder easily gets wrong: each must give PyTorch's numbers for batches and
sizes other than the sample's, or be refused in a sentence; never other numbers."""
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Dict, List

CLI = str(Path(sys.argv[1]).resolve())
SHAPES = ((3, 32, 32), (2, 48, 32))
COMPILER = Lock()  # torch.jit.script () is not for two threads

try:
    import numpy
    import torch
    from torch import Tensor, nn
except ImportError as reason:
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1, stride=2)
        self.head = nn.Linear(8, 5)


class ReversedList(Base):
    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        pooled = [x.mean((2, 3)), x.amax((2, 3))]
        pooled.reverse()
        return self.head(pooled[0] + 2 * pooled[1])


class FormattedKeys(Base):
    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        scales: Dict[str, Tensor] = {}
        for i in range(2):
            scales[f"s{i}"] = x.mean((2, 3)) * (i + 1)
        return self.head(scales["s0"] + 3 * scales["s1"])


class SlicesOfOneStorage(Base):
    """Two parameters, one storage: not tied."""

    def __init__(self):
        super().__init__()
        weights = torch.randn(16, 8)
        self.a = nn.Linear(8, 8, bias=False)
        self.b = nn.Linear(8, 8, bias=False)
        self.a.weight = nn.Parameter(weights[:8])
        self.b.weight = nn.Parameter(weights[8:])

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).mean((2, 3))
        return self.head(self.a(x) - self.b(x))


class Tied(Base):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 8)
        self.b.weight = self.a.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.b(torch.relu(self.a(self.conv(x).mean((2, 3))))))


class WrittenUnderChunks(Base):
    """The chunks of x are views: they see that x is doubled."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        chunks = x.chunk(2, 1)
        x.mul_(2.0)
        a, b = chunks
        return self.head(torch.cat([a, b], 1).mean((2, 3)))


class PiecesOfASize(Base):
    """As many turns as the picture has stripes."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        y = x[:, :, :8]
        for stripe in x.split(8, 2)[1:]:
            y = y + 2 * stripe
        return self.head(y.mean((2, 3)))


class PiecesOfABatch(Base):
    def forward(self, x: Tensor) -> Tensor:
        rows: List[Tensor] = []
        for row in self.conv(x).unbind(0):
            rows.append(row.mean((1, 2)))
        return self.head(torch.stack(rows))


class OneRow(Base):
    """Made for one picture at a time."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.conv(x).mean((2, 3))).view(1, -1)


class IndexBuffers(Base):
    def __init__(self):
        super().__init__()
        self.register_buffer("order", torch.tensor([7, 6, 5, 4, 3, 2, 1, 0]))
        self.register_buffer("hidden", torch.tensor([True, False] * 4))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).mean((2, 3))[:, self.order]
        return self.head(x.masked_fill(self.hidden, 0.5))


class TransposedInPlace(Base):
    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        rows = x.flatten(2)
        rows.transpose_(1, 2)
        return self.head(rows.mean(1) + x.amax((2, 3)))


class CountedBySize(Base):
    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        for _ in range(int(x.shape[2] / 8)):
            x = torch.relu(x - 0.05)
        return self.head(x.mean((2, 3)))


class DividedBySize(Base):
    """Sizes are no constants of the sample."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.head(x.sum((2, 3)) / (x.shape[2] * x.shape[3]) * x.size(0))


class ListAttribute(Base):
    """Changes its own state: refused, or right."""

    def __init__(self):
        super().__init__()
        self.scale = [1.0, 3.0]

    def forward(self, x: Tensor) -> Tensor:
        self.scale[0] = 2.0
        return self.head(self.conv(x).mean((2, 3)) * self.scale[0])


# Where a refusal is right, because PyTorch itself would go another way for that shape.
MAY_REFUSE = {WrittenUnderChunks, PiecesOfASize, PiecesOfABatch, OneRow, CountedBySize, ListAttribute}
NETWORKS = (ReversedList, FormattedKeys, SlicesOfOneStorage, Tied, WrittenUnderChunks, PiecesOfASize,
            PiecesOfABatch, OneRow, IndexBuffers, TransposedInPlace, CountedBySize, DividedBySize,
            ListAttribute)


def expected(script, images):
    with torch.no_grad():
        return script(torch.from_numpy(images.copy())).numpy()


def compare(make, script, folder, shape):
    """What is wrong, or None."""
    images = numpy.random.default_rng(1).standard_normal((shape[0], 3, *shape[1:]), numpy.float32)
    numpy.save(folder / "in.npy", images)
    done = subprocess.run([CLI, "predict", str(folder / "in.npy"), "--model", str(folder / "net.pt"),
                           "--output", str(folder / "out.npy"), "--threads", "1"],
                          capture_output=True, text=True, check=False)
    if done.returncode == 1 and make in MAY_REFUSE and done.stderr.count("\n") == 1:
        return None
    if done.returncode != 0:
        return f"{shape}: {done.stderr.strip()}"
    got, want = numpy.load(folder / "out.npy"), expected(script, images)
    if got.shape != want.shape or abs(got - want).max() > 1e-4 * abs(want).max():
        return f"{shape}: other numbers than PyTorch"
    return None


def check(make):
    with tempfile.TemporaryDirectory(prefix="fovea-traps-") as name:
        folder = Path(name)
        with COMPILER:
            torch.manual_seed(1)
            script = torch.jit.script(make().eval())
        script.save(str(folder / "net.pt"))
        (folder / "net.json").write_text(json.dumps({"input_size": [3, 32, 32]}))
        return [wrong for wrong in (compare(make, script, folder, shape) for shape in SHAPES) if wrong]


def main():
    torch.set_num_threads(1)
    print(f"1..{len(NETWORKS)}")
    with ThreadPoolExecutor(2) as pool:
        for number, (make, wrongs) in enumerate(zip(NETWORKS, pool.map(check, NETWORKS)), 1):
            for wrong in wrongs:
                print(f"# {wrong}")
            print(f"{'not ok' if wrongs else 'ok'} {number} {make.__name__}", flush=True)


main()
