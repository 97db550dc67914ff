"""Full disks, damaged files, lost folders, bad servers: each is told in one line, and the next build is whole."""

import hashlib
import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from local_server import Answer, serving
from workflow.disks import Disk, Locked, unmount
from workflow.processes import processes, steps, wait_for
from workflow.project import HANGS
from workflow.test_errors import DATA, refused

FIGURES = "results/sample/toy/figures"
PAUSE = ("config.yaml", "pause: 0.0", "pause: 0.15")  # three seconds per run

TRAINED = "results/sample/toy/plain/first_1_2"
FULL = {  # where the disk is full -> what must be made again
    "results": [FIGURES],
    "logs": ["logs", TRAINED],  # a log written anew would have the space of the old one
    ".snakemake": [TRAINED],
    ".reprose": ["results/sample/toy/numbers"],
    "data": ["data/sample/line"],
}


def lose(project, *names):
    """Delete files and folders of `project`."""
    for name in names:
        path = project.folder / name
        if path.is_dir():
            lost = path.rename(path.with_name(f"lost{path.name}"))  # at once, though a step may write there
            shutil.rmtree(lost, ignore_errors=True)
        else:
            path.unlink()


def training(project):
    """Return the running trainings of `project` that hold the lock of steps."""
    found = steps(project.folder, "train")
    return [process for process in found if any("steps.lock" in str(fd.resolve()) for fd in descriptors(process))]


def descriptors(process):
    """Return the files that `process` has open."""
    folder = Path(f"/proc/{process}/fd")
    return list(folder.iterdir()) if folder.exists() else []


@pytest.fixture
def mounted():
    """Return a function that makes a disk of one kind under a folder, until the test ends."""
    folders = []

    def make(kind, folder):
        folders.append(folder)
        return kind(folder)

    yield make
    for folder in reversed(folders):
        unmount(folder)


def test_a_full_disk_is_named_and_the_next_build_is_whole(built, toy, mounted):
    for place, lost in FULL.items():
        lose(toy, *lost)
        disk = mounted(Disk, toy.folder / place)
        disk.fill()
        build = refused(toy, "Free some space there and run the same command again.")
        assert re.search(rf"error: .*{toy.folder / place}\S*: No space left on device", build.text), build.text
        disk.free()
    toy.build()
    assert toy.made() == built.made()


def test_a_full_temporary_folder_is_named_and_the_next_build_is_whole(built, toy, mounted, tmp_path):
    lose(toy, "results/sample/handouts")
    disk = mounted(Disk, tmp_path / "temporary")
    disk.fill(free=1 << 15)
    build = refused(toy, "No space left on device", TMPDIR=str(disk.folder))
    assert str(disk.folder) in build.text, build.text
    disk.free()
    toy.build()
    assert toy.made() == built.made()


def test_a_disk_that_fills_up_while_a_build_runs_loses_nothing(built, toy, mounted):
    disk = mounted(Disk, toy.folder)
    lose(toy, FIGURES, "results/sample/toy/plain/first_1_2", "results/sample/handouts")
    disk.fill(free=1 << 17)
    build = refused(toy, "No space left on device")
    assert str(toy.folder) in build.text
    disk.free()
    toy.build()
    assert toy.made() == built.made()


def test_a_read_only_folder_is_named_and_the_next_build_is_whole(built, toy, mounted):
    folder = mounted(Locked, toy.folder / "results")
    assert toy.build().ran == set()
    folder.free()
    lose(toy, FIGURES)
    for place in ("results", "logs", ".snakemake", ".reprose"):
        folder = mounted(Locked, toy.folder / place)
        build = refused(toy, "Make it writable, or move the project, and run the same command again.")
        assert re.search(rf"error: .*{re.escape(place)}\S*: (Read-only file|write-protected)", build.text), build.text
        folder.free()
    toy.build()
    assert toy.made() == built.made()


