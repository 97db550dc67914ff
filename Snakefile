"""Rebuild the handouts of report/handouts/ from raw data: `snakemake` on sample data, `snakemake real` on published data."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/report.smk"


rule all:
    """Every handout on sample data, from the first word to the PDF."""
    default_target: True
    input:
        REPROSE.targets("sample"),


rule real:
    """Every handout on the published data."""
    input:
        REPROSE.targets("real"),


begin()
