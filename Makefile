# Two commands do everything on a fresh machine: `make demo` and `make test`.
# uv lives in an environment of its own; its cache makes every further environment take seconds and no disk.
# Compiled at once: importing TensorFlow takes 5 s so, and 15 s in each of the many processes that may not write.
PYTHON ?= python3
UV := .venv-uv/bin/uv
INSTALL := $(UV) pip install --quiet --compile-bytecode --constraint constraints.txt

# tflite-runtime exists for Python 3.11 and older and needs numpy below 2: it has an environment of its own.
TFLITE_PYTHON ?= 3.11
TFLITE_TESTS := hypothesis pytest pytest-asyncio pytest-timeout

# What was compiled is kept, whatever the environment says: each of the many processes would compile it again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo example-train example-train-long example-federation paper paper-all test test-components test-fast test-slow test-end-to-end test-tflite bench check format constraints clean

help:
	@echo "make demo    install, start Kafka, control plane and three agents, stream images, show where each answer came from"
	@echo "make example-train  install with TensorFlow, send Fashion-MNIST as a stream, train, judge, export, deploy, answer"
	@echo "make example-train-long  the same with twenty epochs instead of three"
	@echo "make example-federation  three sites with a Kafka each train one network, and no record leaves a site; a picture"
	@echo "make paper   install, run the smallest of the Kafka-ML papers' experiments, name its report; make paper-all: all of them"
	@echo "make test    install and run every check and every test"
	@echo "make check   format, lint, types, import contracts"
	@echo "make bench   performance figures as ratios measured in one run"
	@echo "make clean   remove environments and caches"

demo: .venv/ready
	.venv/bin/fogline demo

# Needs Fashion-MNIST's four files: Debian's package dataset-fashion-mnist, or a folder named by FOGLINE_DATA.
example-train: .venv/training
	examples/fashion_mnist/from_stream.sh

example-train-long: .venv/training
	examples/fashion_mnist/from_stream.sh runs/fashion-mnist-long 20

example-federation: .venv/training
	examples/federation/three_sites.sh

# Interrupted, the same command goes on where it was.
paper: .venv/experiments
	.venv/bin/fogline simulate run simulations/paper/smallest.toml --out runs/paper/smallest

# What most depends on comes first.
PAPER := smallest clients replicas small-nodes answers replicas-partitions agent-killed broker-killed links trained
paper-all: .venv/experiments
	for name in $(PAPER); do \
	  .venv/bin/fogline simulate run "simulations/paper/$$name.toml" --out "runs/paper/$$name" || exit; \
	done
	.venv/bin/python -m simulations.paper $(PAPER:%=runs/paper/%)

test: check test-components test-end-to-end test-tflite

# NumPy's library for matrices keeps a thread a core busy for a while in each of the many processes.
test-components test-end-to-end: export OPENBLAS_NUM_THREADS := 1

# A broker a worker; the tests of a file stay together, slow and fast, because they share what they start.
COMPONENTS := .venv-dev/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/end_to_end tests

test-components: .venv-dev/kafka
	$(COMPONENTS)

# Either part of that.
test-fast: .venv-dev/kafka
	$(COMPONENTS) -m "not slow"

test-slow: .venv-dev/kafka
	$(COMPONENTS) -m slow

# These mostly wait: for sessions to expire, for clusters to come back.
test-end-to-end: .venv-dev/kafka
	.venv-dev/bin/pytest -n 3 --dist loadscope --no-loadscope-reorder tests/end_to_end

test-tflite: .venv-tflite/ready
	.venv-tflite/bin/pytest tests/agent/backends -m tflite --confcutdir tests/agent/backends

check: .venv-dev/ready
	.venv-dev/bin/ruff format --check .
	.venv-dev/bin/ruff check .
	.venv-dev/bin/mypy --num-workers auto
	.venv-dev/bin/lint-imports

format: .venv-dev/ready
	.venv-dev/bin/ruff check --fix .
	.venv-dev/bin/ruff format .

bench: .venv-dev/ready
	.venv-dev/bin/python -m simulations.bench

constraints: $(UV)
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --upgrade --quiet --no-annotate --no-header \
	  --extra litert --extra tensorflow --extra torch --extra dev --output-file constraints.txt
	printf '%s\n' $(TFLITE_TESTS) | $(UV) pip compile pyproject.toml - --python-version 3.11 --upgrade --quiet --no-annotate \
	  --no-header --extra tflite --output-file constraints-tflite.txt

$(UV):
	$(PYTHON) -m venv .venv-uv
	.venv-uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/ready: $(UV) pyproject.toml constraints.txt
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(INSTALL) --python .venv/bin/python --editable '.[simulations]'
	@touch $@

.venv/experiments: .venv/ready
	$(INSTALL) --python .venv/bin/python --editable '.[experiments]'
	@touch $@

.venv/training: .venv/ready
	$(INSTALL) --python .venv/bin/python --editable '.[experiments,federation,tensorflow]'
	@touch $@

.venv-dev/ready: $(UV) pyproject.toml constraints.txt
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-dev
	$(INSTALL) --python .venv-dev/bin/python --editable '.[dev,tensorflow,torch]'
	@touch $@

# The tests start more than a hundred brokers. An older Java, by JAVA_HOME, does without.
.venv-dev/kafka: .venv-dev/ready
	-.venv-dev/bin/python -m simulations.kafka.head_start
	@touch $@

.venv-tflite/ready: $(UV) pyproject.toml constraints-tflite.txt
	$(UV) venv --quiet --allow-existing --python $(TFLITE_PYTHON) .venv-tflite
	$(UV) pip install --quiet --constraint constraints-tflite.txt --python .venv-tflite/bin/python \
	  --editable '.[tflite]' $(TFLITE_TESTS)
	@touch $@

clean:
	rm -rf .venv .venv-dev .venv-tflite .venv-uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
