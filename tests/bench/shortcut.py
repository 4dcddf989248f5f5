#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a pretrained network take the shortcut? Four animals whose ground tells them 95 % of the time.

For each seed: animals-scenes is composed at rho 0.95, MobileNetV2 (ImageNet) learns a linear head
on it with everything else frozen, and is evaluated on the test pictures, where every animal stands
on every ground. Aligned: the ground is the class's own; conflicting: another one. Runs that exist
are not repeated. Intervals: 95 % percentile bootstrap over pictures.

usage: shortcut.py FOVEA_CLI SHARED_DATA OUTPUT [SEEDS [RHO [THREADS]]]
"""
import json
import subprocess
import sys
from pathlib import Path

LAST_LAYER = "classifier.1"
HEAD = ["--freeze-below", LAST_LAYER, "--loss", "ce=1", "--lr", "1e-3", "--head-lr", "1e-3",
        "--epochs", "10", "--augment", "none"]


def run(cli, *command):
    done = subprocess.run([str(part) for part in (cli, *command)], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode()


def measure(cli, data, output, seed, rho, threads):
    scenes, network = output / f"scenes-{rho}-{seed}", output / f"head-{rho}-{seed}"
    found = output / f"evaluation-{rho}-{seed}.json"
    if not scenes.exists():
        run(cli, "dataset", "build", "animals-scenes", scenes, "--objects", data / "animals",
            "--backgrounds", data / "scenes", "--rho", rho, "--seed", seed)
    if not (network / "metrics.json").exists():
        run(cli, "train", scenes, "--model", "mobilenet_v2", "--weights",
            data / "weights/mobilenet_v2_imagenet.safetensors", *HEAD, "--seed", seed, "--threads",
            threads, "--output", network)
    if not found.exists():
        found.write_text(run(cli, "evaluate", scenes, "--model", network, "--threads", threads,
                             "--json"))
    return json.loads(found.read_text())


def show(value):
    return f"{value['value']:.3f} [{value['ci95'][0]:.3f}, {value['ci95'][1]:.3f}]"


def main():
    cli, data, output = (Path(argument).resolve() for argument in sys.argv[1:4])
    seeds, rho, threads = (sys.argv[4:] + ["3", "0.95", "2"][len(sys.argv) - 4:])[:3]
    output.mkdir(parents=True, exist_ok=True)
    print("| seed | aligned | conflicting | gap | worst group | energy in mask | chance |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for seed in range(int(seeds)):
        found = measure(cli, data, output, seed, rho, threads)
        gap = found["aligned_accuracy"]["value"] - found["conflicting_accuracy"]["value"]
        print(f"| {seed} | {show(found['aligned_accuracy'])} "
              f"| {show(found['conflicting_accuracy'])} | {gap:.3f} "
              f"| {show(found['worst_group_accuracy'])} | {show(found['alignment']['energy'])} "
              f"| {found['alignment']['chance']['value']:.3f} |", flush=True)


main()
