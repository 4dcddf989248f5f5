#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in benchmark: how far a plain network falls, and what a lesson mends.

Falling: for each seed, small_cnn is trained on the scenes of that seed (rho 0.95) and evaluated.
Mending: the network in data/ is taught on the pictures of the first start (with more test pictures
of the same kind), with each recipe and seed; before and after on the same pictures. Runs that exist
are not repeated. Intervals: 95 % percentile bootstrap over pictures, paired by picture and seed.

usage: scenes.py FOVEA_CLI DATA OUTPUT [THREADS]
"""
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy

SEEDS = (1, 2, 3)
PLAIN = ["--batch-norm", "train", "--lr", "2e-3", "--head-lr", "2e-3", "--epochs", "6"]
FIRST_START = ["--seed", "1", "--n-train", "400", "--n-validation", "80", "--n-test", "640"]
LESSON = ["--batch-norm", "train", "--lr", "5e-3", "--head-lr", "5e-3", "--epochs", "12",
          "--batch", "16"]
RECIPES = {"cross-entropy": [],
           "+ two-term": ["--loss", "camal=1"],
           "+ swap": ["--loss", "swap=1"],
           "+ swap + ½ two-term": ["--loss", "swap=1", "--loss", "camal=0.5"]}
RESAMPLES = 2000


def run(cli, *command):
    done = subprocess.run([str(part) for part in (cli, *command)], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode()


def evaluate(cli, project, model, folder):
    """The printed object and the lines of each picture, kept in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    found, lines = folder / "evaluation.json", folder / "per-image.jsonl"
    if not found.exists():
        found.write_text(run(cli, "evaluate", project, *model, "--threads", THREADS, "--json",
                             "--output", lines))
    return (json.loads(found.read_text()),
            [json.loads(line) for line in lines.read_text().splitlines()])


def build(cli, folder, *options):
    if not (folder / "metadata.csv").exists():
        run(cli, "dataset", "build", "scenes", folder, *options)
    return folder


def show(value):
    return f"{value['value']:.3f} [{value['ci95'][0]:.3f}, {value['ci95'][1]:.3f}]"


def falling(cli, output):
    print("| seed | aligned | conflicting | worst group | energy in mask | chance |")
    print("| --- | --- | --- | --- | --- | --- |")
    for seed in SEEDS:
        scenes = build(cli, output / f"scenes{seed}", "--seed", seed)
        network = output / f"plain{seed}"
        if not (network / "metrics.json").exists():
            run(cli, "train", scenes, "--model", "small_cnn", *PLAIN, "--seed", seed, "--threads",
                THREADS, "--output", network)
        found, _ = evaluate(cli, scenes, ["--model", network], output / f"fall{seed}")
        print(f"| {seed} | {show(found['aligned_accuracy'])} "
              f"| {show(found['conflicting_accuracy'])} | {show(found['worst_group_accuracy'])} "
              f"| {show(found['alignment']['energy'])} | "
              f"{found['alignment']['chance']['value']:.3f} |")


def columns(lines, usual):
    """Per picture: what the table averages, and the group's number."""
    names = sorted({line["group"] for line in lines})
    right = numpy.array([line["label"] == line["prediction"] for line in lines], float)
    conflicting = numpy.array([line["group"] not in usual for line in lines])
    return {"accuracy": right,
            "conflicting": numpy.where(conflicting, right, numpy.nan),
            "aligned": numpy.where(conflicting, numpy.nan, right),
            "energy": numpy.array([line["energy"] or 0 for line in lines], float),
            "pointing": numpy.array([line["pointing_game"] or 0 for line in lines], float),
            "group": numpy.array([names.index(line["group"]) for line in lines])}


def worst_group(right, group):
    """right is [seeds, pictures]: the mean over seeds of each one's worst group."""
    means = [right[:, group == g].mean(axis=1) for g in numpy.unique(group)]
    return numpy.min(means, axis=0).mean()


def difference(before, after, statistic):
    """after − before with its interval, resampling pictures (for all seeds alike)."""
    random = numpy.random.default_rng(0)
    n = before[0]["accuracy"].size
    values = []
    for resample in [numpy.arange(n)] + [random.integers(0, n, n) for _ in range(RESAMPLES)]:
        values.append(statistic(after, resample) - statistic(before, resample))
    low, high = numpy.percentile(values[1:], [2.5, 97.5])
    return f"{values[0]:+.3f} [{low:+.3f}, {high:+.3f}]"


def mean_of(key):
    return lambda runs, chosen: numpy.mean([numpy.nanmean(run[key][chosen]) for run in runs])


def worst_of(runs, chosen):
    right = numpy.array([run["accuracy"][chosen] for run in runs])
    return worst_group(right, runs[0]["group"][chosen])


STATISTICS = {"energy in mask": mean_of("energy"), "pointing game": mean_of("pointing"),
              "accuracy": mean_of("accuracy"), "aligned": mean_of("aligned"),
              "conflicting": mean_of("conflicting"), "worst group": worst_of}


def usual_groups(project):
    rows = [row.split(",") for row in (project / "metadata.csv").read_text().splitlines()]
    header = rows[0]
    groups = [f"{row[header.index('y_name')]}·{row[header.index('place_name')]}"
              for row in rows[1:] if row[header.index("split")] == "0"]
    classes = {group.split("·")[0] for group in groups}
    return {max(sorted({g for g in groups if g.startswith(c + "·")}), key=groups.count)
            for c in classes}


def mending(cli, data, output):
    project = build(cli, output / "first-start", *FIRST_START)
    shortcut = ["--model", "small_cnn", "--weights", data / "scenes-small-cnn.safetensors",
                "--card", data / "scenes-small-cnn.json"]
    usual = usual_groups(project)
    before = [columns(evaluate(cli, project, shortcut, output / "before")[1], usual)] * len(SEEDS)
    everything = numpy.arange(before[0]["accuracy"].size)
    print("\n| lesson | " + " | ".join(STATISTICS) + " |")
    print("| --- |" + " --- |" * len(STATISTICS))
    print("| before | " + " | ".join(f"{statistic(before, everything):.3f}"
                                     for statistic in STATISTICS.values()) + " |")
    for number, (name, losses) in enumerate(RECIPES.items()):
        after = []
        for seed in SEEDS:
            taught = output / f"lesson{number}-{seed}"
            if not (taught / "metrics.json").exists():
                started = time.monotonic()
                run(cli, "train", project, *shortcut, *LESSON, *losses, "--seed", seed,
                    "--threads", THREADS, "--output", taught)
                (taught / "seconds").write_text(f"{time.monotonic() - started:.0f}\n")
            model = ["--model", taught]
            after.append(columns(evaluate(cli, project, model, output / f"after{number}-{seed}")[1],
                                 usual))
        print(f"| {name} | " + " | ".join(f"{statistic(after, everything):.3f}"
                                          for statistic in STATISTICS.values()) + " |")
        print("| − before | " + " | ".join(difference(before, after, statistic)
                                           for statistic in STATISTICS.values()) + " |")
        print("| seeds | " + " | ".join(", ".join(f"{statistic([one], everything):.2f}"
                                                  for one in after)
                                        for statistic in STATISTICS.values()) + " |")


THREADS = sys.argv[4] if len(sys.argv) > 4 else "2"
falling(Path(sys.argv[1]).resolve(), Path(sys.argv[3]))
mending(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), Path(sys.argv[3]))
