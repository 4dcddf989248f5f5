#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""TorchScript files of many networks, scripted and traced: logits, Grad-CAM and fine-tuning of
fovea-cli against PyTorch.

usage: test-script.py FOVEA_CLI [WORD]…   (prints TAP; skips without python3-torchvision)
WORDs choose the checks that have them in their names.
FOVEA_TEST_QUICK=1: a few of each kind, for builds that are slow.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.dont_write_bytecode = True

CLI = sys.argv[1]
QUICK = os.environ.get("FOVEA_TEST_QUICK", "") not in ("", "0")
QUICK_CHECKS = {"scripted resnet18", "traced mobilenet_v2", "scripted vit", "scripted Reused at second",
                "traced Painted at conv", "scripted TwoNamedHeads", "branch on the picture",
                "branch on the size", "no layer with space",
                "training traced mobilenet_v2, batch norm train",
                "attention of scripted vit", "attention of traced own transformer",
                "attention in windows"}
# Other batches; and another size of picture, where the network does the same for both sizes.
MORE_BATCHES = {"resnet18", "squeezenet1_1", "shufflenet_v2_x0_5", "convnext", "swin", "vit"}
MORE_SIZES = MORE_BATCHES - {"swin", "vit"}
TOLERANCE = 1e-4
TARGET = 3
TIMEOUT = 300
# PyTorch's seed is one for all threads, and its compiler is not for several.
torch_lock = threading.Lock()


# -- the program -----------------------------------------------------------------------------------

def call(*arguments, json_lines=False):
    command = [CLI, *map(str, arguments), "--threads", "1"] + (["--json"] if json_lines else [])
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", timeout=TIMEOUT, check=False)


def must(*arguments, **options):
    done = call(*arguments, **options)
    assert done.returncode == 0, f"{shown(arguments)}: exit {done.returncode}: {done.stderr}"
    return done.stdout


def refused(*arguments, names, says):
    """Exit 1 and one sentence that names the file and holds each of the phrases."""
    done = call(*arguments)
    told = [line for line in done.stderr.splitlines() if line.startswith("fovea-cli: ")]
    where = f"{shown(arguments)}: exit {done.returncode}: {done.stderr}"
    assert done.returncode == 1 and len(told) == 1 == len(done.stderr.splitlines()), where
    assert Path(names).name in told[0] and all(phrase in told[0] for phrase in says), where
    return told[0]


def shown(arguments):
    return " ".join(map(str, arguments))


def relative_error(found, wanted):
    """Largest difference over largest value: a map's zeros have no relative error of their own."""
    assert found.shape == wanted.shape, f"shape {found.shape} instead of {wanted.shape}"
    return float(abs(found - wanted).max() / abs(wanted).max())


def assert_close(what, found, wanted):
    error = relative_error(found, wanted)
    assert error <= TOLERANCE, f"{what}: relative error {error:.1e}"
    return error


# -- files and what PyTorch says of them -----------------------------------------------------------

def save(model, how, path, images):
    import torch
    if how == "scripted":
        torch.jit.script(model).save(str(path))
    else:
        torch.jit.trace(model, images[:1], check_trace=False).save(str(path))


def write_card(folder, side):
    card = folder / "card.json"
    card.write_text(json.dumps({"input_size": [3, side, side]}))
    return card


def write_images(path, images):
    import numpy
    numpy.save(path, images.numpy())
    return path


def predict(folder, images, *model):
    import numpy
    output = folder / "found.npy"
    must("predict", write_images(folder / "input.npy", images), *model, "--output", output)
    return numpy.load(output)


def explain(folder, images, layer, *model):
    import numpy
    must("explain", write_images(folder / "input.npy", images), *model, "--method", "gradcam",
         "--layer", layer, "--target", TARGET, "--no-relu", "--output", folder / "maps")
    return numpy.load(folder / "maps" / "input.gradcam.npy")


class Case:
    """A network, its file and its card in a folder of their own."""

    def __init__(self, folder, make, side, how="scripted", name="network"):
        import networks
        self.folder, self.side = folder, side
        self.file = folder / f"{name}.pt"
        with torch_lock:
            self.network = networks.build(make, side)
            self.images = networks.images_for(side)
            save(self.network, how, self.file, self.images)
        self.card = write_card(folder, side)
        self.model = ["--model", self.file, "--card", self.card]

    def eager(self, images):
        import torch
        with torch_lock, torch.no_grad():
            return self.network(images).numpy()


# -- parity ----------------------------------------------------------------------------------------

