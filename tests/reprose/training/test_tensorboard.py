import subprocess
import sys

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from reprose.training.tensorboard import EventWriter


def scalars(folder):
    """Return tag -> [(step, value)] of the event files in a folder."""
    found = EventAccumulator(str(folder))
    found.Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_every_run_has_a_folder_and_dots_group_its_metrics(tmp_path):
    with EventWriter(tmp_path, 0, 0) as events:
        for epoch in (1, 2):
            events.record("rate=1,width=2/3", epoch, {"training.loss": 0.5 / epoch, "error": 2.0})
    assert scalars(tmp_path / "rate=1_width=2/3") == {
        "training/loss": [(1, 0.5), (2, 0.25)],
        "error": [(1, 2.0), (2, 2.0)],
    }


def test_a_label_of_any_length_and_with_paths_has_a_folder_of_its_own(tmp_path):
    widths = ", ".join(["512"] * 80)
    runs = [f"widths=[{widths}]/1", f"widths=[{widths}, 1]/1", "name=" + 90 * "\u4e2d" + "/1", "file=../../../a/1"]
    with EventWriter(tmp_path / "logs", 0, 0) as events:
        for run in runs:
            events.record(run, 1, {"error": 1.0})
    assert len(list((tmp_path / "logs").glob("*/1/events*"))) == len(runs)
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


@pytest.mark.parametrize(("epoch", "kept"), [(1, 1), (4, 2)])
def test_a_new_training_begins_anew_and_one_that_goes_on_adds(tmp_path, epoch, kept):
    for first in (1, epoch):
        with EventWriter(tmp_path, 0, 0) as events:
            events.record("single/1", first, {"error": 1.0})
    assert len(list((tmp_path / "single/1").iterdir())) == kept


def test_watching_does_not_load_torch():
    lines = [
        "import sys, tempfile",
        "from pathlib import Path",
        "from reprose.training.tensorboard import EventWriter",
        "with EventWriter(Path(tempfile.mkdtemp()), 0) as events: events.record('a/1', 1, {'b': 1.0})",
        "print('torch' in sys.modules)",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr


def test_a_short_job_writes_nothing_and_leaves_no_curve_of_an_earlier_training(tmp_path):
    with EventWriter(tmp_path, 0, 0) as events:
        events.record("single/1", 1, {"error": 1.0})
    with EventWriter(tmp_path, 3600) as events:
        events.record("single/1", 1, {"error": 2.0})
    assert not (tmp_path / "single/1").exists()


def test_a_job_that_takes_longer_shows_what_came_before(tmp_path):
    with EventWriter(tmp_path, 3600, 0) as events:
        events.record("single/1", 1, {"error": 2.0})
        events.begins = 0.0  # the time has come
        events.record("single/1", 2, {"error": 1.0})
    assert scalars(tmp_path / "single/1") == {"error": [(1, 2.0), (2, 1.0)]}


def test_epochs_that_follow_each_other_fast_make_few_points(tmp_path):
    with EventWriter(tmp_path, 0, 3600) as events:
        for epoch in range(1, 50):
            events.record("single/1", epoch, {"error": 2.0})
    assert scalars(tmp_path / "single/1") == {"error": [(1, 2.0)]}
