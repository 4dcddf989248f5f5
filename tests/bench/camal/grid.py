# SPDX-License-Identifier: GPL-3.0-or-later
"""Which losses are compared, at which weights, in which settings."""
from cells import Cell
from settings import AnimalsScenes, Coco, Decoy, ResNet18, Scenes, Stamps

PLAIN = "plain"


def weighted(*names):
    """Options for losses that share one weight λ; "half NAME" takes half of it."""
    def options(weight):
        parts = []
        for name in names:
            share = 0.5 if name.startswith("half ") else 1
            parts += ["--loss", f"{name.removeprefix('half ')}={share * weight:g}"]
        return parts
    return options


#: name → (options of a weight, the weights that validation chooses from)
OURS = {
    "two-term": (weighted("camal"), (0.3, 1, 3)),
    "contrast": (weighted("contrast"), (0.3, 1, 3)),
    "two-term + contrast": (weighted("camal", "contrast"), (0.3, 1, 3)),
    "swap": (weighted("swap"), (0.3, 1, 3)),
    "swap + ½ two-term": (weighted("swap", "half camal"), (0.3, 1, 3)),
    "swap + contrast": (weighted("swap", "contrast"), (0.3, 1, 3)),
}
RIVALS = {
    "gain": (weighted("gain"), (1, 3, 10)),
    "cyborg": (weighted("cyborg"), (1, 3, 10)),
    "gradia": (weighted("gradia"), (0.1, 0.3, 1)),
    "haics": (weighted("haics"), (0.1, 0.3, 1)),
    "res": (weighted("res"), (0.3, 1, 3)),
    "energy": (weighted("energy"), (0.03, 0.1, 0.3)),
    "gals": (weighted("gals"), (0.1, 0.3, 1)),
    "robustvit": (weighted("robustvit"), (0.3, 1, 3)),
}
CONTROLS = {
    "group reweighting": ["--control", "reweight"],
    "background swap": ["--control", "background-swap", "--views", "6"],
}
DEFAULT = "swap + ½ two-term"
COMBINED = (DEFAULT, "swap + contrast")  # with the background swap as well
#: on input gradients: ten times a step of MobileNetV2, so only on decoy, with a small network
RRR = {"rrr": (weighted("rrr"), (0.1, 1, 10))}
RHOS = (0.9, 0.95, 1.0)
CHOOSING_SEEDS = (100, 101)  # not those of the results
MASK_SHARES = (0.01, 0.05, 0.2)
COARSE = ("dilated", "box", "scribble")


def slug(name):
    return name.replace(" + ", "+").replace("½ ", "half-").replace(" ", "-")


def candidates(setting):
    """The cells that choose each loss's weight, on validation pictures alone."""
    for seed in CHOOSING_SEEDS:
        yield PLAIN, None, Cell(setting, seed, PLAIN, [], final=False)
        for name, (options, weights) in (OURS | RIVALS).items():
            for weight in weights:
                yield name, weight, Cell(setting, seed, f"{slug(name)}-{weight:g}",
                                         options(weight), final=False)


def final(setting, seeds, chosen, names=None):
    """The cells of a setting's table, each loss at its chosen weight."""
    losses = OURS | RIVALS
    for seed in seeds:
        yield Cell(setting, seed, PLAIN, [])
        for name, options in CONTROLS.items():
            if (names is None or name in names) and setting.allows(name):
                yield Cell(setting, seed, slug(name), options)
        for name, (options, _) in losses.items():
            if names is None or name in names:
                yield Cell(setting, seed, slug(name), options(chosen[name]))
        for name in COMBINED:
            if names is None or (name == DEFAULT and setting.swaps_backgrounds):
                yield Cell(setting, seed, f"{slug(name)}+background-swap",
                           losses[name][0](chosen[name]) + CONTROLS["background swap"])


def questions(setting, seeds, chosen):
    """How few masks, how coarse, and can a network that is fooled already be repaired?"""
    teach = OURS[DEFAULT][0](chosen[DEFAULT])
    for seed in seeds:
        for share in MASK_SHARES:
            yield Cell(setting, seed, f"masks-{share:g}", teach + ["--mask-share", f"{share:g}"])
        for kind in COARSE:
            yield Cell(setting, seed, f"masks-{kind}", teach, masks=kind)
        fooled = Cell(setting, seed, PLAIN, [])
        yield Cell(setting, seed, "repaired", teach, start=["--model", fooled.folder])


def grid(data, output):
    return [AnimalsScenes(f"animals-scenes-{rho}", data, output, rho) for rho in RHOS]


def elsewhere(data, output):
    return [Scenes("scenes", data, output), Decoy("decoy", data, output),
            Stamps("stamps", data, output, 0.95), Coco("coco", data, output),
            ResNet18("resnet18", data, output, 0.95)]


def rrr(setting, seeds):
    """Right for the right reasons at every weight."""
    if setting.takes_rrr:
        for seed in seeds:
            for weight in RRR["rrr"][1]:
                yield Cell(setting, seed, f"rrr-{weight:g}", RRR["rrr"][0](weight))
