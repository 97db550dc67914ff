"""From raw data to the parts that training reads.

Enters: the network, a mirror (REPROSE_MIRROR) or the sample maker.
Leaves: data/{tier}/{dataset}/manifest.json and, undeclared, the files that it lists;
        results/{tier}/views/{view}/{train,validation,test}.npz, each with its digest beside it.
"""


rule fetch:
    """Every raw file of a data set is there, and its SHA-256 is the one that the data set's module states."""
    output:
        manifest="data/{tier}/{dataset}/manifest.json",
        provenance="data/{tier}/{dataset}/provenance.json",
    log:
        "logs/{tier}/{dataset}/fetch.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
    params:
        key=key("fetch"),
    shell:
        r"""
        python scripts/fetch.py \
            --key {params.key:q} \
            --manifest {output.manifest:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """


rule prepare:
    """The raw files, checked and split, or joined to the parts of another view; no row is in two parts."""
    input:
        manifest=manifest_of_view,
        parts=ancient(of_view("npz")),
        seals=of_view("npz.sha256"),
    output:
        train="results/{tier}/views/{view}/train.npz",
        train_seal="results/{tier}/views/{view}/train.npz.sha256",
        validation="results/{tier}/views/{view}/validation.npz",
        validation_seal="results/{tier}/views/{view}/validation.npz.sha256",
        test="results/{tier}/views/{view}/test.npz",
        test_seal="results/{tier}/views/{view}/test.npz.sha256",
        provenance="results/{tier}/views/{view}/provenance.json",
    log:
        "logs/{tier}/views/{view}/prepare.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=2000,
    params:
        key=key("prepare"),
    shell:
        r"""
        python scripts/prepare.py \
            --key {params.key:q} \
            --manifest {input.manifest:q} \
            --parts {input.parts:q} \
            --seals {input.seals:q} \
            --train {output.train:q} \
            --train-seal {output.train_seal:q} \
            --validation {output.validation:q} \
            --validation-seal {output.validation_seal:q} \
            --test {output.test:q} \
            --test-seal {output.test_seal:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """
