"""Steps that need torch come from a server which has imported it; what comes out is the same without."""

from pathlib import Path

import pytest

from reprose.steps import forkserver

pytestmark = pytest.mark.skipif(not forkserver.is_possible(), reason="forks are served on a recent Linux alone")
TRAIN = "scripts/problems/toy/train.py"
PARENT = """        parent = Path("/proc", str(os.getppid()), "cmdline").read_text().split("\\0")
        atexit.register(print, "started by a step and said at its end")
        print("started by", "the server" if "serve" in parent else "a shell", torch.rand(1).item())
        self.wanted = run.settings"""


def test_a_step_of_the_server_makes_the_same_bytes(toy, tmp_path):
    toy.edit(TRAIN, "import time\n", "import atexit\nimport os\nimport time\nfrom pathlib import Path\n")
    toy.edit(TRAIN, "import numpy as np\n", "import numpy as np\nimport torch\n")
    toy.edit(TRAIN, "        self.wanted = run.settings", PARENT)
    other = toy.copy(tmp_path / "other")
    records = [f"results/sample/toy/{name}/provenance.json" for name in ("plain/first_1_2", "ridge/first_1_3")]
    assert toy.snakemake(*records).ran
    assert other.run([other.python, "-m", "snakemake", "-c2", *records], REPROSE_FORKSERVER="").ran
    assert toy.made() == other.made()
    said = {place: log(place) for place in (toy.folder, other.folder)}
    assert said[toy.folder].replace("the server", "a shell") == said[other.folder]
    assert said[toy.folder].count("said at its end") == said[toy.folder].count("started by the server")
    assert said[toy.folder].count("started by the server") == said[other.folder].count("started by a shell") > 0


def log(folder: Path) -> str:
    """Return what the trainings printed."""
    paths = sorted(folder.glob("logs/sample/toy/*/*/train.log"))
    lines = [line for path in paths for line in path.read_text().splitlines() if "started by" in line]
    return "\n".join(lines)
