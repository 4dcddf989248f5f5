# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables: means over seeds, and differences to the network that ATCON started from, paired by picture
and seed."""
import json
import statistics
import subprocess

import choose
from ways import SUPERVISED

COLUMNS = {
    "accuracy": ("accuracy",),
    "F1": ("f1_macro",),
    "mean AP": ("mean_ap",),
    "mIoU": ("localisation", "miou_mask"),
    "energy": ("alignment", "energy"),
    "r": ("consistency", "consistency_r"),
    "AUC of r": ("consistency", "r_auc"),  # does it tell right predictions from wrong ones?
}
#: column → key of `compare`
DIFFERENCES = {"F1": "f1_macro", "accuracy": "accuracy", "mIoU": "miou_mask", "r": "consistency_r"}


def value(cell, column):
    found = json.loads((cell.folder / "test.json").read_text())
    for key in COLUMNS[column]:
        found = (found or {}).get(key)
    return found["value"] if found else None


def mean(cells, column):
    values = [value(cell, column) for cell in cells]
    values = [number for number in values if number is not None]
    if not values:
        return "–"
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{spread}"


def difference(row):
    low, high = row["difference"]["ci95"]
    return f"{row['difference']['value']:+.3f} [{low:+.3f}, {high:+.3f}]"


def compare(cli, before, after):
    sides = [",".join(str(cell.folder / "test.jsonl") for cell in side)
             for side in (before, after)]
    done = subprocess.run([str(cli), "compare", *sides, "--json"], check=True,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)["metrics"]


def group(cells):
    """{(setting, labels): {way: cells that are measured}}"""
    found = {}
    for cell in cells:
        if (cell.folder / "test.json").exists():
            found.setdefault((cell.setting.name, cell.n), {}).setdefault(cell.name, []).append(cell)
    return found


def show_rows(cli, rows):
    titles = [*COLUMNS, *(f"{column} − supervised" for column in DIFFERENCES)]
    print(f"| way | seeds | {' | '.join(titles)} |")
    print("| --- " * (len(titles) + 2) + "|")
    for name, cells in rows.items():
        texts = [mean(cells, column) for column in COLUMNS]
        seeds = {cell.seed for cell in cells}
        before = [cell for cell in rows.get(SUPERVISED, []) if cell.seed in seeds]
        after = [cell for cell in cells if cell.seed in {other.seed for other in before}]
        found = compare(cli, before, after) if name != SUPERVISED and before else {}
        texts += [difference(found[key]) if key in found else "–" for key in DIFFERENCES.values()]
        print(f"| {name} | {len(cells)} | {' | '.join(texts)} |")


def show(cli, animals, parts):
    if choose.is_done(animals):
        choose.show(animals)
    for cells in parts:
        for (setting, n), rows in group(cells).items():
            print(f"\n### {setting}, {n} labels a class\n")
            show_rows(cli, rows)
