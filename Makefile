# `make report` measures this machine, `make test` checks the suite on it, `make check` is the short loop while editing.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
CONFIG ?= config/default.yaml
BIN := .venv/bin

.PHONY: help
help:
	@echo "make report [CONFIG=config/quick.yaml]   measures this machine and writes its report"
	@echo "make report VERBOSE=1                    the same, with Snakemake's own lines and commands"
	@echo "make tune MODEL=path [GOAL=throughput]   finds the settings for your model, in five minutes"
	@echo "make regress AGAINST=image [IMAGE=image]  names what became slower from one build of TensorFlow to another"
	@echo "make papers                              lists the papers and guides that can be rerun, with what they take here"
	@echo "make paper PAPER=wang2021                reruns one: its settings, its claims, its numbers beside yours"
	@echo "make doctor                              says what would stop or disturb a run here, and what to do about it"
	@echo "make clean [LEVEL=old]                   removes what this suite left in the engine and its cache; asks first"
	@echo "make reproduce BUNDLE=file               runs a bundle's config here, and says what is reproduced"
	@echo "make check                               lint, types, layers and unit tests: three to six minutes on two CPUs, no engine needed"
	@echo "make format                              formats Python files and the Snakefile"
	@echo "make docs                                writes the generated tables of docs/ anew"
	@echo "make test                                all of check, then workflow, browser and engine tests; prints the coverage"
	@echo "make test-long                           engine tests that take minutes each: faults, other engines, images built from nothing"
	@echo "make fuzz                                odd configs, records and answers, new ones each time: three minutes on two CPUs"
	@echo "make test-endurance                      fifty kills of a run, and engines on an emulated machine: about half an hour"
	@echo "make lock                                renews the hash-locked requirements"
	@echo "make lock IMAGE=name CONFIG=file         renews the lock of an image that a config describes"

.PHONY: report
report: .venv/run.stamp
	@$(BIN)/python -m containers.plan $(CONFIG)
	@$(BIN)/python -m containers.engine
	@$(BIN)/snakemake --cores 1 $(if $(VERBOSE),--printshellcmds,--quiet rules host reason progress) --configfile $(CONFIG)

# BATCH=1 GOAL=latency P99_MS=20 MINUTES=5 MEMORY=4GiB INPUTS=file SIGNATURE=name CALL=predict ALLOW_REDUCED_PRECISION=1
.PHONY: tune
tune: .venv/run.stamp
	@test -n "$(MODEL)" || { echo "threadmark: name a model: make tune MODEL=model.keras" >&2; exit 2; }
	@$(BIN)/python -m containers.engine
	@$(BIN)/python -m containers.tune $(if $(BATCH),--batch $(BATCH)) $(if $(GOAL),--goal $(GOAL)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(if $(MEMORY),--memory $(MEMORY)) $(if $(P99_MS),--p99-ms $(P99_MS)) $(if $(INPUTS),--inputs "$(INPUTS)") \
	  $(if $(SIGNATURE),--signature "$(SIGNATURE)") $(if $(CALL),--call $(CALL)) \
	  $(if $(ALLOW_REDUCED_PRECISION),--allow-reduced-precision) "$(MODEL)"

# AGAINST: a bundle, and as IMAGE: packages ("tensorflow-cpu==2.20.0"), a .lock, NAME@sha256:DIGEST, an id, one of the suite's.
.PHONY: regress
regress: .venv/run.stamp
	@test -n "$(AGAINST)" || { echo 'threadmark: name the older image: make regress AGAINST="tensorflow-cpu==2.20.0"' >&2; exit 2; }
	@$(BIN)/python -m containers.engine
	@against="$(AGAINST)"; case "$$against" in *.tar.xz) \
	  lock=results/regress/$$(basename "$$against" .tar.xz).lock; \
	  against=$$($(BIN)/python -m analysis.bundle lock "$$against" --out "$$lock") || exit;; esac; \
	$(BIN)/python -m containers.regress $(if $(IMAGE),--image "$(IMAGE)") $(if $(MINUTES),--minutes $(MINUTES)) "$$against"

.PHONY: papers
papers: .venv/run.stamp
	@$(BIN)/python -m containers.papers

