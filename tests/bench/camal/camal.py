#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAMAL's experiments in classification: every loss on attention, its rivals and controls.

First the weight of each loss is chosen on validation pictures (of seeds that the results do not
use, at ρ 0.95); then everything is taught with five seeds and measured on test pictures. Whatever
exists in OUTPUT is not repeated, so that it can be stopped and started again at any time.

usage: camal.py FOVEA_CLI SHARED_DATA OUTPUT [--plan] [--seeds N] [--jobs N] [--threads N]
                [--part choose|grid|questions|elsewhere|table]...
"""
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import choose
import grid
import table
from cells import measure
from runner import Runner, parse

PARTS = ("choose", "grid", "questions", "elsewhere", "table")
PLANNED_RIVAL = "res"  # what a plan counts before validation has chosen one
ELSEWHERE = ("two-term", grid.DEFAULT, "background swap")


def list_cells(part, settings, chosen, options):
    """The cells of a part, in the order in which they are worth having."""
    seeds = range(options.seeds)
    middle = settings[1]
    if part == "choose":
        return [cell for _, _, cell in grid.candidates(middle)]
    if part == "grid":
        order = [middle, settings[2], settings[0]]
        return [cell for setting in order for cell in grid.final(setting, seeds, chosen)]
    if part == "questions":
        return list(grid.questions(middle, seeds, chosen))
    candidates = list(grid.candidates(middle))
    rival = choose.best_rival(candidates) if choose.is_done(candidates) else PLANNED_RIVAL
    return [cell for setting in grid.elsewhere(options.data, options.output)
            for cell in (*grid.final(setting, seeds, chosen, (*ELSEWHERE, rival)),
                         *grid.rrr(setting, seeds))]


def seconds_left(cell):
    teach, validate, rest = cell.setting.seconds
    left = 0 if (cell.folder / "done").exists() else teach
    if cell.final:
        return left + (0 if (cell.folder / "faithful.json").exists() else rest)
    return left + (0 if (cell.folder / "validation.json").exists() else validate)


def run_all(cells, runner, jobs):
    """Cells of one seed share pictures: the first of each is done alone."""
    failed = []

    def run(cell):
        try:
            measure(runner, cell)
            print(f"{cell.setting.name} seed {cell.seed} {cell.name}", file=sys.stderr, flush=True)
        except (RuntimeError, OSError) as error:
            failed.append(cell)
            print(f"{cell.folder}: {error}", file=sys.stderr, flush=True)

    for setting in {cell.setting.name: cell.setting for cell in cells}.values():
        setting.prepare(runner)
    firsts = {(cell.setting.name, cell.seed, cell.masks): cell for cell in reversed(cells)}
    for cell in sorted(firsts.values(), key=cells.index):
        if seconds_left(cell):
            cell.setting.masked(cell.setting.project(runner, cell.seed), cell.masks, cell.seed)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run, cells))
    return failed


def main():
    options = parse(PARTS)
    runner = Runner(options.cli, options.threads)
    settings = grid.grid(options.data, options.output)
    chosen = choose.default_weights()
    if choose.is_done(grid.candidates(settings[1])):
        chosen = choose.choose(grid.candidates(settings[1]))
    total = 0
    for part in options.part or PARTS:
        if part == "table":
            if not options.plan:
                table.show(options, settings, chosen)
            continue
        cells = list_cells(part, settings, chosen, options)
        fresh = {cell.setting for cell in cells if not cell.setting.folder.exists()}
        hours = (sum(map(seconds_left, cells)) / options.jobs
                 + sum(setting.preparation for setting in fresh)) / 3600
        total += hours
        print(f"{part}: {len(cells)} cells, about {hours:.1f} hours left", file=sys.stderr)
        if not options.plan and run_all(cells, runner, options.jobs):
            sys.exit(f"some cells of {part} failed: see above, then start again")
        if part == "choose" and not options.plan:
            chosen = choose.choose(grid.candidates(settings[1]))
    if options.plan:
        print(f"all together: about {total:.1f} hours left")


main()
