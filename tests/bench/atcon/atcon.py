#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ATCON's experiments: what pictures without labels add to few labels, when two maps of each are made
to agree.

How it is tuned is chosen on validation pictures of seeds that the results do not use. Whatever exists
in OUTPUT is not repeated, so that it can be stopped and started again at any time.

usage: atcon.py FOVEA_CLI SHARED_DATA OUTPUT [--plan] [--seeds N] [--jobs N] [--threads N]
                [--part choose|grid|diagonal|table]...
"""
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import choose
import table
from cells import Cell, measure
from runner import Runner, parse
from settings import Animals, AnimalsScenes, Clips, Coco, Fashion, RESNET
from ways import DIAGONAL, WAYS, allowed

PARTS = ("choose", "grid", "diagonal", "table")
LABELS = (2, 4, 8, 16)


def elsewhere(data, output):
    """Each setting with its labels a class: a diagonal, not another grid."""
    return [(AnimalsScenes("animals-scenes", data, output), 8),
            (Coco("coco", data, output), 2),
            (Fashion("fashion", data, output, 32, RESNET, "cifar_resnet56"), 8),
            (Clips("clips", data, output), 16)]


def cells_of(setting, labels, names, seeds, tuning):
    return [Cell(setting, seed, n, name, tuning) for n in labels for seed in seeds
            for name in names if allowed(WAYS[name], setting)]


def list_cells(part, options):
    animals = Animals("animals", options.data, options.output)
    seeds = range(options.seeds)
    if part == "choose":
        return [cell for _, cell in choose.candidates(animals)]
    tuning = choose.choose(animals)
    if part == "grid":
        return cells_of(animals, LABELS, WAYS, seeds, tuning)
    return [cell for setting, n in elsewhere(options.data, options.output)
            for cell in cells_of(setting, [n], DIAGONAL, seeds, tuning)]


def families(cells):
    """Cells that start from one another, together: they are done one after the other."""
    found = {}
    for cell in cells:
        found.setdefault((cell.setting.name, cell.n, cell.seed), []).append(cell)
    return found.values()


def run_all(cells, runner, jobs):
    failed = []

    def run(family):
        for cell in family:
            try:
                measure(runner, cell)
                print(cell.folder, file=sys.stderr, flush=True)
            except (RuntimeError, OSError) as error:
                failed.append(cell)
                print(f"{cell.folder}: {error}", file=sys.stderr, flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run, families(cells)))
    return failed


def main():
    options = parse(PARTS)
    runner = Runner(options.cli, options.threads)
    total = 0
    for part in options.part or PARTS:
        if part == "table":
            if not options.plan:
                table.show(options.cli, Animals("animals", options.data, options.output),
                           [list_cells("grid", options), list_cells("diagonal", options)])
            continue
        cells = list_cells(part, options)
        hours = sum(cell.seconds_left() for cell in cells) / options.jobs / 3600
        total += hours
        print(f"{part}: {len(cells)} cells, about {hours:.1f} hours left", file=sys.stderr)
        if not options.plan and run_all(cells, runner, options.jobs):
            sys.exit(f"some cells of {part} failed: see above, then start again")
    if options.plan:
        print(f"all together: about {total:.1f} hours left")


if __name__ == "__main__":
    main()
