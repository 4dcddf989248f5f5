# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks as people are willing to draw them: coarser ones made from the exact masks."""
import csv
import os
import random
import shutil

import numpy
from PIL import Image, ImageDraw, ImageFilter

OUTSIDE, INSIDE, NO_OPINION = 0, 1, 255
DILATION = 15  # pixels of 224


def dilate(mask, _):
    """Grown by DILATION pixels, as a hasty outline is."""
    return mask.filter(ImageFilter.MaxFilter(2 * DILATION + 1))


def box(mask, _):
    left, top, right, bottom = mask.getbbox()
    drawn = Image.new("L", mask.size)
    ImageDraw.Draw(drawn).rectangle([left, top, right - 1, bottom - 1], fill=INSIDE)
    return drawn


def scribble(mask, drawn_by):
    """A thick stroke through the object and one beside it; the rest has no opinion."""
    scribbled = Image.new("L", mask.size, NO_OPINION)
    inside = numpy.argwhere(numpy.asarray(mask) == INSIDE)
    outside = numpy.argwhere(numpy.asarray(dilate(mask, None)) == OUTSIDE)
    pen = ImageDraw.Draw(scribbled)
    for points, state, count in ((outside, OUTSIDE, 4), (inside, INSIDE, 3)):
        if len(points) == 0:
            continue
        chosen = [tuple(int(v) for v in points[drawn_by.randrange(len(points))][::-1])
                  for _ in range(count)]
        pen.line(chosen, fill=state, width=8)
    exact = numpy.asarray(mask)
    states = numpy.array(scribbled)
    states[(states != NO_OPINION) & (states != exact)] = NO_OPINION  # a stroke stays on its side
    return Image.fromarray(states)


KINDS = {"dilated": dilate, "box": box, "scribble": scribble}


def save(mask, path):
    palette = Image.fromarray(numpy.asarray(mask), "P")
    palette.putpalette([0, 0, 0, 255, 255, 255] + [128, 128, 128] * 254)
    palette.save(path)


def copy_project(project, folder, kind, seed):
    """The same pictures, by links; masks of the training pictures are made coarser."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    (part / "masks").mkdir()
    os.symlink(project / "images", part / "images")
    shutil.copy(project / "metadata.csv", part)
    for row in csv.DictReader((project / "metadata.csv").open(newline="")):
        mask = Image.open(project / row["mask_filename"])
        if row["split"] == "0":
            exact = Image.fromarray((numpy.asarray(mask) == INSIDE).astype(numpy.uint8))
            mask = KINDS[kind](exact, random.Random(f"{seed} {row['img_id']}"))
            save(mask, part / row["mask_filename"])
        else:
            shutil.copy(project / row["mask_filename"], part / row["mask_filename"])
    part.rename(folder)
