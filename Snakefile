"""Rebuild the handouts of report/handouts/ from raw data: `snakemake` on sample data, `snakemake real` on published data."""

from snakemake.utils import min_version

from reprose.base.package import rules

min_version("9.27")


configfile: "config.yaml"


include: rules("common.smk")
include: rules("data.smk")
include: rules("models.smk")
include: rules("report.smk")


rule all:
    """Every handout, on sample data where there are any."""
    default_target: True
    input:
        REPROSE.targets(),


rule real:
    """Every handout on the published data."""
    input:
        REPROSE.targets("real"),


begin()
