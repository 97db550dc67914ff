import errno
import os

import pytest

from reprose.base.system_errors import refusal, refusal_in


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EMFILE, errno.EACCES])
def test_what_the_system_refuses_is_told_with_place_and_remedy(tmp_path, code):
    told = str(refusal(OSError(code, os.strerror(code), str(tmp_path / "file"))))
    assert told.startswith(str(tmp_path))
    assert os.strerror(code) in told
    assert told.endswith("run the same command again.")
    assert "\n" not in told


def test_the_cause_of_an_error_is_found_behind_those_that_it_led_to():
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise ValueError("cannot close") from error
    except ValueError as error:
        assert "No space left on device" in str(refusal(error))


def test_other_errors_are_not_the_systems(tmp_path):
    assert refusal(ValueError("wrong")) is None
    assert refusal(FileNotFoundError(errno.ENOENT, "No such file", "x")) is None
    assert refusal_in("ValueError: wrong\nFileNotFoundError: [Errno 2] No such file or directory: 'x'") is None


def test_write_protected_outputs_of_which_snakemake_tells_are_named():
    text = "Write-protected output files for rule write:\n    output: a, b\n    affected files:\n        a\n        b\n"
    assert str(refusal_in(text)).startswith("a: write-protected. Make it writable")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("OSError: [Errno 30] Read-only file system: 'results/a.json'", "results/a.json"),
        ("tee: logs/a.log: Read-only file system", "logs/a.log"),
        ("rm: cannot remove 'results/a.json': Read-only file system", "results/a.json"),
        ("results/a.json: Read-only file system. Make it writable", "results/a.json"),
        ("[Errno 30] Read-only file system", os.getcwd()),
    ],
)
def test_the_place_is_found_in_what_other_programs_say(text, place):
    assert str(refusal_in(f"first\n{text}\nlast")).startswith(f"{place}: Read-only file system. Make it writable")
