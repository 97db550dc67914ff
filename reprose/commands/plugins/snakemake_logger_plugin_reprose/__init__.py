"""Snakemake's events for the front door: one JSON object a line, written to the file descriptor that it hands over."""

import json
import os
from dataclasses import dataclass, field
from logging import LogRecord
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """The settings of this plugin."""

    descriptor: int | None = field(
        default=None, metadata={"help": "Open file descriptor that the events are written to.", "type": int}
    )


class LogHandler(LogHandlerBase):
    """Writes what the front door needs to know; Snakemake's own handlers write the rest, as ever."""

    writes_to_stream = False
    writes_to_file = False
    has_filter = True  # none: Snakemake's would drop what a person asked it to be quiet about
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Take the folder of this plugin off the path of what Snakemake starts, which has no use for it."""
        own = os.path.dirname(os.path.dirname(__file__))
        kept = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder not in ("", own)]
        os.environ["PYTHONPATH"] = os.pathsep.join(kept)
        if not kept:
            del os.environ["PYTHONPATH"]

    def emit(self, record: LogRecord) -> None:
        """Write one event; a front door that is gone is no reason to fail."""
        told = told_of(record)
        if told and self.settings and self.settings.descriptor is not None:
            line = json.dumps({"time": record.created, **told}) + "\n"
            try:
                os.write(self.settings.descriptor, line.encode())
            except OSError:
                self.settings.descriptor = None


def told_of(record: LogRecord) -> dict[str, Any] | None:
    """Return what the front door is told of one record of Snakemake's log."""
    event, said = getattr(record, "event", None), record.__dict__
    if event == LogEvent.JOB_INFO:
        return {"event": "started", **_job(said)}
    if event == LogEvent.JOB_FINISHED:
        return {"event": "finished", "id": said["job_id"]}
    if event == LogEvent.JOB_ERROR:
        return {"event": "failed", "text": str(said["rule_msg"] or ""), **_job(said)}
    if event == LogEvent.ERROR:
        return {"event": "error", "text": record.getMessage()}
    if event is None:
        return {"event": "said", "text": record.getMessage()}
    return None


def _job(said: dict[str, Any]) -> dict[str, Any]:
    wildcards = said.get("wildcards")
    return {
        "id": said["jobid"],
        "rule": said["rule_name"],
        "wildcards": {name: str(value) for name, value in wildcards.items()} if wildcards else {},
        "logs": [str(path) for path in said["log"]],
    }