def cut(data):
    return data[: len(data) // 2]


def flipped(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def emptied(_):
    return b""


def without_outputs(data):
    return re.sub(rb'"outputs": \{[^}]*\}', b'"outputs": {}', data)


DAMAGE = {  # one file of each job, so that no repair hides another
    "data/sample/line/line.csv": cut,
    "results/sample/views/thirds/train.npz": flipped,
    "results/sample/views/shifted/test.npz.sha256": emptied,
    "results/sample/toy/plain/first_1_2/metrics.json": cut,
    "results/sample/toy/ridge/winner.json": flipped,
    "results/sample/toy/follower/test/artifacts.npz": emptied,
    "results/sample/toy/follower/weights.npz": cut,
    "results/sample/toy/figures/manifest.json": lambda _: b"[]",
    "results/sample/toy/figures/curves.svg": cut,
    "results/sample/toy/numbers/numbers.json": cut,
    "results/sample/toy/section/section.tex": emptied,
    "results/sample/handouts/toy.pdf": cut,
}
RECORDS = {
    "results/sample/toy/plain/first_3_3/provenance.json": cut,
    "results/sample/toy/ridge/first_1_3/provenance.json": without_outputs,
    "results/sample/toy/plain/test/provenance.json": lambda _: b"null",
    "results/sample/toy/ridge/test/provenance.json": lambda _: b'{"name": "", "key": null, "inputs": 0, "outputs": []}',
}


def test_damaged_files_are_found_and_made_again(built, toy):
    for name, damage in {**DAMAGE, **RECORDS, ".reprose/digests.json": lambda _: b"[1]"}.items():
        (toy.folder / name).write_bytes(damage(toy.read(name)))
    for number, path in enumerate(sorted((toy.folder / ".snakemake/metadata").iterdir())):
        path.write_bytes((cut, emptied, bytes)[number % 3](path.read_bytes()))
    build = toy.build()
    for name in set(DAMAGE) - {"results/sample/toy/figures/curves.svg"}:  # the job is told by its first damaged file
        assert f"audit: {name} is not what the job wrote; deleted" in build.text or "figures" in name
    for words in ("its record is damaged; deleted", "its record is incomplete; deleted"):
        assert f"audit: {words}" in build.text
    assert toy.made() == built.made()


def test_lost_memories_of_earlier_builds_rerun_nothing(built, toy):
    for names in ([".reprose"], [".snakemake"], [".reprose", ".snakemake", "logs"]):
        lose(toy, *names)
        assert toy.build().ran == set()  # with nothing to do, no Snakemake is started
        assert toy.snakemake().ran == set()
    assert toy.made() == built.made()


def test_locks_deleted_under_a_running_build_end_it_and_the_next_is_whole(built, toy):
    toy.edit(*PAUSE)
    build = toy.start()
    wait_for(lambda: training(toy), "a training")
    lose(toy, ".reprose")
    text, _ = build.communicate(timeout=HANGS)
    assert build.returncode != 0
    assert ".reprose/steps.lock: deleted while the build ran" in text, text
    assert "Traceback" not in text
    toy.edit(*PAUSE[:1], *reversed(PAUSE[1:]))
    toy.build()
    assert toy.made() == built.made()


def test_a_step_that_outlives_its_build_and_its_locks_does_not_publish_what_another_build_made(built, toy):
    toy.edit(*PAUSE)
    build = toy.start()
    trainings = wait_for(lambda: training(toy), "a training")
    for process in [build.pid, *processes(toy.folder, "snakemake")]:
        os.kill(process, signal.SIGKILL)
    lose(toy, ".reprose", ".snakemake")
    toy.edit(*PAUSE[:1], *reversed(PAUSE[1:]))
    toy.build()
    build.communicate(timeout=HANGS)
    wait_for(lambda: not set(trainings) & set(steps(toy.folder, "train")), "the end of the trainings that were left")
    assert toy.made() == built.made()


@pytest.mark.parametrize(
    ("lost", "rule", "victim", "says"),
    [
        (FIGURES, "plot", "step", "error: toy/plot: the job ended without a message, as after a kill"),
        (FIGURES, "plot", "front door", ""),
        (TRAINED, "train", "front door", ""),  # its Snakemake ends with it, and does not refuse the next build
        (TRAINED, "train", "snakemake", "error: Snakemake was ended by SIGKILL. Run the same command again"),
    ],
)
def test_a_kill_is_told(built, toy, lost, rule, victim, says):
    lose(toy, lost)
    build = toy.start()
    found = wait_for(lambda: steps(toy.folder, rule), f"a {rule}")
    victims = {"step": found, "front door": [build.pid], "snakemake": processes(toy.folder, "snakemake")}
    for process in victims[victim]:
        os.kill(process, signal.SIGKILL)
    text, _ = build.communicate(timeout=HANGS)
    if victim == "step":  # else the step outlives the kill, so that nothing may be lacking
        assert build.returncode == 1
    assert says in text, text
    assert "Traceback" not in text
    toy.build()
    assert toy.made() == built.made()


def test_of_two_builds_started_at_once_one_is_refused_and_the_other_is_whole(built, toy):
    lose(toy, FIGURES)
    rivals = [toy.start(), toy.start(), toy.start_snakemake()]
    texts = [rival.communicate(timeout=HANGS)[0] for rival in rivals]
    assert sorted(bool(rival.returncode) for rival in rivals) == [False, True, True], texts
    for rival, text in zip(rivals, texts, strict=True):
        assert not rival.returncode or ("another build (process" in text and "Traceback" not in text)
    assert toy.made() == built.made()


@pytest.fixture
def hasty(toy):
    """The toy project with the digest of its published data, a network that soon gives up, and the data."""
    body = toy.read("data/sample/line/line.csv")
    toy.edit(DATA, '"0" * 64', f'"{hashlib.sha256(body).hexdigest()}"')
    toy.edit("reprose/data/download.py", "pause: float = 1.0", "pause: float = 0.01")
    toy.edit("reprose/data/download.py", "read: float = 30.0", "read: float = 1.0")
    return toy, body


def test_a_bad_download_is_told_and_a_good_one_builds_the_handout(built, hasty):
    toy, body = hasty
    half = len(body) // 2
    faults = {
        "stalled: no byte in time": Answer(body, sent=half, stalls=True, ranges=False),
        "the body ended too early": Answer(body, sent=half, ranges=False),
        hashlib.sha256(b"x" * len(body)).hexdigest(): Answer(b"x" * len(body)),
    }
    for says, answer in faults.items():
        with serving({"/line/line.csv": [answer]}) as server:
            refused(toy, says, "line.csv", server.url, "REPROSE_MIRROR", tier="real", REPROSE_MIRROR=server.url)
        left = {path.name for path in toy.folder.glob("data/real/**/*") if path.is_file()}
        assert left <= {"line.csv.part"}  # what arrived stays for the next build
    assert left == set()  # but not what is known to be wrong
    with serving({"/line/line.csv": [Answer(body, sent=half), Answer(body)]}) as server:
        toy.run(toy.reprose("build", "--tier", "real", "--", "--cores", "2"), REPROSE_MIRROR=server.url)
    assert (toy.folder / "results/real/handouts/toy.pdf").exists()
    for path in toy.folder.glob("results/real/**/*.npz"):  # the same data, so the same results
        assert path.read_bytes() == built.read(str(path.relative_to(toy.folder)).replace("real", "sample", 1))