.PHONY: paper
paper: .venv/run.stamp
	@test -n "$(PAPER)" || { echo "threadmark: name a paper: make paper PAPER=wang2021; make papers lists them" >&2; exit 2; }
	@config=$$($(BIN)/python -m containers.papers "$(PAPER)") && $(MAKE) --no-print-directory report CONFIG="$$config"

# Changes nothing; its exit status says whether a run can start. ARGUMENTS=--json for programs.
.PHONY: doctor
doctor: .venv/run.stamp
	@$(BIN)/python -m containers.doctor --config $(CONFIG) $(ARGUMENTS)

LEVEL ?= leftovers
.PHONY: clean
clean: .venv/run.stamp
	@$(BIN)/python -m containers.clean --level $(LEVEL) $(if $(YES),--yes)

.PHONY: reproduce
reproduce: .venv/run.stamp
	@test -n "$(BUNDLE)" || { echo "threadmark: name a bundle or a machine's folder: make reproduce BUNDLE=file" >&2; exit 2; }
	@$(BIN)/python -m analysis.reproduction start --out results/reproduction "$(BUNDLE)"
	@$(MAKE) --no-print-directory report CONFIG=results/reproduction/config.yaml
	@$(BIN)/python -m analysis.reproduction judge --out results/reproduction \
	  --original results/reproduction/original --again results/reproduction/again

define static_checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile
	$(BIN)/mypy
	$(BIN)/lint-imports
endef

.PHONY: check
check: .venv/test.stamp
	$(static_checks)
	$(BIN)/pytest --numprocesses auto tests/unit

.PHONY: format
format: .venv/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile

.PHONY: docs
docs: .venv/test.stamp
	$(BIN)/python -m docs.generate

MEASURED := --cov --cov-append --cov-report=

.PHONY: test
test: .venv/test.stamp
	@$(BIN)/python -m containers.engine
	$(static_checks)
	@$(BIN)/coverage erase
	$(BIN)/pytest $(MEASURED) --numprocesses auto tests/unit tests/workflow
	$(BIN)/pytest tests/browser
	$(BIN)/pytest $(MEASURED) tests/engine -m "not long"
	$(BIN)/coverage report

.PHONY: test-long
test-long: .venv/test.stamp
	@$(BIN)/python -m containers.engine
	$(BIN)/pytest tests/engine -m long

.PHONY: fuzz
fuzz: .venv/test.stamp
	$(BIN)/pytest --numprocesses auto tests/fuzz

# Needs root, an engine, qemu and network: the emulated machine is made from Debian's packages.
.PHONY: test-endurance
test-endurance: .venv/test.stamp
	@$(BIN)/python -m containers.engine
	$(BIN)/pytest tests/endurance tests/machines

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "threadmark: $(PYTHON) is missing or older than 3.11; install one, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "threadmark: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

.venv/run.stamp: requirements.lock | .venv/bin/python
	@echo "threadmark: installing the locked requirements into .venv" >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

.venv/test.stamp: requirements-dev.lock | .venv/bin/python
	@echo "threadmark: installing the locked requirements and the test tools into .venv" >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# Locks hold hashes and no addresses: where packages come from is each user's setting.
LOCK := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock" --python-version 3.11

IMAGE_LOCK = $(LOCK) --python-platform x86_64-manylinux_2_28 --only-binary :all:
# TensorFlow's metadata names these, and no run imports them.
UNUSED := --no-emit-package setuptools --no-emit-package wheel --no-emit-package libclang

.PHONY: lock
ifdef IMAGE
# One of a config's own images: make lock IMAGE=tf-2.16 CONFIG=my.yaml
lock: .venv/run.stamp
	@$(BIN)/python -m containers.plan.lock --config $(CONFIG) "$(IMAGE)"
else
lock: .venv/test.stamp
	$(LOCK) --universal -o requirements.lock requirements.in
	$(LOCK) --universal -o requirements-dev.lock requirements-dev.in
	$(IMAGE_LOCK) -o containers/images/base/builder.lock containers/images/base/builder.in
	$(IMAGE_LOCK) -o containers/images/base/census.lock containers/images/base/census.in
	set -e; for folder in $(dir $(wildcard containers/images/*/image.toml)); do \
	  $(IMAGE_LOCK) $(UNUSED) $$(test ! -f $${folder}overrides.txt || echo --overrides $${folder}overrides.txt) \
	    -o $${folder}requirements.lock $${folder}requirements.in; done
endif
