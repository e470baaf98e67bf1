# The whole daily life of the project; `make help` lists it.

LISTEN ?= 127.0.0.1:3000
URL ?= http://$(LISTEN)

COMPONENTS := movies showtimes bookings users auth docs recommender data-api
WASM_TARGET := wasm32-wasip1
# One profile for the host, its unit tests and the end-to-end tests, so that wasmtime is compiled once.
CINEMA := target/host/cinema

.DEFAULT_GOAL := help
.PHONY: help up keys build wasm host openapi test test-unit test-e2e sample bench fuzz differential fmt lint clean toolchain

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build keys ## Build everything and serve it, with sample data when the store is empty (LISTEN=127.0.0.1:3000)
	@$(CINEMA) up --listen $(LISTEN) --sample data

keys: host ## Make keys and a first staff user in .env, where there are none
	@$(CINEMA) keys --write

build: wasm host ## Build the components and the bundled host

wasm: toolchain ## Build the components
	@cargo build --release --target $(WASM_TARGET) $(COMPONENTS:%=--package %)

host: ## Build the bundled host
	@cargo build --profile host --package host

test: test-unit test-e2e ## Run all tests

# The host by itself: beside other packages it would get other features, and compile the WebAssembly engine once more.
test-unit: ## Run the unit tests, natively
	cargo test --profile host --package host
	cargo test --profile host --workspace --exclude host --exclude native --exclude cinema-tests

test-e2e: build ## Run the end-to-end tests on the real components (CINEMA_URL=… for a running instance)
	CINEMA_BIN=$(abspath $(CINEMA)) cargo test --profile host --package cinema-tests

sample: host ## Load the sample data into a running instance (URL=http://127.0.0.1:3000)
	@$(CINEMA) sample --url $(URL) --data data

bench: build ## Measure everything in one run (WRITE=1 writes docs/bench.md)
	@cargo build --release --target $(WASM_TARGET) --package hello
	@cargo build --profile host --package native
	@benches/bench.py $(if $(WRITE),--write docs/bench.md)

openapi: ## Write the services' openapi.json anew, after a change of the API
	CINEMA_OPENAPI_WRITE=1 cargo test --profile host --workspace --exclude host --exclude native --exclude cinema-tests openapi

fuzz: build ## Try the API with requests made of its description (FUZZ="--max-examples 200")
	@tests/fuzz/run $(FUZZ)

differential: ## Compare crates/mql with an independent implementation
	@crates/mql/differential/run.sh

fmt: ## Format the code
	cargo fmt --all

lint: toolchain ## Check the formatting, and the code with warnings as errors
	cargo fmt --all --check
	cargo clippy --profile host --workspace --all-targets -- -D warnings

clean: ## Remove what was built; the data stays
	cargo clean

toolchain: ## Add the WebAssembly target, where rustup has not got it yet
	@if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx $(WASM_TARGET); then \
		rustup target add $(WASM_TARGET); \
	fi
