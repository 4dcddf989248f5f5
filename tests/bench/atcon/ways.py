# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to learn from few labels that are compared."""
from dataclasses import dataclass

SUPERVISED, CAMAL = "supervised", "camal"


@dataclass(frozen=True)
class Way:
    """`options` of train; `after`: the way whose network it starts from, or None; `pool`: how many
    pictures without labels it learns from: "others", "labelled" or "" for none."""
    options: tuple = ()
    after: str = None
    pool: str = ""
    masks: bool = False  # it needs masks of the pictures with labels


def unsupervised(*options, after=SUPERVISED, pool="others", **rest):
    return Way(("--mode", "unsupervised", *options), after, pool, **rest)


ATTENTION = ("--loss", "swap=1", "--loss", "camal=0.5")

WAYS = {
    SUPERVISED: Way(),
    "longer": Way(after=SUPERVISED),
    "atcon": unsupervised(),
    "atcon, same pictures": unsupervised("--unlabelled", "labelled", pool="labelled"),
    "atcon, r chooses": unsupervised("--choose-by", "consistency"),
    "atcon, ig": unsupervised("--pixels", "ig"),
    "combined": Way(("--mode", "combined", "--loss", "consistency=1"), SUPERVISED, "others"),
    "alternating": Way(("--mode", "alternating", "--loss", "consistency=1", "--alternation", "4"),
                       SUPERVISED, "others"),
    CAMAL: Way(ATTENTION, masks=True),
    "camal, then atcon": unsupervised(after=CAMAL, masks=True),
}
DIAGONAL = (SUPERVISED, "longer", "atcon", CAMAL, "camal, then atcon")


def slug(name):
    return name.replace(",", "").replace(" ", "-")


def allowed(way, setting):
    """Networks with max pooling or without masks leave some ways out."""
    return setting.has_masks or not way.masks
