#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far can the excess drop of a network go? Its pixels are removed in the order that the mask tells:
the object first, then what is nearest to it. A map that is better than the mask has more luck than
knowledge, so a network whose own map drops as much has nothing left to win by a better map.

FOLDER is a seed's of camal.py (results/animals-scenes-0.95/seed-0); its NAMEs were measured there.

usage: ceiling.py FOVEA_CLI FOLDER NAME...
"""
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from PIL import Image, ImageFilter

PERCENTS = (10, 20, 30)


def order_of(mask):
    """Pixels by their distance to the object, at random among equals."""
    distance = numpy.where(mask, 0, mask.size)  # in steps of one pixel
    grown, steps = Image.fromarray(mask.astype(numpy.uint8) * 255), 0
    while not numpy.asarray(grown).all():
        grown, steps = grown.filter(ImageFilter.MaxFilter(3)), steps + 1
        distance = numpy.minimum(distance, numpy.where(numpy.asarray(grown), steps, mask.size))
    return numpy.argsort((distance + numpy.random.default_rng(0).random(mask.shape)).ravel())


def remove(project, row, folder):
    """The picture without its first pixels, their mean colour instead: one file a percentage."""
    picture = numpy.asarray(Image.open(project / row["img_filename"]).convert("RGB"))
    mask = numpy.asarray(Image.open(project / row["mask_filename"])) == 1
    order, mean = order_of(mask), picture.reshape(-1, 3).mean(axis=0).round()
    files = []
    for percent in PERCENTS:
        rest = picture.reshape(-1, 3).copy()
        rest[order[:mask.size * percent // 100]] = mean
        files.append(folder / f"{Path(row['img_filename']).stem}-{percent}.png")
        Image.fromarray(rest.reshape(picture.shape)).save(files[-1])
    return files


def predict(cli, run, files):
    """[{class: probability}] of the pictures."""
    done = subprocess.run([cli, "predict", *files, "--model", run, "--json"], check=True,
                          stdout=subprocess.PIPE, text=True)
    return [{found["index"]: found["probability"] for found in json.loads(line)["predictions"]}
            for line in done.stdout.splitlines()]


def measure(cli, folder, name, files):
    """Own drop, the mask's drop, and that of random blocks: means over the pictures."""
    lines = [json.loads(line) for line in (folder / name / "faithful.jsonl").open()]
    asked = [file for line in lines for file in files[line["image"]]]
    answers = iter(predict(cli, folder / name, asked))
    found = []
    for line in lines:
        before = line["probability"]
        after = [next(answers)[line["prediction"]] for _ in PERCENTS]
        drops = [max(0, before - probability) / before for probability in after]
        found.append((line["drop"], numpy.mean(drops), line["drop"] - line["excess_drop"]))
    return numpy.mean(found, axis=0)


def main():
    cli, folder, names = Path(sys.argv[1]).resolve(), Path(sys.argv[2]), sys.argv[3:]
    project = folder / "pictures"
    rows = {row["img_filename"]: row for row in csv.DictReader((project / "metadata.csv").open())}
    images = [json.loads(line)["image"] for line in (folder / names[0] / "faithful.jsonl").open()]
    print("| loss | drop: own map, mask, random blocks | excess drop: own map | by the mask |")
    print("| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as made:
        files = {image: remove(project, rows[image], Path(made)) for image in images}
        for name in names:
            own, mask, blocks = measure(cli, folder, name, files)
            print(f"| {name} | {own:.3f}, {mask:.3f}, {blocks:.3f} | {own - blocks:.3f} "
                  f"| {mask - blocks:.3f} |", flush=True)


main()
