"""From measurements to the typeset handout.

Enters: results/{tier}/{problem}/{variant}/..., the templates and styles under report/.
Leaves: results/{tier}/{problem}/figures/manifest.json and, undeclared, the figures that it lists;
        results/{tier}/{problem}/numbers/numbers.json, results/{tier}/{problem}/section/{section.tex,headline.tex,claims.json},
        results/{tier}/handouts/{handout}.{pdf,html,tar.gz}.
"""


rule plot:
    """The figures of a problem, as vector graphics at their printed size."""
    input:
        inputs("plot"),
    output:
        **REPROSE.outputs("plot")
        | {
            "manifest": report(
                RULES["plot"].outputs["manifest"],
                caption="../captions/figures.rst",
                category="Figures",
                labels={"tier": "{tier}", "problem": "{problem}"},
            ),
        },
    log:
        RULES["plot"].log,
    conda:
        CONDA
    resources:
        mem_mb=1000,
    params:
        key=REPROSE.key("plot"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps plot .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """


rule summarize:
    """Every number that a section may print, with its spread over seeds and the job that it comes from."""
    input:
        inputs("summarize"),
    output:
        **REPROSE.outputs("summarize")
        | {
            "numbers": report(
                RULES["summarize"].outputs["numbers"],
                caption="../captions/numbers.rst",
                category="Numbers",
                labels={"tier": "{tier}", "problem": "{problem}"},
            ),
        },
    log:
        RULES["summarize"].log,
    conda:
        CONDA
    resources:
        mem_mb=1000,
    params:
        key=REPROSE.key("summarize"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps summarize .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """


rule write:
    """The section of a problem in LaTeX: every number from the registry, every claim tested."""
    input:
        inputs("write"),
    output:
        **REPROSE.outputs("write"),
    log:
        RULES["write"].log,
    conda:
        CONDA
    resources:
        mem_mb=500,
    params:
        key=REPROSE.key("write"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps write .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """


rule typeset:
    """The handout as a PDF and as a web page, in which every number leads to the record of the job that made it."""
    input:
        inputs("typeset"),
    output:
        **REPROSE.outputs("typeset")
        | {
            "pdf": report(
                RULES["typeset"].outputs["pdf"],
                caption="../captions/handout.rst",
                category="Handouts",
                labels={"tier": "{tier}", "handout": "{handout}", "form": "PDF"},
            ),
            "html": report(
                RULES["typeset"].outputs["html"],
                caption="../captions/webpage.rst",
                category="Handouts",
                labels={"tier": "{tier}", "handout": "{handout}", "form": "web page"},
            ),
        },
    log:
        RULES["typeset"].log,
    conda:
        CONDA
    resources:
        mem_mb=1000,
    params:
        key=REPROSE.key("typeset"),
    shell:
        r"""
        PYTHONPATH= python -m reprose.steps typeset .reprose/jobs/{params.key}.json 2>&1 | tee {log:q}
        """
