# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what was measured: means over seeds, and differences paired by picture and seed."""
import json
import statistics
import subprocess

import choose
import grid

#: column → (file of a cell, path in it)
COLUMNS = {
    "aligned": ("test", "aligned_accuracy"),
    "shifted": ("test", "shifted_accuracy"),
    "conflicting": ("test", "conflicting_accuracy"),
    "worst group": ("test", "worst_group_accuracy"),
    "ground alone": ("grounds", "accuracy"),
    "energy": ("test", "alignment", "energy"),
    "IoU": ("test", "alignment", "iou"),
    "pointing": ("test", "alignment", "pointing_game"),
    "margin outside": ("faithful", "faithfulness", "margin_outside"),
    "excess drop": ("faithful", "faithfulness", "excess_drop"),
    "deletion": ("faithful", "faithfulness", "deletion"),
}
#: differences to plain: key of `compare` → (title, file)
DIFFERENCES = {
    "energy": ("energy", "test.jsonl"),
    "accuracy": ("accuracy", "test.jsonl"),
    "worst_group_accuracy": ("worst group", "test.jsonl"),
    "excess_drop": ("excess drop", "faithful.jsonl"),
    "margin_outside": ("margin outside", "faithful.jsonl"),
}


def value(cell, column):
    name, *path = COLUMNS[column]
    file = cell.folder / f"{name}.json"
    if not file.exists():
        return None
    found = json.loads(file.read_text())
    for key in path:
        found = (found or {}).get(key)
    return found["value"] if found else None


def by_name(cells):
    rows = {}
    for cell in cells:
        if (cell.folder / "faithful.json").exists():
            rows.setdefault(cell.folder.name, []).append(cell)
    return rows


def mean(cells, column):
    values = [value(cell, column) for cell in cells]
    values = [number for number in values if number is not None]
    if not values:
        return "–"
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{spread}"


def show_means(rows):
    print(f"| loss | seeds | {' | '.join(COLUMNS)} |")
    print("| --- " * (len(COLUMNS) + 2) + "|")
    for name, cells in rows.items():
        print(f"| {name} | {len(cells)} | "
              f"{' | '.join(mean(cells, column) for column in COLUMNS)} |")


def compare(cli, file, before, after):
    """{key: row} of `fovea-cli compare`; the runs of a side in the order of their seeds."""
    sides = [",".join(str(cell.folder / file) for cell in side) for side in (before, after)]
    done = subprocess.run([str(cli), "compare", *sides, "--json"], check=True,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)["metrics"]


def difference(row, relative):
    found = row["difference"]
    low, high = found["ci95"]
    text = f"{found['value']:+.3f} [{low:+.3f}, {high:+.3f}]"
    if relative and row["a"]:
        text += f" ({100 * found['value'] / row['a']:+.0f} %)"
    return text


def show_differences(cli, rows, reference):
    """Of every row to the row `reference`, for the seeds that both have."""
    print(f"\n| minus {reference} | {' | '.join(title for title, _ in DIFFERENCES.values())} |")
    print("| --- " * (len(DIFFERENCES) + 1) + "|")
    for name, cells in rows.items():
        seeds = {cell.seed for cell in rows[reference]} & {cell.seed for cell in cells}
        if name == reference or not seeds:
            continue
        sides = [[cell for cell in side if cell.seed in seeds]
                 for side in (rows[reference], cells)]
        found = {file: compare(cli, file, *sides) for file in ("test.jsonl", "faithful.jsonl")}
        shown = [difference(found[file][key], key == "excess_drop") if key in found[file] else "–"
                 for key, (_, file) in DIFFERENCES.items()]
        print(f"| {name} | {' | '.join(shown)} |")


def best(rows, names, column):
    """Of the rows called `names`, the one with the highest mean of a column."""
    def score(name):
        return statistics.mean(value(cell, column) or 0 for cell in rows[name])
    present = [grid.slug(name) for name in names if grid.slug(name) in rows]
    return max(present, key=score) if present else None


def show_setting(cli, setting, cells):
    rows = by_name(cells)
    if grid.PLAIN not in rows:
        return
    print(f"\n### {setting.name}\n")
    show_means(rows)
    show_differences(cli, rows, grid.PLAIN)
    rival = best(rows, grid.RIVALS, "excess drop")
    if rival is not None:
        show_differences(cli, rows, rival)


def show(options, settings, chosen):
    if choose.is_done(grid.candidates(settings[1])):
        choose.show(grid.candidates(settings[1]))
        chosen = choose.choose(grid.candidates(settings[1]))
    seeds = range(options.seeds)
    for setting in settings:
        cells = list(grid.final(setting, seeds, chosen))
        if setting is settings[1]:
            cells += list(grid.questions(setting, seeds, chosen))
        show_setting(options.cli, setting, cells)
    for setting in grid.elsewhere(options.data, options.output):
        show_setting(options.cli, setting, list(grid.final(setting, seeds, chosen)))
