# `make` lists what there is to make. Everything here is plain cargo underneath.

.DEFAULT_GOAL := help

# Recorded answers of real AWS networks, which some tests are scored against.
# Tests that need them say so loudly and skip when they are not there.
PORTOLAN_TEST_DATA ?= ../shared/data
ifneq ($(wildcard $(PORTOLAN_TEST_DATA)/.),)
  override PORTOLAN_TEST_DATA := $(abspath $(PORTOLAN_TEST_DATA))
  export PORTOLAN_TEST_DATA
else
  unexport PORTOLAN_TEST_DATA
endif

CARGO   ?= cargo
CACHE   := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/portolan
TARGET  := $(abspath $(or $(CARGO_TARGET_DIR),target))
LOCKED  := $(if $(CI),--locked)
export PORTOLAN_TOOLS ?= $(CACHE)/tools

# make bench INTERFACES=1000000, make bench QUICK=1, make bench LARGEST_VPC=16000
INTERFACES ?= $(if $(QUICK),5000,100000)
SEED       ?= 7
# make prove FLOWS=10000000
FLOWS      ?= 1000000
# Packets through the kernel: make prove PROBES=1000000
PROBES     ?= 100000

.PHONY: help
help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## Install what the checks need (cargo-deny, into the cache directory)
	@.ci/setup

.PHONY: demo
demo: ## Build portolan and ask it about the example estate
	$(CARGO) build $(LOCKED) --target-dir "$(TARGET)" --profile demo --package portolan-cli
	@PORTOLAN="$(TARGET)/demo/portolan" sh examples/demo.sh

.PHONY: test
test: ## Run every test and doctest of the workspace
	@test -n "$$PORTOLAN_TEST_DATA" || echo "test: no recorded AWS answers (PORTOLAN_TEST_DATA): what is scored against them is SKIPPED"
	@PORTOLAN_WANT=validators .ci/setup
	@PORTOLAN_WANT=lab .ci/setup
	$(CARGO) test $(LOCKED) --workspace

.PHONY: lint
lint: setup ## Check formatting, lints, the rules of the tree and licences
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- -D warnings
	$(CARGO) xtask tidy
	$(CARGO) xtask docs --check
	PATH="$(PORTOLAN_TOOLS)/bin:$$PATH" $(CARGO) deny $(LOCKED) check bans licenses sources

.PHONY: advisories
advisories: setup ## Check dependencies against the RustSec database (needs the network)
	PATH="$(PORTOLAN_TOOLS)/bin:$$PATH" $(CARGO) deny $(LOCKED) check advisories

.PHONY: docs
docs: ## Write docs/cli.md and docs/findings.md anew, from the help and the rules
	$(CARGO) xtask docs

.PHONY: bench
bench: ## Measure everything that is promised of speed (INTERFACES, SEED, QUICK; docs/performance.md)
	$(CARGO) build $(LOCKED) --target-dir "$(TARGET)" --release --package portolan-cli --package xtask \
	  --bin portolan --bin xtask --example loaded
	@PORTOLAN_WANT=lab .ci/setup
	$(CARGO) build $(LOCKED) --target-dir "$(TARGET)" --release --package portolan-lab --package portolan-scan \
	  --example network --example probe
	"$(TARGET)/release/xtask" bench --interfaces $(INTERFACES) --seed $(SEED) $(if $(QUICK),--quick) \
	  $(if $(LARGEST_VPC),--largest-vpc $(LARGEST_VPC)) \
	  --cache "$(CACHE)/bench" --portolan "$(TARGET)/release/portolan" \
	  --loaded "$(TARGET)/release/examples/loaded" \
	  --network "$(TARGET)/release/examples/network" --probe "$(TARGET)/release/examples/probe"

.PHONY: instructions
instructions: ## Count the instructions of the hot paths: none may grow by more than 3 % (needs valgrind)
	@PORTOLAN_WANT=valgrind .ci/setup
	$(CARGO) xtask instructions

.PHONY: mutants
mutants: ## Change the core one place at a time and see whether its tests notice (docs/mutants.md)
	PORTOLAN_WANT=cargo-mutants .ci/setup
	PATH="$(PORTOLAN_TOOLS)/bin:$$PATH" $(CARGO) mutants --package portolan --test-package portolan \
	  --file 'crates/portolan/src/net/*.rs' --file 'crates/portolan/src/reach/**/*.rs' \
	  --timeout 60 --output "$(CACHE)/mutants"

.PHONY: prove
prove: ## Run the differential tests for long: engine and kernel against the specification (FLOWS, PROBES)
	@PORTOLAN_WANT=lab .ci/setup
	PORTOLAN_PROVE=1 FLOWS=$(FLOWS) $(CARGO) test $(LOCKED) --release --package portolan --package portolan-ingest
	PORTOLAN_PROVE=1 PROBES=$(PROBES) $(CARGO) test $(LOCKED) --release --package portolan-lab -- --nocapture --test-threads=1
