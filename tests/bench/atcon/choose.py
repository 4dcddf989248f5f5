# SPDX-License-Identifier: GPL-3.0-or-later
"""How steep the soft mask is and how fast the network learns from the pool, chosen on validation."""
import json
import statistics

from cells import Cell
from ways import SUPERVISED, WAYS

SEEDS = (100, 101)  # not those of the results
N = 4
OMEGAS = (10, 40, 160)             # of pixels as they are, as the authors have them
NORMALISED = (1, 4)                # of pixels divided by their deviation
RATES = ("1e-6", "1e-5", "5e-5")
DEFAULT = ("--omega", 4, "--normalise-pixels", "--lr", "1e-5", "--head-lr", "1e-5")


def tunings():
    """{name: options}"""
    found = {}
    for rate in RATES:
        rates = ("--lr", rate, "--head-lr", rate)
        for omega in OMEGAS:
            found[f"{omega}, {rate}"] = ("--omega", omega, *rates)
        for omega in NORMALISED:
            found[f"{omega} normalised, {rate}"] = ("--omega", omega, "--normalise-pixels", *rates)
    return found


def candidates(setting):
    """(name, cell) of every tuning, and of the network that they start from."""
    for seed in SEEDS:
        yield SUPERVISED, Cell(setting, seed, N, SUPERVISED, (), final=False)
        for name, tuning in tunings().items():
            yield name, Cell(setting, seed, N, f"atcon {name}", tuning, WAYS["atcon"], final=False)


def is_done(setting):
    return all((cell.folder / "validation.json").exists() for _, cell in candidates(setting))


def measure(setting):
    """{name: (F1, r)}, means over the choosing seeds."""
    rows = {}
    for name, cell in candidates(setting):
        found = json.loads((cell.folder / "validation.json").read_text())
        rows.setdefault(name, []).append((found["f1_macro"]["value"],
                                          found["consistency"]["consistency_r"]["value"]))
    return {name: tuple(map(statistics.mean, zip(*values))) for name, values in rows.items()}


def choose(setting):
    """The best F1; of equals the one whose maps agree more."""
    if not is_done(setting):
        return DEFAULT
    rows = measure(setting)
    rows.pop(SUPERVISED)
    return tunings()[max(rows, key=rows.get)]


def show(setting):
    print("| ω, rate | F1 | r |")
    print("| --- | --- | --- |")
    for name, (score, r) in measure(setting).items():
        print(f"| {name} | {score:.3f} | {r:.3f} |")
