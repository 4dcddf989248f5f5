#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the TorchScript files that test-script-window opens.

usage: make-scripts.py FOLDER   (exit status 77: no PyTorch here)
"""
import sys

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit(77)


class Tokens(nn.Module):
    """A 4 × 4 grid of patches behind a class token, as a vision transformer has it."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, stride=8)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1)
        return self.head(self.block(x).mean(dim=1))


class Flat(nn.Module):
    """No layer of it has height and width."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(3 * 32 * 32, 4)

    def forward(self, x):
        return self.head(torch.flatten(x, 1))


class Two(nn.Module):
    """Two results that could both be the prediction."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 6, 3, padding=1)
        self.main = nn.Linear(6, 4)
        self.other = nn.Linear(6, 4)

    def forward(self, x):
        x = self.second(torch.relu(self.first(x))).mean(dim=[2, 3])
        return {"main": self.main(x), "other": self.other(x)}


class Reads(nn.Module):
    """A program that reads files of whoever opens it."""

    def forward(self, x):
        return torch.from_file("/etc/passwd", False, 4).reshape(1, 4) + x.mean()


def main(folder):
    torch.manual_seed(0)
    sample = torch.randn(1, 3, 32, 32)
    conv = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(6, 4)).eval()
    torch.jit.script(conv).save(f"{folder}/conv.pt")
    torch.jit.trace(Tokens().eval(), sample, check_trace=False).save(f"{folder}/tokens.pt")
    torch.jit.script(Flat().eval()).save(f"{folder}/flat.pt")
    torch.jit.script(Two().eval()).save(f"{folder}/two.pt")
    torch.jit.script(Reads().eval()).save(f"{folder}/reads.pt")


main(sys.argv[1])
