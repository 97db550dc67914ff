"""From raw data to the parts that training reads.

Enters: the network, a mirror (REPROSE_MIRROR) or the sample maker.
Leaves: data/{tier}/{dataset}/manifest.json and, undeclared, the files that it lists;
        results/{tier}/views/{view}/{train,validation,test}.npz, each with its digest beside it.
"""


rule fetch:
    """Every raw file of a data set is there, and its SHA-256 is the one that the data set's module states."""
    input:
        inputs("fetch"),
    output:
        **REPROSE.outputs("fetch"),
    log:
        RULES["fetch"].log,
    conda:
        CONDA
    resources:
        mem_mb=1000,
    params:
        key=REPROSE.key("fetch"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps fetch .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """


rule prepare:
    """The raw files, checked and split, or joined to the parts of another view; no row is in two parts."""
    input:
        inputs("prepare"),
    output:
        **REPROSE.outputs("prepare"),
    log:
        RULES["prepare"].log,
    conda:
        CONDA
    resources:
        mem_mb=2000,
    params:
        key=REPROSE.key("prepare"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps prepare .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """
