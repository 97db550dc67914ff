# The front door. Everything it needs is set up on the first call; `make help` lists what it can do.
PYTHON ?= python3
TIER ?= sample
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR)$(if $(PROFILE),:$(CURDIR)/.venv/$(PROFILE))
ifdef STORE
export REPROSE_STORE := $(STORE)
endif

.DEFAULT_GOAL := help
.PHONY: help report watch draft plan diff open clean test lint format bench docs latex slurm web

# What a profile needs beyond .venv; empty, as for the default, where there is no requirements-NAME.txt.
EXTRA := $(if $(wildcard requirements-$(PROFILE).txt),.venv/$(PROFILE)/ready)
# An environment holds its own path: where the folder was moved or copied since, it is set up anew.
MOVED := $(shell grep -s '^command = ' .venv/pyvenv.cfg | grep -vF " $$(pwd -P)/.venv" | grep -vF " $$(cd .venv 2>&- && pwd -P)")
ALIVE := sh workflow/envs/alive.sh
# Not older than what it was made from, though that was saved on a machine whose clock is ahead.
STAMP = @touch $@; for file in $^; do [ ! "$$file" -nt $@ ] || touch -r "$$file" $@; done
# One more than there are processors: tests of a cluster and of builds that are broken off wait most of their time.
WORKERS = $$(python -c "import os; print(os.cpu_count() + 1)")
BUILD := --tier $(TIER)$(if $(PROFILE), --profile $(PROFILE)) $(HANDOUT)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  TIER=real     build on the published data (REPROSE_MIRROR=FOLDER is tried before the network)"
	@echo "  HANDOUT=name  build or open this handout alone, or several: HANDOUT=\"name other\""
	@echo "  STORE=place   take results from there, a folder or an address, and send there what was made (docs/store.md)"
	@echo "  PROFILE=slurm build on a Slurm cluster (partition and account: profiles/slurm/profile.yaml)"

report: .venv/ready latex $(EXTRA) ## build every handout from TIER=sample (default) or TIER=real data
	@python -m reprose build $(BUILD)

watch: .venv/ready latex $(EXTRA) ## build at each saved file, and keep the page in a browser at what is built
	@python -m reprose watch $(BUILD)

draft: .venv/ready latex $(EXTRA) ## build every handout with the sections that can be made, and a box where one cannot
	@python -m reprose draft $(BUILD)

plan: .venv/ready ## say what the next build of TIER would run, why, and what it will take
	@python -m reprose plan --tier $(TIER)

diff: .venv/ready ## REV=COMMIT: say which numbers of the handouts changed since, and which beyond seed noise
	@python -m reprose diff --tier $(TIER) "$(REV)"

open: .venv/ready ## open the handouts that are built
	@python -m reprose open --tier $(TIER) $(HANDOUT)

clean: .venv/ready ## delete everything that the pipeline made (not .venv); LEFTOVERS=1: what nothing makes any more
	@python -m reprose clean $(if $(LEFTOVERS),--leftovers)

test: .venv/ready latex ## run all tests, or with ARGS="tests/reprose -k word" some
	@python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/ready ## check style, formatting, which part imports which, and the workflow
	@ruff check . && ruff format --check . && lint-imports --no-cache --no-logo && \
		snakefmt --check Snakefile workflow && snakemake --lint

format: .venv/ready ## format the sources
	@ruff check --fix . && ruff format . && snakefmt Snakefile workflow

bench: .venv/ready ## measure speed and memory against the straightforward implementations
	@for bench in tests/bench/*.py; do PYTHONPATH=$(PYTHONPATH):$(CURDIR)/tests python $$bench; done

docs: .venv/docs/ready ## make a site of the documents, in site/
	@PYTHONPATH=$(CURDIR):$(CURDIR)/.venv/docs NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict --quiet

slurm: .venv/slurm/ready ## install what the tests on a Slurm cluster need
	@sh workflow/envs/slurm.sh

latex:
	@sh workflow/envs/latex.sh

PAGES = $(if $(HANDOUT),$(HANDOUT:%=results/$(TIER)/handouts/%.html),$(wildcard results/$(TIER)/handouts/*.html))
web: .venv/web/ready ## check the web pages that are built: a validator, axe, a small screen, the numbers of the PDF
	@PYTHONPATH=$(PYTHONPATH):$(CURDIR)/tests python -m web_page $(PAGES:.html=)
	@node tests/web/check.mjs .venv/web $(PAGES)

.venv/web/ready: tests/web/package-lock.json workflow/envs/web.sh .venv/ready
	@sh workflow/envs/web.sh
	$(STAMP)

ifneq ($(MOVED),)
.PHONY: .venv/ready
endif

.venv/ready: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Reprose needs Python 3.11 or newer; choose one with 'make PYTHON=/path/to/python3.11 ...'"; exit 1; }
	@$(PYTHON) -m venv $(if $(MOVED),--clear) .venv
	@$(ALIVE) "setting up .venv (once, a few minutes)" \
		.venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt -c constraints.txt
	$(STAMP)

# Beside the other packages, not among them: Snakemake loads a plugin that it finds at every start, which takes seconds.
.venv/%/ready: requirements-%.txt .venv/ready
	@$(ALIVE) "setting up what PROFILE=$* needs (once)" \
		.venv/bin/python -m pip install --disable-pip-version-check --no-deps --upgrade --target .venv/$* -r $<
	$(STAMP)
