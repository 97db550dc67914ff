"""From a view to a chosen and evaluated model.

Enters: results/{tier}/views/{view}/*.npz with their digests; winners of other variants (`uses:`).
Leaves: results/{tier}/{problem}/{variant}/{batch}/{weights.npz,histories.npz,metrics.json},
        results/{tier}/{problem}/{variant}/{trials.json,winner.json,weights.npz,histories.npz},
        results/{tier}/{problem}/{variant}/test/{metrics.json,artifacts.npz}.
"""


rule train:
    """A batch of runs, trained; a job that is interrupted goes on from its checkpoint to the same bits.

    What computes on a GPU takes one for itself, and hides the others (scripts/reprose/cards.py).
    """
    input:
        train=ancient(part("train.npz")),
        train_seal=part("train.npz.sha256"),
        validation=ancient(part("validation.npz")),
        validation_seal=part("validation.npz.sha256"),
        used=winners_used,
        used_weights=ancient(weights_used),
        used_weights_seal=seals_used,
    output:
        weights="results/{tier}/{problem}/{variant}/{batch}/weights.npz",
        weights_seal="results/{tier}/{problem}/{variant}/{batch}/weights.npz.sha256",
        histories="results/{tier}/{problem}/{variant}/{batch}/histories.npz",
        metrics="results/{tier}/{problem}/{variant}/{batch}/metrics.json",
        provenance="results/{tier}/{problem}/{variant}/{batch}/provenance.json",
    log:
        "logs/{tier}/{problem}/{variant}/{batch}/train.log",
    benchmark:
        "benchmarks/{tier}/{problem}/{variant}/{batch}/train.tsv"
    conda:
        "../../environment.yml"
    threads: threads_of
    resources:
        mem_mb=2000,
        gpu=cards_of,
    params:
        key=key("train"),
    shell:
        r"""
        [ {resources.gpu} -eq 0 ] || python() {{ command python -m reprose.cards "$@"; }}
        python scripts/train.py \
            --key {params.key:q} \
            --train {input.train:q} \
            --train-seal {input.train_seal:q} \
            --validation {input.validation:q} \
            --validation-seal {input.validation_seal:q} \
            --used {input.used:q} \
            --used-weights {input.used_weights:q} \
            --used-weights-seal {input.used_weights_seal:q} \
            --weights {output.weights:q} \
            --weights-seal {output.weights_seal:q} \
            --histories {output.histories:q} \
            --metrics {output.metrics:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """


rule choose:
    """The trial with the best mean validation metric over seeds; all trials as a table; the winner's weights."""
    input:
        metrics=of_batches("metrics.json"),
        histories=of_batches("histories.npz"),
        weights=ancient(of_batches("weights.npz")),
        weights_seals=of_batches("weights.npz.sha256"),
        used=winners_used,
    output:
        trials="results/{tier}/{problem}/{variant}/trials.json",
        winner="results/{tier}/{problem}/{variant}/winner.json",
        weights="results/{tier}/{problem}/{variant}/weights.npz",
        weights_seal="results/{tier}/{problem}/{variant}/weights.npz.sha256",
        histories="results/{tier}/{problem}/{variant}/histories.npz",
        provenance="results/{tier}/{problem}/{variant}/provenance.json",
    log:
        "logs/{tier}/{problem}/{variant}/choose.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=2000,
    params:
        key=key("choose"),
    shell:
        r"""
        python scripts/choose.py \
            --key {params.key:q} \
            --batch-metrics {input.metrics:q} \
            --batch-histories {input.histories:q} \
            --batch-weights {input.weights:q} \
            --batch-weights-seals {input.weights_seals:q} \
            --used {input.used:q} \
            --trials {output.trials:q} \
            --winner {output.winner:q} \
            --weights {output.weights:q} \
            --weights-seal {output.weights_seal:q} \
            --histories {output.histories:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """


rule evaluate:
    """The winner on the test part, which no other rule reads."""
    input:
        train=ancient(part("train.npz")),
        train_seal=part("train.npz.sha256"),
        validation=ancient(part("validation.npz")),
        validation_seal=part("validation.npz.sha256"),
        test=ancient(part("test.npz")),
        test_seal=part("test.npz.sha256"),
        winner="results/{tier}/{problem}/{variant}/winner.json",
        weights=ancient("results/{tier}/{problem}/{variant}/weights.npz"),
        weights_seal="results/{tier}/{problem}/{variant}/weights.npz.sha256",
    output:
        metrics="results/{tier}/{problem}/{variant}/test/metrics.json",
        artifacts="results/{tier}/{problem}/{variant}/test/artifacts.npz",
        provenance="results/{tier}/{problem}/{variant}/test/provenance.json",
    log:
        "logs/{tier}/{problem}/{variant}/evaluate.log",
    benchmark:
        "benchmarks/{tier}/{problem}/{variant}/evaluate.tsv"
    conda:
        "../../environment.yml"
    threads: threads_of
    resources:
        mem_mb=2000,
    params:
        key=key("evaluate"),
    shell:
        r"""
        python scripts/evaluate.py \
            --key {params.key:q} \
            --train {input.train:q} \
            --train-seal {input.train_seal:q} \
            --validation {input.validation:q} \
            --validation-seal {input.validation_seal:q} \
            --test {input.test:q} \
            --test-seal {input.test_seal:q} \
            --winner {input.winner:q} \
            --weights {input.weights:q} \
            --weights-seal {input.weights_seal:q} \
            --metrics {output.metrics:q} \
            --artifacts {output.artifacts:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """
