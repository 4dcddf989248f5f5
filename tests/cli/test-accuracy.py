#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared pretrained networks on photos whose class is known: are preprocessing, padding and
weights wired right? Skips, with the reason, where the data are absent.

usage: test-accuracy.py FOVEA_CLI   (prints TAP; data in $FOVEA_SHARED_DATA)
"""
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DATA = Path(os.environ.get("FOVEA_SHARED_DATA", "../shared/data"))
CIFAR_PER_CLASS = 20


def predictions(photos, weights):
    """The likeliest class of each photo: (index, name)."""
    done = subprocess.run([sys.argv[1], "predict", *map(str, photos), "--weights", str(weights),
                           "--json"], check=True, stdout=subprocess.PIPE)
    found = [json.loads(line)["predictions"][0] for line in done.stdout.decode().splitlines()]
    assert len(found) == len(photos)
    return [(entry["index"], entry["name"]) for entry in found]


def imagenet():
    """MobileNetV2 on forty ImageNet photos: at least 32 right."""
    weights = DATA / "weights" / "mobilenet_v2_imagenet.safetensors"
    labels = DATA / "imagenet-samples" / "labels.tsv"
    if not weights.exists() or not labels.exists():
        return None, f"{DATA} is absent"
    rows = [line.split("\t") for line in labels.read_text().splitlines()]
    column = next(i for i, text in enumerate(rows[-1]) if text.isdigit())
    rows = [row for row in rows if row[column].isdigit() and (labels.parent / row[0]).exists()]
    found = predictions([labels.parent / row[0] for row in rows], weights)
    right = sum(index == int(row[column]) for (index, _), row in zip(found, rows))
    return len(rows) == 40 and right >= 32, f"{right} of {len(rows)} photos"


def cifar():
    """ResNet-56 on 200 CIFAR-10 test pictures: at least 75 % right."""
    weights = DATA / "weights" / "resnet56_cifar10.safetensors"
    archive = DATA / "cifar10-jpeg.zip"
    if not weights.exists() or not archive.exists():
        return None, f"{DATA} is absent"
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive) as pictures:
        names = [name for name in pictures.namelist() if name.startswith("test/")
                 and int(Path(name).stem) < CIFAR_PER_CLASS]
        found = predictions([pictures.extract(name, folder) for name in names], weights)
    right = sum(found_name == name.split("/")[1] for (_, found_name), name in zip(found, names))
    share = right / max(len(names), 1)
    return len(names) == 10 * CIFAR_PER_CLASS and share >= 0.75, f"{100 * share:.1f} %"


def main():
    tests = [("mobilenet_v2 on ImageNet", imagenet), ("cifar_resnet56 on CIFAR-10", cifar)]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        passed, text = test()
        verdict = "not ok" if passed is False else "ok"
        print(f"{verdict} {number} {name}" + (f" # SKIP {text}" if passed is None else f": {text}"))


main()
