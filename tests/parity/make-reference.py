#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what PyTorch says: random networks of torchvision with non-trivial batch norm statistics,
their weights in both formats, an input, and the logits and Grad-CAM that PyTorch computes.

usage: make-reference.py ARCHITECTURE LAYER FOLDER
"""
import json
import struct
import sys
from pathlib import Path

import numpy
import torch
import torchvision

BATCH, SIDE = 3, 224


def randomise(model):
    """Weights stay as torchvision draws them; batch norms get statistics worth folding wrongly."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)


def save_safetensors(state, path):
    """The published format, written here because its package is not in Debian."""
    header, offset, blobs = {}, 0, []
    names = {torch.float32: "F32", torch.int64: "I64"}
    for name, tensor in state.items():
        blob = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def gradcam(model, layer, images):
    """Plain Grad-CAM by hooks, sign kept: the channels weighed by their mean gradient."""
    kept = {}

    def keep(_module, _inputs, output):
        kept["activation"] = output
        output.retain_grad()

    handle = model.get_submodule(layer).register_forward_hook(keep)
    logits = model(images)
    handle.remove()
    logits.max(1).values.sum().backward()
    activation = kept["activation"]
    alpha = activation.grad.mean((2, 3), keepdim=True)
    return logits.detach(), (alpha * activation).sum(1).detach()


def main():
    architecture, layer, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    torch.manual_seed(11)
    model = getattr(torchvision.models, architecture)(weights=None).eval()
    randomise(model)
    images = torch.randn(BATCH, 3, SIDE, SIDE)
    logits, maps = gradcam(model, layer, images)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), folder / "weights.pth")
    save_safetensors(model.state_dict(), folder / "weights.safetensors")
    numpy.save(folder / "input.npy", images.numpy())
    numpy.save(folder / "logits.npy", logits.numpy())
    numpy.save(folder / "map.npy", maps.numpy())


main()