def check_network(network, how, folder):
    import networks
    case = Case(folder, network.make, network.side, how, network.name)
    layer = network.layers[how == "traced"]
    with torch_lock:
        logits, maps = networks.gradcam(case.network, layer, case.images, TARGET, network.layout)
    logits_error = assert_close("logits", predict(folder, case.images, *case.model), logits.numpy())
    found = explain(folder, case.images, layer, *case.model)
    map_error = assert_close(f"Grad-CAM at {layer}", found, maps.numpy())
    if network.name in MORE_BATCHES:
        check_batches(case, network.name in MORE_SIZES)
    return f"relative errors {logits_error:.0e} (logits), {map_error:.0e} (Grad-CAM at {layer})"


def explain_transformer(folder, images, *model):
    import numpy
    must("explain", write_images(folder / "input.npy", images), *model, "--method", "transformer",
         "--target", TARGET, "--output", folder / "maps")
    return numpy.load(folder / "maps" / "input.transformer.npy")


def check_transformer(make, side, class_token, how, folder):
    """Of several pictures and of one: which matrices are whose."""
    import networks
    case = Case(folder, make, side, how)
    found = {}
    for n in (3, 1):
        images = networks.images_for(side, n, seed=n)
        with torch_lock:
            wanted = networks.relevance(case.network, images, TARGET, class_token)
        maps = explain_transformer(folder, images, *case.model)
        found[n] = assert_close(f"map of {n} pictures", maps.reshape(wanted.shape), wanted.numpy())
    return f"relative errors {found[3]:.0e} (three pictures), {found[1]:.0e} (one)"


def check_no_transformer(make, side, says, folder):
    """No attention over all tokens of a picture, or none to be had: one sentence."""
    import networks
    case = Case(folder, make, side)
    return refused("explain", write_images(folder / "input.npy", case.images), *case.model,
                   "--method", "transformer", "--output", folder / "maps", names=case.file, says=says)


def check_fused(folder):
    """Traced without gradients, PyTorch leaves one operator in the place of the matrices."""
    import networks
    import torch
    with torch.no_grad():
        case = Case(folder, networks.vit, 64, "traced")
    return refused("explain", write_images(folder / "input.npy", case.images), *case.model,
                   "--method", "transformer", "--output", folder / "maps", names=case.file,
                   says=["fused"])


def check_batches(case, sizes=True):
    """Other batches and another size of picture than the file was recorded or traced with."""
    import networks
    for n, side in ((1, case.side), (7, case.side), (2, case.side + 64))[:3 if sizes else 2]:
        images = networks.images_for(side, n, seed=n)
        found = predict(case.folder, images, *case.model)
        assert_close(f"logits of {n} pictures of {side}", found, case.eager(images))


# -- networks of our own ---------------------------------------------------------------------------

def check_own(name, layer, how, folder):
    """Operators in place leave the activations that are looked at alone."""
    import networks
    case = Case(folder, getattr(networks, name), 32, how)
    with torch_lock:
        logits, maps = networks.gradcam(case.network, layer, case.images, TARGET)
    assert_close("logits", predict(folder, case.images, *case.model), logits.numpy())
    assert_close("Grad-CAM", explain(folder, case.images, layer, *case.model), maps.numpy())
    check_batches(case)


def check_results(name, results, how, folder):
    """Several results are asked for by name; without one the sentence lists them."""
    import networks
    import torch
    case = Case(folder, getattr(networks, name), 32, how)
    with torch_lock, torch.no_grad():
        answer = case.network(case.images)
    told = refused("predict", write_images(folder / "input.npy", case.images), *case.model,
                   names=case.file, says=["--logits", *results])
    for number, result in enumerate(results):
        wanted = answer[result] if isinstance(answer, dict) else answer[number]
        found = predict(folder, case.images, *case.model, "--logits", result)
        assert_close(f"result {result}", found, wanted.numpy())
    refused("predict", folder / "input.npy", *case.model, "--logits", "none-such", names=case.file,
            says=["none-such", *results])
    return told.split(": ", 2)[-1]


def check_only_logits(how, folder):
    import networks
    import torch
    case = Case(folder, networks.Pair, 32, how)
    with torch_lock, torch.no_grad():
        wanted = case.network(case.images)[1].numpy()
    assert_close("logits", predict(folder, case.images, *case.model), wanted)


def check_undecided(folder):
    import networks
    case = Case(folder, networks.Undecided, 32)
    images = write_images(folder / "input.npy", case.images)
    return refused("predict", images, *case.model, names=case.file, says=[])


