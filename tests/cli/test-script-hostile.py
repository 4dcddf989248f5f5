#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""TorchScript files that would do harm. Each must be refused with exit code 1 and one sentence that
names the file, in bounded time, without a trace in the working folder, the temporary folder or where
the output was to go. Where PyTorch itself can be made to do the harm, a test first sees that it does:
a file that is refused for another reason would prove nothing.

usage: test-script-hostile.py FOVEA_CLI   (prints TAP; skips without python3-torch)
"""
import os
import subprocess
import sys
import tempfile
import threading
import traceback
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
import fixtures  # noqa: E402

CLI = str(Path(sys.argv[1]).resolve())
SIDE = 32
# Processor seconds that Fovea may spend on a file made to take them all, and the seconds after which
# a test calls it hung: the program gives up after twice its limit of 60.
LIMIT, TIMEOUT = 5, 300
ENDLESS = "endless"
# PyTorch's compiler is not for several threads.
torch_lock = threading.Lock()
TARGET = "created-by-the-file"

try:
    import torch
    from torch import Tensor, nn
except ImportError as reason:
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


# -- networks to begin with ------------------------------------------------------------------------

class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.conv(x))
        return self.head(x.mean((2, 3)))


class Unused(Plain):
    """Never called, but compiled."""

    def __init__(self):
        super().__init__()
        self.helper = nn.Identity()

    @torch.jit.export
    def never(self, x: Tensor) -> Tensor:
        return x + torch.from_file("TARGET", True, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))


class Parent(Plain):
    def __init__(self):
        super().__init__()
        self.unused = Unused()

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 17:
            x = self.unused.never(x)
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))


class SetsState(Plain):
    @torch.jit.export
    def __getstate__(self):
        return (self.conv.weight, self.training)

    @torch.jit.export
    def __setstate__(self, state: tuple[Tensor, bool]) -> None:
        self.training = bool(torch.from_file("TARGET", True, 10).sum() == 0.0)

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


class Talkative(Plain):
    def forward(self, x: Tensor) -> Tensor:
        print("{\"image\": \"forged\"}", x.shape)
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))


# -- files -----------------------------------------------------------------------------------------

def script(module, path):
    torch.manual_seed(3)
    torch.jit.script(module.eval()).save(str(path))


def change(path, edit, extra=()):
    """Writes the archive anew: edit (name, bytes) gives an entry's new bytes, or None."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    top = entries[0][0].split("/")[0]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            data = edit(name.split("/", 1)[1], data)
            if data is not None:
                archive.writestr(name, data)
        for name, data, method in extra:
            archive.writestr(zipfile.ZipInfo(f"{top}/{name}"), data, method)


def keep(_name, data):
    return data


def in_forward(statement):
    """An edit that puts @statement at the start of the network's forward."""
    def edit(name, data):
        if not name.endswith(".py") or b"class Plain" not in data:
            return data
        begin = data.index(b"Tensor:\n", data.index(b"def forward")) + len(b"Tensor:\n")
        return data[:begin] + f"    {statement}\n".encode() + data[begin:]
    return edit


def plain_with(statement):
    """The plain network with @statement in it; what it makes of `y` counts, or libtorch would leave
    the statement out."""
    statement += "\n    x = torch.add(x, torch.mean(y))" if "y = " in statement else ""

    def make(path, target):
        script(Plain(), path)
        change(path, in_forward(statement.replace("TARGET", str(target))))
    return make


def of_module(module):
    """The module's file, "TARGET" in its source replaced by the name of the file to write."""
    def make(path, target):
        script(module(), path)
        change(path, lambda name, data: data.replace(b"TARGET", str(target).encode())
               if name.endswith(".py") else data)
    return make


def with_entry(entry, replacement):
    """The plain network, with other bytes for the entry named so."""
    def make(path, _target):
        script(Plain(), path)
        change(path, lambda name, data: replacement(data) if name == entry else data)
    return make


def with_extra(*extra):
    def make(path, _target):
        script(Plain(), path)
        change(path, keep, extra)
    return make


def without_storage(path, _target):
    """The first tensor's values are missing: libtorch would read behind the end of what is there."""
    script(Plain(), path)
    change(path, lambda name, data: data[:4] if name == "data/0" else data)


