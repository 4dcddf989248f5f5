# SPDX-License-Identifier: GPL-3.0-or-later
"""What is learned from few labels: pictures, a network to start with, and how big its input is."""
import json
import shutil
from math import ceil

MOBILENET = "mobilenet_v2_imagenet"
RESNET = "resnet56_cifar10"
SUPERVISED_STEPS, BATCH = 160, 4    # from the labels, to start with
POOL_STEPS, POOL_BATCH = 80, 8      # from the pool, after that


def write_card(data, name, side, path):
    """The card of shared weights for pictures of another size."""
    card = json.loads((data / "weights" / f"{name}.json").read_text())
    card["input_size"] = [3, side, side]
    if isinstance(card.get("classes"), str):
        card["classes"] = (data / "weights" / card["classes"]).read_text().splitlines()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(card))
    return path


class Setting:
    """`n_classes`, and `n_pool`: training pictures, about, less those with labels."""
    n_classes, n_pool = 4, 130
    rate, head_rate = "1e-4", "1e-3"
    #: about how many seconds one thread needs: supervised, from the pool, and to measure a run
    seconds = (50, 100, 10)
    options = ["--augment", "flip,crop"]
    has_masks = True

    def __init__(self, name, data, output, side=128, weights=MOBILENET, network="mobilenet_v2"):
        self.name, self.data, self.folder = name, data, output / name
        card = self.folder / "card.json"
        if weights is None:  # from scratch, at the network's own size
            self.start = ["--model", network]
        else:
            write_card(data, weights, side, card)
            self.start = ["--model", network, "--card", card, "--weights",
                          data / "weights" / f"{weights}.safetensors"]

    def project(self, runner, seed):
        """The pictures of a seed, made when they are missing."""
        folder = self.folder / f"seed-{seed}" / "pictures"
        if not folder.exists():
            part = folder.with_name("pictures.part")
            shutil.rmtree(part, ignore_errors=True)
            part.parent.mkdir(parents=True, exist_ok=True)
            self.build(runner, part, seed)
            part.rename(folder)
        return folder

    def build(self, runner, folder, seed):
        raise NotImplementedError

    def supervised(self, n):
        """Epochs over n labels a class that make SUPERVISED_STEPS."""
        return ["--epochs", ceil(SUPERVISED_STEPS / ceil(n * self.n_classes / BATCH)), "--batch",
                BATCH, "--lr", self.rate, "--head-lr", self.head_rate, *self.options]

    def epochs_of_pool(self, n_pool):
        return ["--epochs", ceil(POOL_STEPS / ceil(n_pool / POOL_BATCH)), "--batch", POOL_BATCH]


class Animals(Setting):
    """243 photos of four animals; each seed splits them anew."""

    def project(self, runner, seed):
        return self.data / "animals"


class AnimalsScenes(Setting):
    """The animals on photos of places that mostly tell them (ρ 0.7)."""
    n_pool = 544

    def build(self, runner, folder, seed):
        runner.run("dataset", "build", "animals-scenes", folder, "--objects", self.data / "animals",
                   "--backgrounds", self.data / "scenes", "--rho", 0.7, "--validation-rho", 0.25,
                   "--seed", seed)


class Coco(Setting):
    """138 photos with objects of 80 classes, several in a photo; each seed splits them anew."""
    n_classes, n_pool = 20, 50  # as many as have two photos to learn from, or so
    options = ["--augment", "flip"]

    def project(self, runner, seed):
        return self.data / "coco"


class Fashion(Setting):
    """Clothes of ten kinds, as in Fashion-MNIST, at 32 px."""
    n_classes, n_pool = 10, 420
    rate, head_rate = "1e-3", "1e-2"
    options = ["--augment", "flip"]
    has_masks = False

    def build(self, runner, folder, seed):
        runner.run("dataset", "import", "idx", "/usr/share/datasets/fashion-mnist", folder,
                   "--seed", seed, "--n-train", 500, "--n-validation", 300, "--n-test", 1000)


class Clips(Setting):
    """Short films of four events; a small network over time, from scratch."""
    n_pool = 336
    rate, head_rate = "5e-3", "5e-3"
    options = ["--augment", "none", "--batch-norm", "train"]

    def __init__(self, name, data, output):
        super().__init__(name, data, output, weights=None, network="clip_cnn")

    def build(self, runner, folder, seed):
        runner.run("dataset", "build", "clips", folder, "--seed", seed)
