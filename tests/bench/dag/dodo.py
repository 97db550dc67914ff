"""The made-up jobs for doit: one task for each, with the files that it reads and the settings that it is given."""

import json
from pathlib import Path

from doit.tools import config_changed

DOIT_CONFIG = {"verbosity": 0}


def task_job():
    """Yield a task for each job."""
    for job in json.loads(Path("jobs.json").read_text()):
        yield {
            "name": job["name"],
            "actions": [job["command"]],
            "file_dep": job["inputs"],
            "targets": job["outputs"],
            "uptodate": [config_changed(job["settings"])],
        }