def check_sized(folder):
    """A branch on the size of pictures is taken as the file's size says; a picture that would go
    the other way is refused rather than answered wrongly."""
    import networks
    case = Case(folder, networks.Sized, 64)
    assert_close("logits", predict(folder, case.images, *case.model), case.eager(case.images))
    images = networks.images_for(256)
    done = call("predict", write_images(folder / "large.npy", images), *case.model, "--output",
                folder / "large-found.npy")
    if done.returncode == 0:
        import numpy
        assert_close("other branch", numpy.load(folder / "large-found.npy"), case.eager(images))
        return "follows the other branch"
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.strip()


def check_flat(folder):
    """A network without any layer that has space predicts, and says why it cannot be explained."""
    import networks
    case = Case(folder, networks.Flat, 16)
    assert_close("logits", predict(folder, case.images, *case.model), case.eager(case.images))
    info = json.loads(must("model", "info", case.file, "--card", case.card, json_lines=True))
    assert info["layers"] == [] and info["outputs"] == networks.CLASSES, info
    return refused("explain", folder / "input.npy", *case.model, "--method", "gradcam", "--output",
                   folder / "maps", names=case.file, says=["layer"])


# -- what the file says ----------------------------------------------------------------------------

def check_info(folder):
    """Layers have the names of modules, their shapes, and tokens their grid."""
    import networks
    case = Case(folder, networks.vit, 64)
    info = json.loads(must("model", "info", case.file, "--card", case.card, json_lines=True))
    layers = {layer["name"]: layer for layer in info["layers"]}
    block = layers["encoder.layers.encoder_layer_1"]
    assert block["shape"] == [64, 4, 4] and block["prefix_tokens"] == 1, block
    assert layers["conv_proj"]["shape"] == [64, 4, 4], layers["conv_proj"]
    assert info["outputs"] == networks.CLASSES
    assert info["parameters"] == sum(p.numel() for p in case.network.parameters())


# -- fine-tuning -----------------------------------------------------------------------------------

SIDE = 64


def build_project(folder):
    must("dataset", "build", "scenes", folder / "scenes", "--n-train", 8, "--n-validation", 2,
         "--n-test", 2, "--size", SIDE)
    return folder / "scenes"


