# Every target explains itself: `make help`.
STACK ?= dev
PYTHON := .venv/bin/python
SETUP := .venv/.complete
export ARGS SERVICE CLIENT

.DEFAULT_GOAL := help
.PHONY: help build up preview down status verify policies dashboards istioctl lab-up lab-down shell test test-unit test-engine test-lab lint

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  STACK=<name> chooses the stack, $(STACK) unless named"

build: $(SETUP) ## everything that is missing, without starting it
	@$(PYTHON) -m commands build $(STACK)

up: $(SETUP) ## everything that is missing (engine, lab), then `pulumi up` of STACK
	@$(PYTHON) -m commands up $(STACK)

preview: $(SETUP) ## what would change
	@$(PYTHON) -m commands preview $(STACK)

verify: $(SETUP) ## ask the running mesh, not the YAML
	@$(PYTHON) -m commands verify $(STACK)

status: $(SETUP) ## where things are, and what is not well
	@$(PYTHON) -m commands status $(STACK)

policies: $(SETUP) ## does SERVICE (mailhog.mailhog; else all) accept what CLIENT (hello.ns1) sends, and why
	@$(PYTHON) -m commands policies $(STACK) --service="$$SERVICE" --client="$$CLIENT"

dashboards: $(SETUP) ## a way to each dashboard, until Ctrl-C
	@$(PYTHON) -m commands dashboards $(STACK)

istioctl: $(SETUP) ## istioctl of STACK's release; ARGS="proxy-status" runs it on STACK's cluster
	@$(PYTHON) -m commands istioctl $(STACK) --arguments="$$ARGS"

down: $(SETUP) ## `pulumi destroy` of STACK
	@$(PYTHON) -m commands down $(STACK)

lab-up: $(SETUP) ## the lab cluster alone
	@$(PYTHON) -m lab up

lab-down: $(SETUP) ## end the lab cluster; the machine is as before
	@$(PYTHON) -m lab down

shell: $(SETUP) ## a shell in which `pulumi`, `kubectl` and `istioctl` are those of STACK
	@$(PYTHON) -m commands shell $(STACK)

test: build ## everything that is missing, then all tests
	@$(PYTHON) -m pytest

test-unit: $(SETUP) ## the tests that need nothing but Python; seconds
	@$(PYTHON) -m pytest tests/unit

test-engine: build ## the tests with the real engine
	@$(PYTHON) -m pytest tests/engine

test-lab: build ## the tests with the real cluster
	@$(PYTHON) -m pytest tests/lab

lint: $(SETUP) ## style and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m pyright

# Marked when it is complete, so that an interrupted installation starts again.
$(SETUP): requirements.txt requirements-dev.txt
	@echo "Python environment: .venv (about a minute)"
	@python3 -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
