# SPDX-License-Identifier: GPL-3.0-or-later
"""The weight of each loss, chosen on validation pictures."""
import json
import statistics

import grid

TOLERANCE = 0.02  # of accuracy, below plain, for the choice that needs no shifted pictures


def default_weights():
    """The middle candidates: what a plan assumes before anything is chosen."""
    return {name: weights[1] for name, (_, weights) in (grid.OURS | grid.RIVALS).items()}


def median_margin(file):
    """Median over pictures of the margin's share outside the mask: a picture whose two best classes
    are almost equal has a share without bound."""
    shares = [json.loads(line).get("margin_outside") for line in file.read_text().splitlines()]
    defined = [share for share in shares if share is not None]
    return statistics.median(defined) if defined else None


def measure(candidates):
    """{loss: {weight: (accuracy, margin outside)}}, means over the choosing seeds."""
    found = {}
    for name, weight, cell in candidates:
        result = json.loads((cell.folder / "validation.json").read_text())
        found.setdefault(name, {}).setdefault(weight, []).append(
            (result["accuracy"]["value"], median_margin(cell.folder / "validation.jsonl")))
    return {name: {weight: tuple(statistics.mean(column) for column in zip(*rows))
                   for weight, rows in weights.items()} for name, weights in found.items()}


def by_accuracy(rows):
    """Of equally good weights the smaller one."""
    return max(sorted(rows), key=lambda weight: rows[weight][0])


def by_margin(rows, plain):
    """Least margin outside the mask among those that keep the accuracy."""
    kept = [weight for weight in sorted(rows) if rows[weight][0] >= plain - TOLERANCE]
    return min(kept or sorted(rows), key=lambda weight: rows[weight][1])


def is_done(candidates):
    return all((cell.folder / "validation.json").exists() for _, _, cell in candidates)


def best_rival(candidates):
    """The rival with the best validation accuracy at its best weight."""
    rows = measure(candidates)
    return max(grid.RIVALS, key=lambda name: max(rows[name].values()))


def choose(candidates):
    rows = measure(candidates)
    plain = rows.pop(grid.PLAIN)[None]
    return {name: by_accuracy(weights) for name, weights in rows.items()}


def show(candidates):
    """The table of all candidates, and what two ways of choosing take."""
    rows = measure(candidates)
    plain = rows.pop(grid.PLAIN)[None]
    print("| loss | λ: validation accuracy, margin outside the mask | by accuracy | by margin |")
    print("| --- | --- | --- | --- |")
    print(f"| plain | {plain[0]:.3f}, {plain[1]:.2f} | | |")
    for name, weights in rows.items():
        listed = "; ".join(f"{weight:g}: {accuracy:.3f}, {margin:.2f}"
                           for weight, (accuracy, margin) in sorted(weights.items()))
        print(f"| {name} | {listed} | {by_accuracy(weights):g} "
              f"| {by_margin(weights, plain[0]):g} |")