def cut(path, _target):
    script(Plain(), path)
    path.write_bytes(path.read_bytes()[:-100])


# -- what must be refused --------------------------------------------------------------------------

# Name, how to make the file, what the sentence says, whether PyTorch 1.13 does the harm (by running
# it). It finds operators as methods of a value only where their argument is called “self”.
HOSTILE = [
    ("from-file", plain_with("y = torch.from_file(\"TARGET\", True, torch.size(x)[1])"),
     ["aten::from_file"], True),
    ("from-file-of-constants", plain_with("y = torch.from_file(\"TARGET\", True, 10)"),
     ["aten::from_file"], True),
    ("from-file-as-a-method", plain_with("y = (\"TARGET\").from_file(True, 10)"),
     ["aten::from_file"], False),
    ("from-file-by-getattr", plain_with("y = getattr(\"TARGET\", \"from_file\")(True, 10)"),
     ["aten::from_file"], False),
    ("from-file-by-another-name", plain_with("t = torch\n    y = t.from_file(\"TARGET\", True, 10)"),
     [], True),
    ("from-file-never-called", of_module(Parent), ["aten::from_file"], False),
    ("from-file-in-setstate", of_module(SetsState), ["while it is loaded"], True),
    ("several-operators",
     plain_with("y = torch.from_file(\"TARGET\", True, 10)\n"
                "    torch.manual_seed(1)\n    z = torch.randn([1], device=torch.device(\"cpu\"))"),
     ["aten::from_file, aten::manual_seed, aten::randn"], False),
    ("pickle-without-end", with_entry("data.pkl", lambda data: data[:-1]), ["data.pkl"], False),
    ("pickle-without-anything", with_entry("constants.pkl", lambda data: b""), ["constants.pkl"],
     False),
    ("pickle-of-a-command", with_entry("data.pkl", lambda data: b"\x80\x02cos\nsystem\nX\x04\0\0\0"
                                       b"true\x85R."), ["os.system"], False),
    ("values-missing", without_storage, ["fewer values"], False),
    ("zip-bomb", with_extra(("code/__torch__/bomb.py", b"\n" * (200 << 20), zipfile.ZIP_DEFLATED)),
     ["out of proportion"], False),
    ("large-source", with_extra(("code/__torch__/large.py", b"\n" * (17 << 20), zipfile.ZIP_STORED)),
     ["more code"], False),
    ("climbing-name", with_extra(("../../evil.py", b"", zipfile.ZIP_STORED)), ["evil.py"], False),
    ("name-twice", with_extra(("DATA.pkl", b"\x80\x02).", zipfile.ZIP_STORED)), ["DATA.pkl"], False),
    ("newer-format", with_entry("version", lambda data: b"11\n"), ["newer PyTorch"], False),
    ("cut", cut, [], False),
    ("endless-loop", plain_with("i = 0\n    while torch.ge(i, 0):\n      i = torch.remainder("
                                "torch.add(i, 1), 7)"), [], False),
    ("endless-recursion", plain_with("y = (self).forward(x, )"), [], False),
    ("endless-operator", plain_with("y = torch.matmul(torch.ones([20000, 20000]), "
                                    "torch.ones([20000, 20000]))"), [], False),
    ("much-memory", plain_with("y = torch.zeros([100000, 100000, 10])"), ["memory"], False),
    ("endless-allocation",
     plain_with("y = torch.ones([1000, 1000])\n    l = [y]\n    for i in range(100000):\n"
                "      _ = torch.append(l, torch.mul(y, 2))\n    y = torch.stack(l)"), [], False),
]


class Place:
    """Folders for one test: the file, the working folder, the temporary one, the output."""

    def __init__(self, path, is_endless):
        self.path, self.is_endless = Path(path), is_endless
        self.file = self.path / "hostile.pt"
        self.target = self.path / TARGET
        for name in ("work", "temporary", "output"):
            (self.path / name).mkdir()
        fixtures.write_photo(self.path / "photo.png", SIDE, SIDE)

    def listing(self):
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*"))

    def call(self, *arguments):
        environment = dict(os.environ, TMPDIR=str(self.path / "temporary"),
                           FOVEA_SCRIPT_SECONDS=str(LIMIT if self.is_endless else 60))
        return subprocess.run([CLI, *map(str, arguments), "--threads", "1"], text=True,
                              cwd=self.path / "work", env=environment, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, errors="replace", check=False)


