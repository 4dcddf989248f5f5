# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what was measured: means over seeds, and differences paired by picture and seed."""
import json
import statistics

import choose
import grid
import paired

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
#: title → (file, key in its lines, what is taken of them) of the differences
DIFFERENCES = {
    "energy": ("test.jsonl", "energy", paired.mean),
    "accuracy": ("test.jsonl", "right", paired.mean),
    "worst group": ("test.jsonl", "right", paired.worst_group),
    "excess drop": ("faithful.jsonl", "excess_drop", paired.mean),
    "margin outside": ("faithful.jsonl", "margin_outside", paired.median),
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


def is_measured(cells, file, key, statistic):
    """Whether every cell has values, in groups where the statistic is of groups."""
    found = [paired.read(cell.folder / file, key) for cell in cells]
    if statistic is paired.worst_group:
        found = [[group for _, group in rows.values() if group is not None] for rows in found]
    return all(found)


def difference(before, after, title):
    file, key, statistic = DIFFERENCES[title]
    if not all(is_measured(side, file, key, statistic) for side in (before, after)):
        return "–"
    files = [[cell.folder / file for cell in side] for side in (before, after)]
    found, low, high = paired.difference(*files, key, statistic)
    text = f"{found:+.3f} [{low:+.3f}, {high:+.3f}]"
    if title == "excess drop":
        text += f" ({100 * found / statistics.mean(value(cell, title) for cell in before):+.0f} %)"
    return text


def show_differences(rows, reference, left_out=()):
    """Of every row but `left_out` to the row `reference`, for the seeds that both have."""
    print(f"\n| minus {reference} | seeds | {' | '.join(DIFFERENCES)} |")
    print("| --- " * (len(DIFFERENCES) + 2) + "|")
    for name, cells in rows.items():
        seeds = {cell.seed for cell in rows[reference]} & {cell.seed for cell in cells}
        if name == reference or name in left_out or not seeds:
            continue
        before, after = ([cell for cell in side if cell.seed in seeds]
                         for side in (rows[reference], cells))
        texts = [difference(before, after, title) for title in DIFFERENCES]
        print(f"| {name} | {len(seeds)} | {' | '.join(texts)} |")


def best(rows, names, column):
    """Of the rows called `names`, the one with the highest mean of a column."""
    def score(name):
        return statistics.mean(value(cell, column) or 0 for cell in rows[name])
    present = [grid.slug(name) for name in names if grid.slug(name) in rows]
    return max(present, key=score) if present else None


def show_setting(setting, cells):
    rows = by_name(cells)
    if grid.PLAIN not in rows:
        return
    print(f"\n### {setting.name}\n")
    show_means(rows)
    show_differences(rows, grid.PLAIN)
    rival = best(rows, grid.RIVALS, "excess drop")
    if rival is not None:
        show_differences(rows, rival, [grid.PLAIN, *map(grid.slug, grid.RIVALS)])


def show(options, settings, chosen):
    if choose.is_done(grid.candidates(settings[1])):
        choose.show(grid.candidates(settings[1]))
        chosen = choose.choose(grid.candidates(settings[1]))
    seeds = range(options.seeds)
    for setting in settings:
        cells = list(grid.final(setting, seeds, chosen))
        if setting is settings[1]:
            cells += list(grid.questions(setting, seeds, chosen))
        show_setting(setting, cells)
    for setting in grid.elsewhere(options.data, options.output):
        show_setting(setting, [*grid.final(setting, seeds, chosen), *grid.rrr(setting, seeds)])
