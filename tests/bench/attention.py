#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every metric of Grad-CAM and of its controls on animals-scenes: one table.

The network is shortcut.py's of seed 0: MobileNetV2 with a linear head that leans on the ground
(trained when it is not there yet). Test pictures of the same composition, fewer of them: each is run
through the network about two hundred times and more. Evaluations that exist are not repeated.

usage: attention.py FOVEA_CLI SHARED_DATA OUTPUT [PICTURES [THREADS]]
OUTPUT may be the folder of shortcut.py, whose network is then used.
"""
import json
import subprocess
import sys
from pathlib import Path

METHODS = ["gradcam", "random", "sobel"]


def evaluate(cli, scenes, network, method, threads, found):
    if not found.exists():
        done = subprocess.run([cli, "evaluate", scenes, "--model", network, "--method", method,
                               "--metrics", "all", "--threads", threads, "--json"], check=True,
                              stdout=subprocess.PIPE)
        found.write_bytes(done.stdout)
    return json.loads(found.read_text())


def show(value):
    if value is None:
        return "undefined"
    if "ci95" not in value:
        return f"{value['value']:.3f}"
    return f"{value['value']:.3f} [{value['ci95'][0]:.3f}, {value['ci95'][1]:.3f}]"


def rows(found):
    """name → value, of the top level and of each group of metrics."""
    for key, value in found.items():
        if isinstance(value, dict) and "value" in value:
            yield key, value
    for group in ("alignment", "faithfulness", "localisation", "sanity", "consistency"):
        for key, value in found.get(group, {}).items():
            if value is None or isinstance(value, dict):  # not counts, costs and settings
                yield f"{group}: {key}", value


def main():
    cli, data, output = (Path(argument).resolve() for argument in sys.argv[1:4])
    pictures, threads = (sys.argv[4:] + ["64", "2"][len(sys.argv) - 4:])[:2]
    network, scenes = output / "head-0.95-0", output / f"attention-{pictures}"
    if not (network / "metrics.json").exists():
        shortcut = Path(__file__).with_name("shortcut.py")
        subprocess.run([sys.executable, shortcut, cli, data, output, "1", "0.95", threads],
                       check=True, stdout=subprocess.DEVNULL)
    if not scenes.exists():
        subprocess.run([cli, "dataset", "build", "animals-scenes", scenes, "--objects",
                        data / "animals", "--backgrounds", data / "scenes", "--rho", "0.95",
                        "--seed", "0", "--n-test", pictures], check=True,
                       stdout=subprocess.DEVNULL)
    tables = [dict(rows(evaluate(cli, scenes, network, method, threads,
                                 output / f"attention-{pictures}-{method}.json")))
              for method in METHODS]
    print("| metric | " + " | ".join(METHODS) + " |")
    print("| --- |" + " --- |" * len(METHODS))
    for name in tables[0]:
        print(f"| {name} | " + " | ".join(show(table.get(name)) for table in tables) + " |")


main()
