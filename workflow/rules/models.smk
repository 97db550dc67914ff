"""From a view to a chosen and evaluated model.

Enters: results/{tier}/views/{view}/*.npz with their digests; winners of other variants (`uses:`).
Leaves: results/{tier}/{problem}/{variant}/{batch}/{weights.npz,histories.npz,metrics.json},
        results/{tier}/{problem}/{variant}/{trials.json,winner.json,weights.npz,histories.npz},
        results/{tier}/{problem}/{variant}/test/{metrics.json,artifacts.npz}.
"""


rule train:
    """A batch of runs, trained; a job that is interrupted goes on from its checkpoint to the same bits."""
    input:
        inputs("train"),
    output:
        **REPROSE.outputs("train"),
    log:
        RULES["train"].log,
    conda:
        CONDA
    threads: REPROSE.threads
    resources:
        mem_mb=2000,
        gpu=REPROSE.gpus,
    params:
        key=REPROSE.key("train"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps train .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """


rule choose:
    """The trial with the best mean validation metric over seeds; all trials as a table; the winner's weights."""
    input:
        inputs("choose"),
    output:
        **REPROSE.outputs("choose"),
    log:
        RULES["choose"].log,
    conda:
        CONDA
    resources:
        mem_mb=2000,
    params:
        key=REPROSE.key("choose"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps choose .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """


rule evaluate:
    """The winner on the test part, which no other rule reads."""
    input:
        inputs("evaluate"),
    output:
        **REPROSE.outputs("evaluate"),
    log:
        RULES["evaluate"].log,
    conda:
        CONDA
    threads: REPROSE.threads
    resources:
        mem_mb=2000,
    params:
        key=REPROSE.key("evaluate"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps evaluate .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """
