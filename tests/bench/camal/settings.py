# SPDX-License-Identifier: GPL-3.0-or-later
"""What is learned from: pictures, a network to start with, and how long it is taught."""
import csv
import gzip
import os
import shutil
from pathlib import Path

import coarse
import pretrain

MOBILENET = "mobilenet_v2_imagenet.safetensors"


class Setting:
    """Pictures composed or drawn anew for each seed: objects, grounds, order and head all change."""
    #: about how many seconds one thread needs to teach once, to measure validation, and the rest
    seconds = (55, 12, 54)
    start, options = [], []
    swaps_backgrounds = True  # one object a picture, whose surroundings may be another picture's
    preparation = 0           # seconds that prepare () takes on one thread
    takes_rrr = False         # input gradients cost little, and are what the data was made for

    def __init__(self, name, data, output):
        self.name = name
        self.data = data
        self.folder = output / name

    def build(self, runner, folder, seed):
        raise NotImplementedError

    def prepare(self, runner):
        """What all its cells need, made once."""

    def allows(self, control):
        return self.swaps_backgrounds or control != "background swap"

    def project(self, runner, seed):
        folder = self.folder / f"seed-{seed}" / "pictures"
        if not folder.exists():
            part = folder.with_name("pictures.part")
            shutil.rmtree(part, ignore_errors=True)
            part.parent.mkdir(parents=True, exist_ok=True)
            self.build(runner, part, seed)
            part.rename(folder)
        return folder

    def masked(self, project, masks, seed):
        """The same pictures with coarser masks for training: see coarse.py."""
        if not masks:
            return project
        folder = project.with_name(f"pictures-{masks}")
        if not folder.exists():
            coarse.copy_project(project, folder, masks, seed)
        return folder

    def grounds(self, project):
        """A project of the test pictures' bare grounds, each labelled with the class that usually
        stands there; None where the grounds are not photos of their own."""
        return None


class AnimalsScenes(Setting):
    """Four animals on four grounds; MobileNetV2 (ImageNet), frozen below features.14."""
    options = ["--freeze-below", "features.14", "--epochs", "6", "--batch", "32", "--lr", "2e-4",
               "--head-lr", "2e-3", "--augment", "flip"]

    def __init__(self, name, data, output, rho):
        super().__init__(name, data, output)
        self.rho = rho
        self.start = ["--model", "mobilenet_v2", "--weights", data / "weights" / MOBILENET]

    def allows(self, control):
        """At ρ 1 no class has more than one ground: groups are classes."""
        return self.rho < 1 or not control.startswith("group")

    def build(self, runner, folder, seed):
        runner.run("dataset", "build", "animals-scenes", folder, "--objects", self.data / "animals",
                   "--backgrounds", self.data / "scenes", "--rho", self.rho, "--validation-rho",
                   0.25, "--seed", seed)

    def grounds(self, project):
        folder = project.with_name("grounds")
        if not folder.exists():
            rows = list(csv.DictReader((project / "metadata.csv").open(newline="")))
            usual = usual_classes(rows)
            part = folder.with_name("grounds.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            photos = sorted({(row["place_name"], row["place_filename"]) for row in rows
                             if row["split"] == "2"})
            with (part / "metadata.csv").open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["img_id", "img_filename", "y", "split", "y_name"])
                for number, (place, photo) in enumerate(photos):
                    name = f"{number:05}{Path(photo).suffix}"
                    os.symlink(self.data / "scenes" / photo, part / name)
                    writer.writerow([number, name, usual[place][0], 2, usual[place][1]])
            part.rename(folder)
        return folder


def usual_classes(rows):
    """The class that most training pictures of each place have: {place: (number, name)}."""
    counts = {}
    for row in rows:
        if row["split"] == "0":
            key = (int(row["y"]), row["y_name"])
            place = counts.setdefault(row["place_name"], {})
            place[key] = place.get(key, 0) + 1
    return {place: max(sorted(found), key=found.get) for place, found in counts.items()}


class Stamps(AnimalsScenes):
    """Tux Paint's stamps on photos of scenes; the same network."""

    def build(self, runner, folder, seed):
        runner.run("dataset", "build", "stamps", folder, "--backgrounds", self.data / "scenes",
                   "--rho", self.rho, "--validation-rho", 0.25, "--seed", seed)


class ResNet18(AnimalsScenes):
    """The same pictures at 96 px; ResNet-18, all of it, from weights of our own (pretrain.py)."""
    seconds = (90, 6, 30)
    preparation = 1100
    options = ["--epochs", "6", "--batch", "32", "--lr", "2e-4", "--head-lr", "2e-3", "--augment",
               "flip"]

    def __init__(self, name, data, output, rho):
        super().__init__(name, data, output, rho)
        card = output / "resnet18" / "card-96.json"
        self.start = ["--model", "resnet18", "--weights", output / "resnet18" / "model.safetensors",
                      "--card", card]

    def prepare(self, runner):
        pretrain.resnet18(runner, self.data / "cifar10-jpeg.zip", self.folder.parent / "resnet18")


class Coco(Setting):
    """80 classes of objects, several in a photo; each seed splits the 138 photos anew."""
    seconds = (90, 5, 60)
    options = ["--freeze-below", "features.14", "--epochs", "12", "--batch", "16", "--lr", "5e-4",
               "--head-lr", "5e-3", "--augment", "flip", "--attention-classes", "one"]
    swaps_backgrounds = False

    def __init__(self, name, data, output):
        super().__init__(name, data, output)
        self.start = ["--model", "mobilenet_v2", "--weights", data / "weights" / MOBILENET]

    def project(self, runner, seed):
        return self.data / "coco"


class SmallNetwork(Setting):
    """A small network from scratch, at `side` px."""
    side = 64

    def __init__(self, name, data, output):
        super().__init__(name, data, output)
        self.start = ["--model", "small_cnn", "--card", self.folder / "card.json"]

    def prepare(self, runner):
        self.folder.mkdir(parents=True, exist_ok=True)
        pretrain.write_card(self.folder / "card.json", "small_cnn", self.side)


class Scenes(SmallNetwork):
    """Drawn objects on drawn grounds."""
    seconds = (55, 2, 10)
    options = ["--batch-norm", "train", "--epochs", "10", "--batch", "16", "--lr", "5e-3",
               "--head-lr", "5e-3"]

    def build(self, runner, folder, seed):
        runner.run("dataset", "build", "scenes", folder, "--size", 64, "--rho", 0.95,
                   "--seed", seed)


class Decoy(SmallNetwork):
    """Fashion-MNIST with a patch in a corner whose grey tells the class, but not in the test."""
    seconds = (60, 4, 15)
    takes_rrr = True
    side = 56
    options = ["--batch-norm", "train", "--epochs", "8", "--batch", "32", "--lr", "2e-3",
               "--head-lr", "2e-3", "--augment", "none"]
    source = Path("/usr/share/datasets/fashion-mnist")

    def build(self, runner, folder, seed):
        runner.run("dataset", "import", "idx", self.source, folder, "--decoy", "--seed", seed,
                   "--n-train", 3000, "--n-validation", 600, "--n-test", 1000)
