"""Rebuild the handouts of report/handouts/ from raw data. Rules of one's own may follow."""

from reprose.base.package import rules


configfile: "config.yaml"


include: rules("common.smk")
include: rules("data.smk")
include: rules("models.smk")
include: rules("report.smk")
include: rules("targets.smk")


rule all:
    """Every handout, on sample data where there are any."""
    default_target: True
    input:
        REPROSE.targets(),
