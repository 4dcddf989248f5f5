#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project with more training pictures, made of a composed one to ask whether a network can be taught
to fall when its object goes: `removed` adds each picture without its object (blocks of the picture's
mean colour over it) under a class drawn by chance, `blocks` each with blocks of that colour over 10
to 30 % of it beside the object.

usage: removed.py PROJECT NEW_PROJECT removed|blocks...
"""
import csv
import os
import sys
from pathlib import Path

import numpy
from PIL import Image

TRAIN, OBJECT = "0", 1
TOUCHES = 0.02  # share of a block from which it covers the object


class Project:
    """The pictures that were there, by links, and those that are added."""

    def __init__(self, source, folder):
        self.source, self.folder = source, folder
        self.rows = list(csv.DictReader((source / "metadata.csv").open(newline="")))
        self.names = {row["y"]: row["y_name"] for row in self.rows}
        self.random = numpy.random.default_rng(5)
        for name in ("images", "masks"):
            (folder / name).mkdir(parents=True)
            for path in (source / name).iterdir():
                os.symlink(path, folder / name / path.name)

    def add(self, row, picture, label, keep_mask):
        number = len(self.rows)
        added = dict(row, img_id=number, img_filename=f"images/{number:05}.png", y=label,
                     y_name=self.names[label], mask_filename="")
        Image.fromarray(picture).save(self.folder / added["img_filename"])
        if keep_mask:
            added["mask_filename"] = f"masks/{number:05}.png"
            os.symlink(self.source / row["mask_filename"], self.folder / added["mask_filename"])
        self.rows.append(added)

    def save(self):
        with (self.folder / "metadata.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)


def cover_object(mask, side):
    """Blocks of half a side wherever the object is."""
    covered, step = numpy.zeros_like(mask), side // 2
    for y in range(0, mask.shape[0], step):
        for x in range(0, mask.shape[1], step):
            part = slice(y, y + step), slice(x, x + step)
            covered[part] |= mask[part].mean() > TOUCHES
    return covered


def cover_surroundings(mask, side, random):
    covered, share = numpy.zeros_like(mask), random.choice([0.1, 0.2, 0.3])
    for _ in range(200):
        y, x = (random.integers(0, size - side // 2) for size in mask.shape)
        part = slice(y, y + side), slice(x, x + side)
        covered[part] |= mask[part].mean() < TOUCHES
        if covered.mean() >= share:
            break
    return covered


def paint(picture, covered):
    painted = picture.copy()
    painted[covered] = picture.reshape(-1, 3).mean(axis=0).round()
    return painted


def main():
    source, folder, kinds = Path(sys.argv[1]).resolve(), Path(sys.argv[2]), sys.argv[3:]
    project = Project(source, folder)
    for row in [row for row in project.rows if row["split"] == TRAIN]:
        picture = numpy.asarray(Image.open(source / row["img_filename"]).convert("RGB"))
        mask = numpy.asarray(Image.open(source / row["mask_filename"])) == OBJECT
        side = max(mask.shape) // 7
        if "removed" in kinds:
            project.add(row, paint(picture, cover_object(mask, side)),
                        str(project.random.choice(list(project.names))), False)
        if "blocks" in kinds:
            covered = cover_surroundings(mask, side, project.random)
            project.add(row, paint(picture, covered), row["y"], True)
    project.save()


main()
