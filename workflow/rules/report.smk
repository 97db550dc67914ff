"""From measurements to the typeset handout.

Enters: results/{tier}/{problem}/{variant}/..., the templates and styles under report/.
Leaves: results/{tier}/{problem}/figures/manifest.json and, undeclared, the figures that it lists;
        results/{tier}/{problem}/numbers/numbers.json, results/{tier}/{problem}/section/{section.tex,headline.tex,claims.json},
        results/{tier}/handouts/{handout}.{pdf,html}.
"""


rule plot:
    """The figures of a problem, as vector graphics at their printed size."""
    input:
        results=of_variants,
        style="report/style/figures.mplstyle",
    output:
        manifest=report(
            "results/{tier}/{problem}/figures/manifest.json",
            caption="../../report/captions/figures.rst",
            category="Figures",
            labels={"tier": "{tier}", "problem": "{problem}"},
        ),
        provenance="results/{tier}/{problem}/figures/provenance.json",
    log:
        "logs/{tier}/{problem}/plot.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
    params:
        key=key("plot"),
    shell:
        r"""
        python scripts/plot.py \
            --key {params.key:q} \
            --results {input.results:q} \
            --style {input.style:q} \
            --manifest {output.manifest:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """


rule summarize:
    """Every number that a section may print, with its spread over seeds and the job that it comes from."""
    input:
        results=of_variants,
    output:
        numbers=report(
            "results/{tier}/{problem}/numbers/numbers.json",
            caption="../../report/captions/numbers.rst",
            category="Numbers",
            labels={"tier": "{tier}", "problem": "{problem}"},
        ),
        provenance="results/{tier}/{problem}/numbers/provenance.json",
    log:
        "logs/{tier}/{problem}/summarize.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
    params:
        key=key("summarize"),
    shell:
        r"""
        python scripts/summarize.py \
            --key {params.key:q} \
            --results {input.results:q} \
            --numbers {output.numbers:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """


rule write:
    """The section of a problem in LaTeX: every number from the registry, every claim tested."""
    input:
        template="report/problems/{problem}.tex.j2",
        published="report/style/published.yaml",
        numbers="results/{tier}/{problem}/numbers/numbers.json",
        figures="results/{tier}/{problem}/figures/manifest.json",
        manifests=manifests_of_problem,
    output:
        section="results/{tier}/{problem}/section/section.tex",
        headline="results/{tier}/{problem}/section/headline.tex",
        claims="results/{tier}/{problem}/section/claims.json",
        provenance="results/{tier}/{problem}/section/provenance.json",
    log:
        "logs/{tier}/{problem}/write.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=500,
    params:
        key=key("write"),
    shell:
        r"""
        python scripts/write.py \
            --key {params.key:q} \
            --template {input.template:q} \
            --published {input.published:q} \
            --numbers {input.numbers:q} \
            --figures {input.figures:q} \
            --manifests {input.manifests:q} \
            --section {output.section:q} \
            --headline {output.headline:q} \
            --claims {output.claims:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """


rule typeset:
    """The handout as a PDF and as a web page, in which every number leads to the record of the job that made it."""
    input:
        template="report/handouts/{handout}.tex.j2",
        style=[f"report/style/{file}" for file in STYLE_FILES],
        sections=of_sections("section/section.tex"),
        headlines=of_sections("section/headline.tex"),
        claims=of_sections("section/claims.json"),
        figures=of_sections("figures/manifest.json"),
        numbers=of_sections("numbers/numbers.json"),
        manifests=manifests_of_handout,
        records=records_behind,
    output:
        pdf=report(
            "results/{tier}/handouts/{handout}.pdf",
            caption="../../report/captions/handout.rst",
            category="Handouts",
            labels={"tier": "{tier}", "handout": "{handout}", "form": "PDF"},
        ),
        html=report(
            "results/{tier}/handouts/{handout}.html",
            caption="../../report/captions/webpage.rst",
            category="Handouts",
            labels={"tier": "{tier}", "handout": "{handout}", "form": "web page"},
        ),
        provenance="results/{tier}/handouts/{handout}.provenance.json",
    log:
        "logs/{tier}/handouts/{handout}/typeset.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
    params:
        key=key("typeset"),
    shell:
        r"""
        python scripts/typeset.py \
            --key {params.key:q} \
            --template {input.template:q} \
            --style {input.style:q} \
            --sections {input.sections:q} \
            --headlines {input.headlines:q} \
            --claims {input.claims:q} \
            --figures {input.figures:q} \
            --numbers {input.numbers:q} \
            --manifests {input.manifests:q} \
            --records {input.records:q} \
            --pdf {output.pdf:q} \
            --html {output.html:q} \
            --provenance {output.provenance:q} \
            2>&1 | tee {log:q}
        """
