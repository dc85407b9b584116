# Every target does its own set-up. `make help` lists them.
PYTHON ?= python3
RUN := .venv/bin/
# More than the two cores of a small machine: tests wait for half of their time.
WORKERS ?= 3
# The longest files first (tests/support/scheduling.py), where xdist would begin with those of the most tests.
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
MINUTES ?= $(if $(filter soak,$(MAKECMDGOALS)),30,5)
RATE ?= 20
# The tests of the pure parts whose coverage is held. Measuring makes Python slow, so the others run without it, and so do
# laws with hundreds of examples: those are in tests/property.
MEASURED := tests/conventions tests/crypto tests/templating $(addprefix tests/controller/,keys objects pacing queue) \
	tests/cli/test_execplugin.py tests/cli/test_kubeconfig.py tests/cli/test_kubeconfigfile.py tests/controller/kube/test_kubeconfig.py
# Tools are called by name from here, where a Python that is told to be safe would not look for them.
unexport PYTHONSAFEPATH
# The tests start thousands of processes, so what Python has compiled once is kept for the next.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-unit parity blackbox upstream neighbours laws fuzz soak lint apiserver wheel test-wheel bench bombs chaos vectors

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

venv: ## make .venv with the commands and the tools in it
	@$(PYTHON) -m tools.building.make_venv

demo: venv ## seal, commit, apply, unseal, tamper: the whole story, told as it goes (CLUSTER=1: on a real API server)
	@$(RUN)python -m tools.demo $(if $(CLUSTER),--cluster)

test: venv ## run every test; those over the real API server too, where it is there or can be built
	@$(RUN)python -m tools.building.make_apiserver --optional >&2
	@$(RUN)coverage erase; failed=; \
	$(RUN)coverage run -m pytest $(SPREAD) -n 2 $(MEASURED) || failed=1; \
	$(RUN)python -m pytest $(SPREAD) $(MEASURED:%=--ignore=%) --ignore=tests/upstream --ignore=tests/neighbours || failed=1; \
	$(RUN)python -m tools.checks.check_coverage && test -z "$$failed"

test-unit: venv ## run the tests that need neither the API server nor a wheel
	@$(RUN)python -m pytest $(SPREAD) -m 'not apiserver and not wheel'

parity: venv ## run what was recorded from kubeseal against sealwright-kubeseal, area by area
	@$(RUN)python -m tools.checks.kubeseal_parity

blackbox: venv ## run the black-box suite against sealwright-controller (OPTIONS="--class compat --only 'keys-*'")
	@$(RUN)python -m tests.support.blackbox $(OPTIONS)

upstream: venv ## build sealed-secrets itself, once, and run its controller and kubeseal beside ours (OPTIONS="-k Back")
	@$(RUN)python -m tools.building.make_apiserver >&2
	@$(RUN)python -m tools.building.make_sealedsecrets >&2
	@SEALWRIGHT_REQUIRE_APISERVER=1 SEALWRIGHT_REQUIRE_UPSTREAM=1 $(RUN)python -m pytest tests/upstream $(OPTIONS)

neighbours: venv ## build sops and kustomize, once, and run what the guides do with them (OPTIONS="-k sops")
	@$(RUN)python -m tools.building.make_neighbours >&2
	@SEALWRIGHT_REQUIRE_NEIGHBOURS=1 $(RUN)python -m pytest tests/neighbours $(OPTIONS)

laws: venv ## try every law with new random examples, where `make test` has the same each time (OPTIONS="--hypothesis-seed=1")
	@SEALWRIGHT_EXAMPLES=new $(RUN)python -m pytest $(SPREAD) -m hypothesis --ignore=tests/upstream --ignore=tests/neighbours $(OPTIONS)

fuzz: venv ## try random input on every reader for MINUTES (SEED=n, OPTIONS="--only envelope,request")
	@$(RUN)python -m tools.fuzz --minutes $(MINUTES) $(SEED:%=--seed %) $(OPTIONS)

soak: venv ## create, edit and delete objects for MINUTES, RATE of them a second; is the controller's memory flat?
	@$(RUN)python -m tools.checks.soak_run --minutes $(MINUTES) --rate $(RATE) $(OPTIONS)

lint: venv ## check format, lint, types and the import contracts
	@$(RUN)ruff format --check . && $(RUN)ruff check .
	@$(RUN)mypy && $(RUN)lint-imports --no-cache --config contracts.toml && $(RUN)lint-imports --no-cache --config templating/contracts.toml && $(RUN)lint-imports --no-cache --config cli/contracts.toml

apiserver: ## build kube-apiserver, etcd and kube-controller-manager; the last line is their folder
	@$(PYTHON) -m tools.building.make_apiserver

wheel: venv ## build the wheel into dist/
	@$(RUN)python -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir dist .

test-wheel: venv ## install the wheel into an empty environment and run its commands
	@$(RUN)python -m pytest -m wheel

bench: venv ## measure all that has an aim, and write docs/performance.md (about half an hour on a quiet machine)
	@$(RUN)python -m benchmarks.page $(OPTIONS)

bombs: venv ## set off all objects that try to stop the controller, alone and eight at once (OPTIONS="--only text,emoji --alone")
	@$(RUN)python -m tools.checks.bomb_run $(OPTIONS)

chaos: venv ## let everything misbehave at once and check what became of all objects (SEED=… OPTIONS="--objects 1000")
	@$(RUN)python -m tools.checks.chaos_run $(if $(SEED),--seed $(SEED)) $(OPTIONS)

vectors: venv ## make Sealwright's own test vectors anew
	@$(RUN)python tests/vectors/generate.py
