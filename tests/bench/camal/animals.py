#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the two-term loss move attention onto the animals, and does accuracy suffer?

MobileNetV2 (ImageNet), frozen below features.14, batch norm in evaluation, on shared/data/animals;
each seed draws its own 60/15/25 split, head and order. Two runs a seed, cross-entropy alone and with
the two-term loss; held-out photos, label's class explained. Runs that exist are not repeated.
Intervals: 95 % percentile bootstrap over photos, paired by photo and seed.

usage: animals.py FOVEA_CLI SHARED_DATA OUTPUT [SEEDS]
"""
import json
import subprocess
import sys
from pathlib import Path

import numpy

RUNS = {"cross-entropy": ["--loss", "ce=1"],
        "with two-term, λ 1": ["--loss", "ce=1", "--loss", "camal=1"]}
METRICS = {"accuracy": "right", "energy in mask": "energy", "IoU at 0.5": "iou",
           "pointing game": "pointing_game"}
RESAMPLES = 5000


def run(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def measure(cli, data, output, name, options, seed):
    """Per-photo lines of one run on its test split."""
    folder = output / f"seed{seed}" / name.replace(" ", "-").replace(",", "")
    lines = folder / "per-image.jsonl"
    if not lines.exists():
        run(cli, "train", data / "animals", "--model", "mobilenet_v2", "--weights",
            data / "weights/mobilenet_v2_imagenet.safetensors", "--freeze-below", "features.14",
            "--seed", seed, "--threads", 2, *options, "--output", folder)
        run(cli, "evaluate", data / "animals", "--model", folder, "--seed", seed, "--target",
            "label", "--threads", 2, "--output", lines)
    found = [json.loads(line) for line in lines.read_text().splitlines()]
    for entry in found:
        entry["right"] = float(entry["label"] == entry["prediction"])
    return found


def column(entries, key):
    return numpy.array([numpy.nan if e[key] is None else e[key] for e in entries], float)


def interval(values, random):
    values = values[~numpy.isnan(values)]
    means = [values[random.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)]
    low, high = numpy.percentile(means, [2.5, 97.5])
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def main():
    cli, data, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2]), Path(sys.argv[3])
    seeds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    results = {name: [] for name in RUNS}
    for seed in range(seeds):
        for name, options in RUNS.items():
            results[name] += measure(cli, data, output, name, options, seed)
    random = numpy.random.default_rng(0)
    plain, aligned = results.values()
    print(f"| {seeds} seeds, {len(plain)} held-out photos | {' | '.join(RUNS)} "
          "| paired difference |")
    print("| --- | --- | --- | --- |")
    for title, key in METRICS.items():
        a, b = column(plain, key), column(aligned, key)
        print(f"| {title} | {interval(a, random)} | {interval(b, random)} "
              f"| {interval(b - a, random)} |")
    print(f"\nChance level of energy (the mask's share): {column(plain, 'chance').mean():.3f}. "
          f"Maps without positive evidence: {sum(e['dead_map'] for e in plain)} and "
          f"{sum(e['dead_map'] for e in aligned)}.")


main()