def safetensors(path):
    """name → array, by the published format alone."""
    import numpy
    types = {"F32": "<f4", "I64": "<i8"}
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header.pop("__metadata__", None)
    return {name: numpy.frombuffer(data[end + entry["data_offsets"][0]:
                                        end + entry["data_offsets"][1]],
                                   types[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()}


def check_training(make, how, batch_norm, folder):
    """The run opens in Fovea and in Python, with equal parameters and logits. The project has
    another number of classes than the network: its head is replaced."""
    import networks
    import numpy
    import torch
    case = Case(folder, make, SIDE, how)
    run = folder / "run"
    n_classes = len(json.loads(must("dataset", "info", build_project(folder), json_lines=True))
                    ["classes"])
    assert n_classes != networks.CLASSES
    must("train", folder / "scenes", *case.model, "--epochs", 1, "--batch", 4, "--batch-norm",
         batch_norm, "--lr", "1e-3", "--seed", 2, "--output", run)
    saved = safetensors(run / "model.safetensors")
    with torch_lock:
        loaded = torch.jit.load(str(run / "model.pt")).eval()
        state = loaded.state_dict()
    assert list(sorted(state)) == list(sorted(saved)), set(state) ^ set(saved)
    for name, tensor in state.items():
        assert numpy.array_equal(tensor.numpy(), saved[name]), f"{name} differs"
    found = predict(folder, case.images, "--model", run)
    assert found.shape == (len(case.images), n_classes), found.shape
    with torch_lock, torch.no_grad():
        assert_close("logits", found, loaded(case.images).numpy())
    check_what_learned(case.network.state_dict(), saved, batch_norm)


def check_taught(freeze, folder):
    """Two terms on what attention passes on fall while they are taught, below a freeze too."""
    import networks
    case = Case(folder, networks.Tokens, SIDE)
    must("train", build_project(folder), *case.model, "--loss", "camal=1", "--map", "transformer",
         "--epochs", 8, "--batch", 4, "--lr", "2e-3", "--seed", 2, "--no-test", "--output",
         folder / "run", *freeze)
    steps = [json.loads(line)["camal"] for line in
             (folder / "run" / "log.jsonl").read_text().splitlines()]
    first, last = sum(steps[:4]) / 4, sum(steps[-4:]) / 4
    assert len(steps) == 16 and last < 0.9 * first, steps
    return f"{first:.3f} in the first four steps, {last:.3f} in the last four"


def check_not_taught(folder):
    """A network without attention is refused before anything is trained."""
    import networks
    case = Case(folder, networks.of("squeezenet1_1"), SIDE)
    told = call("train", build_project(folder), *case.model, "--loss", "camal=1", "--map",
                "transformer", "--batch", 4, "--output", folder / "run")
    assert told.returncode == 1 and "no self-attention" in told.stderr, told.stderr
    assert case.file.name in told.stderr, told.stderr


def check_what_learned(before, after, batch_norm):
    """Weights have moved; running statistics only where batch norm trains."""
    def moved(part):
        return [name for name in after if part in name and before[name].shape == after[name].shape
                and (before[name].numpy() != after[name]).any()]
    assert moved("conv"), "no convolution has learned"
    assert bool(moved("running_mean")) == (batch_norm == "train"), moved("running_mean")


def check_reopened(folder):
    """A model.pt that Fovea wrote is a TorchScript file like any other."""
    import networks
    case = Case(folder, networks.Reused, SIDE)
    must("train", build_project(folder), *case.model, "--epochs", 1, "--batch", 4, "--output",
         folder / "run")
    found = predict(folder, case.images, "--model", folder / "run" / "model.pt", "--card",
                    case.card)
    assert_close("logits", found, predict(folder, case.images, "--model", folder / "run"))


# -- all of them -----------------------------------------------------------------------------------

def list_checks():
    import networks
    import torchvision.models as models
    for network in networks.TORCHVISION:
        for how in ("scripted", "traced"):
            yield f"{how} {network.name}", partial(check_network, network, how)
    for name, make, side, class_token in networks.TRANSFORMERS:
        for how in ("scripted", "traced"):
            yield f"attention of {how} {name}", partial(check_transformer, make, side, class_token,
                                                        how)
    for name, make, side, says in (
            ("no attention", networks.of("squeezenet1_1"), 64, ["no self-attention"]),
            ("attention in windows", networks.swin, 128, ["windows"]),
            ("attention with heads first", networks.heads_first, 64, ["apart"])):
        yield name, partial(check_no_transformer, make, side, says)
    yield "attention in one operator", check_fused
    for how in ("scripted", "traced"):
        for name, layer in (("Reused", "norm"), ("Reused", "second"), ("Painted", "conv")):
            yield f"{how} {name} at {layer}", partial(check_own, name, layer, how)
        yield f"{how} TwoHeads", partial(check_results, "TwoHeads", ["0", "1"], how)
        yield f"{how} NamedTupleHeads", partial(
            check_results, "NamedTupleHeads",
            ["species", "colour"] if how == "scripted" else ["0", "1"], how)
        yield f"{how} Pair", partial(check_only_logits, how)
    yield "scripted TwoNamedHeads", partial(check_results, "TwoNamedHeads", ["species", "colour"],
                                            "scripted")
    yield "branch on the picture", check_undecided
    yield "branch on the size", check_sized
    yield "no layer with space", check_flat
    yield "layers of tokens", check_info
    for batch_norm in ("train", "eval"):
        yield f"training resnet18, batch norm {batch_norm}", partial(
            check_training, partial(models.resnet18, num_classes=networks.CLASSES), "scripted",
            batch_norm)
        yield f"training traced mobilenet_v2, batch norm {batch_norm}", partial(
            check_training, partial(models.mobilenet_v2, num_classes=networks.CLASSES,
                                    width_mult=0.5), "traced", batch_norm)
    yield "training once more", check_reopened
    yield "training by attention", partial(check_taught, [])
    yield "training by attention that is frozen", partial(check_taught,
                                                          ["--freeze-below", "blocks.1"])
    yield "training by attention that is not there", check_not_taught


def run_check(check):
    """(what it has to say, how it failed)"""
    with tempfile.TemporaryDirectory(prefix="fovea-script-") as folder:
        try:
            return check(Path(folder)) or "", None
        except AssertionError as reason:
            return "", str(reason)
        except Exception as reason:  # the runner may cut long texts: what went wrong comes first
            return "", f"{type(reason).__name__}: {reason}\n{traceback.format_exc()}"


def main():
    try:
        import torch
        import torchvision  # noqa: F401
    except ImportError as reason:
        print(f"1..0 # SKIP {reason}")
        return
    torch.set_num_threads(1)
    checks = [(name, check) for name, check in list_checks()
              if all(part in name for part in sys.argv[2:]) and (not QUICK or name in QUICK_CHECKS)]
    print(f"1..{len(checks)}", flush=True)
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(run_check, (check for _, check in checks))
        for number, ((name, _), (told, failure)) in enumerate(zip(checks, results), 1):
            for line in (failure or told).splitlines():
                print(f"# {line}")
            print(f"{'not ok' if failure is not None else 'ok'} {number} {name}", flush=True)
            if failure is not None:  # the test runner shows stderr alone
                print(f"{name}: {failure}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
