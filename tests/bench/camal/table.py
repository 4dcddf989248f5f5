# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what was measured: means over seeds, and differences paired by picture and seed."""
import json
import statistics
import subprocess

import numpy

import choose
import grid

#: column → (file of a cell, path in it)
COLUMNS = {
    "mean AP": ("test", "mean_ap"),
    "aligned": ("test", "aligned_accuracy"),
    "shifted": ("test", "shifted_accuracy"),
    "conflicting": ("test", "conflicting_accuracy"),
    "worst group": ("test", "worst_group_accuracy"),
    "ground alone": ("grounds", "accuracy"),
    "energy": ("test", "alignment", "energy"),
    "IoU": ("test", "alignment", "iou"),
    "pointing": ("test", "alignment", "pointing_game"),
    "margin outside": ("faithful.jsonl",),  # the median: see choose.median_margin
    "excess drop": ("faithful", "faithfulness", "excess_drop"),
}
#: differences to plain: key of `compare` → (title, file)
DIFFERENCES = {
    "energy": ("energy", "test.jsonl"),
    "accuracy": ("accuracy", "test.jsonl"),
    "worst_group_accuracy": ("worst group", "test.jsonl"),
    "excess_drop": ("excess drop", "faithful.jsonl"),
}


def value(cell, column):
    name, *path = COLUMNS[column]
    if column == "margin outside":
        return choose.median_margin(cell.folder / name)
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
    """Columns that no cell has a value for are left out."""
    columns = {column: [mean(cells, column) for cells in rows.values()] for column in COLUMNS}
    shown = [column for column, texts in columns.items() if set(texts) != {"–"}]
    print(f"| loss | seeds | {' | '.join(shown)} |")
    print("| --- " * (len(shown) + 2) + "|")
    for number, (name, cells) in enumerate(rows.items()):
        texts = " | ".join(columns[column][number] for column in shown)
        print(f"| {name} | {len(cells)} | {texts} |")


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


def margins(cells):
    """Of each cell, {picture: share of the margin outside the mask}."""
    rows = ((json.loads(line) for line in (cell.folder / "faithful.jsonl").open())
            for cell in cells)
    return [{row["image"]: row["margin_outside"] for row in found
             if row.get("margin_outside") is not None} for found in rows]


def margin_difference(before, after, draws=1000):
    """Mean over seeds of the difference of medians, with a bootstrap over pictures, paired."""
    random = numpy.random.default_rng(0)
    pairs = []
    for first, second in zip(margins(before), margins(after)):
        pairs.append(numpy.array([(first[image], second[image])
                                  for image in sorted(first.keys() & second.keys())]))

    def difference(samples):
        medians = [numpy.median(sample, axis=0) for sample in samples]
        return float(numpy.mean([after - before for before, after in medians]))

    drawn = [difference([pair[random.integers(len(pair), size=len(pair))] for pair in pairs])
             for _ in range(draws)]
    low, high = numpy.percentile(drawn, (2.5, 97.5))
    return f"{difference(pairs):+.3f} [{low:+.3f}, {high:+.3f}]"


def show_differences(cli, rows, reference):
    """Of every row to the row `reference`, for the seeds that both have."""
    titles = [title for title, _ in DIFFERENCES.values()]
    print(f"\n| minus {reference} | {' | '.join(titles)} | margin outside |")
    print("| --- " * (len(titles) + 2) + "|")
    for name, cells in rows.items():
        seeds = {cell.seed for cell in rows[reference]} & {cell.seed for cell in cells}
        if name == reference or not seeds:
            continue
        sides = [[cell for cell in side if cell.seed in seeds]
                 for side in (rows[reference], cells)]
        found = {file: compare(cli, file, *sides) for file in ("test.jsonl", "faithful.jsonl")}
        shown = [difference(found[file][key], key == "excess_drop") if key in found[file] else "–"
                 for key, (_, file) in DIFFERENCES.items()]
        shown.append(margin_difference(*sides) if all(map(any, map(margins, sides))) else "–")
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
        show_setting(options.cli, setting, [*grid.final(setting, seeds, chosen),
                                            *grid.rrr(setting, seeds)])
