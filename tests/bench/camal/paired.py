# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between two ways of teaching, paired by picture and seed.

Each seed has pictures of its own, so seeds are drawn first and then pictures within each of them;
`fovea-cli compare` draws the same pictures for all runs. Intervals are widened for few seeds as
METRICS.md says."""
import functools
import json
from statistics import NormalDist

import numpy

DRAWS = 4000
#: t of Student, 97.5 %, by the number of seeds
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306,
           10: 2.262}


@functools.cache
def read(file, key):
    """{picture: (value, group)} where the value is defined."""
    rows = map(json.loads, file.read_text().splitlines())
    return {row["image"]: (float(row[key]), row.get("group")) for row in rows
            if row.get(key) is not None}


def mean(values, _):
    return values.mean(axis=1)


def median(values, _):
    return numpy.median(values, axis=1)


def worst_group(values, groups):
    """Lowest mean of a group that was drawn."""
    means = []
    for group in range(groups.max() + 1):
        inside = groups == group
        count = inside.sum(axis=1)
        means.append(numpy.where(count > 0, (values * inside).sum(axis=1) / numpy.maximum(count, 1),
                                 numpy.inf))
    return numpy.min(means, axis=0)


def seed_difference(before, after, key, statistic, random):
    """Of one seed: the difference, and DRAWS resampled ones."""
    sides = [read(file, key) for file in (before, after)]
    pictures = sorted(sides[0].keys() & sides[1].keys())
    values = [numpy.array([side[picture][0] for picture in pictures]) for side in sides]
    names = sorted({sides[0][picture][1] or "" for picture in pictures})
    groups = numpy.array([names.index(sides[0][picture][1] or "") for picture in pictures])

    def difference(drawn):
        first, second = (statistic(value[drawn], groups[drawn]) for value in values)
        return second - first

    every = numpy.arange(len(pictures))[None, :]
    drawn = random.integers(len(pictures), size=(DRAWS, len(pictures)))
    return difference(every)[0], difference(drawn)


def tail(n_seeds):
    """The quantile that 95 % intervals begin at."""
    if n_seeds == 1:
        return 0.025
    return NormalDist().cdf(-STUDENT[n_seeds] * (n_seeds / (n_seeds - 1)) ** 0.5)


def difference(before, after, key, statistic):
    """(mean over seeds, low, high) of `after` minus `before`, files in the order of their seeds."""
    random = numpy.random.default_rng(0)
    found = [seed_difference(*files, key, statistic, random) for files in zip(before, after)]
    drawn = numpy.stack([rows for _, rows in found], axis=1)
    total = numpy.zeros(DRAWS)
    for _ in found:
        total += drawn[random.integers(DRAWS, size=DRAWS), random.integers(len(found), size=DRAWS)]
    low = tail(len(found))
    bounds = numpy.quantile(total / len(found), (low, 1 - low))
    return float(numpy.mean([value for value, _ in found])), *map(float, bounds)