def harm_done(place):
    """Whether PyTorch, in a process of its own, does what the file is meant to do."""
    program = ("import sys, torch; n = torch.jit.load(sys.argv[1]); "
               f"n(torch.zeros(1, 3, {SIDE}, {SIDE}))")
    subprocess.run(["/usr/bin/python3", "-c", program, str(place.file)], cwd=place.path / "work",
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=TIMEOUT,
                   check=False)
    done = place.target.exists()
    if done:
        place.target.unlink()
    return done


def assert_refused(place, says, *arguments):
    before = place.listing()
    done = place.call(*arguments)
    told = done.stderr.splitlines()
    where = f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr[:600]}"
    assert done.returncode == 1 and len(told) == 1, where
    assert told[0].startswith("fovea-cli: ") and place.file.name in told[0], where
    assert not told[0].rstrip().endswith(":"), f"no reason is given: {where}"
    assert all(phrase in told[0] for phrase in says) and not done.stdout, where
    assert place.listing() == before, sorted(set(place.listing()) ^ set(before))
    return told[0]


def test_hostile(make, says, does_harm, place):
    with torch_lock:
        make(place.file, place.target)
    if does_harm:
        assert harm_done(place), "PyTorch does no harm with this file: the test is worth nothing"
    told = assert_refused(place, says, "model", "info", place.file)
    if place.is_endless:
        return told
    photo, output = place.path / "photo.png", place.path / "output"
    assert_refused(place, says, "explain", photo, "--model", place.file, "--method", "gradcam",
                   "--output", output)
    return told


def test_harmless(make, place):
    """The same means give a file that opens, so it is not the means that are refused."""
    with torch_lock:
        make(place.file, place.target)
    before = place.listing()
    done = place.call("predict", place.path / "photo.png", "--model", place.file, "--json")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1 and "forged" not in lines[0], done.stdout
    assert place.listing() == before
    return ""


def test_damage(place):
    """Bytes of a sound file changed at random, most of them in its code and descriptions: an answer
    or a refusal, never a crash."""
    import random
    with torch_lock:
        plain_with("pass")(place.file, place.target)
    sound = place.file.read_bytes()
    rand = random.Random(7)
    for _ in range(12):
        damaged = bytearray(sound)
        for _ in range(rand.randint(1, 4)):
            damaged[rand.randrange(len(damaged))] = rand.randrange(256)
        place.file.write_bytes(damaged)
        done = place.call("model", "info", place.file)
        assert done.returncode in (0, 1), f"exit {done.returncode}: {done.stderr}"
        assert done.returncode == 0 or len(done.stderr.splitlines()) == 1, done.stderr
    return ""


def list_tests():
    for name, make, says, does_harm in HOSTILE:
        yield name, lambda place, m=make, s=says, h=does_harm: test_hostile(m, s, h, place)
    for name, make in (("rewritten", plain_with("pass")), ("talkative", of_module(Talkative)),
                       ("deflated", with_extra(("extra/notes.txt", b"notes" * 100,
                                                zipfile.ZIP_DEFLATED)))):
        yield f"harmless-{name}", lambda place, m=make: test_harmless(m, place)
    yield "damage", test_damage


def run_test(named):
    """(what it has to say, how it failed)"""
    name, test = named
    with tempfile.TemporaryDirectory(prefix="fovea-hostile-") as folder:
        try:
            return test(Place(folder, name.startswith(ENDLESS))), None
        except AssertionError as reason:
            return "", str(reason)
        except Exception:
            return "", traceback.format_exc()


def main():
    torch.set_num_threads(1)
    tests = [(name, test) for name, test in list_tests() if not sys.argv[2:] or name in sys.argv[2:]]
    print(f"1..{len(tests)}", flush=True)
    with ThreadPoolExecutor(2) as pool:
        for number, ((name, _), (told, failure)) in enumerate(zip(tests, pool.map(run_test, tests)),
                                                              1):
            for line in (failure or told).splitlines():
                print(f"# {line}")
            print(f"{'not ok' if failure is not None else 'ok'} {number} {name}", flush=True)


main()
