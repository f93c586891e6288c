# Skiff: `make help` lists the targets. Everything that needs a package installs it (Debian 12, root).

PREFIX ?= /usr/local
APP ?= visit-counter
SWIFT ?= swift
RELEASE = .build/release
PROGRAMS = skiff skiffd skiff-shim skiff-runtime
SWIFTFLAGS = --manifest-cache none --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help deps deps-test build check format unit root test tutorials compare bench demo demo-down install clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

deps:
	@scripts/dependencies build

deps-test:
	@scripts/dependencies build demo test

build: deps ## build the release programs into .build/release/
	$(SWIFT) build -c release $(SWIFTFLAGS)
	@cd $(RELEASE) && ls -l $(PROGRAMS) | awk '{ printf "%s %.1f MB\n", $$NF, $$5 / 1e6 }'

check: ## style and architecture: swift format, the house rules
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	scripts/check-architecture

format: ## rewrite the sources in the house style
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

unit: deps ## unit tests; by root the networks' scenarios too
	scripts/unit-tests

test: deps-test build check unit root ## build and pass all tests

root: ## tests that drive the built programs, as root (after `make build`)
	scripts/root-tests

tutorials: deps-test build ## type every command of the tutorials, with three clients (ports 80, 4000, 5000, 6379, 8000, 8501)
	scripts/tutorials

compare: build ## type 1,000 command lines with docker and skiff, against dockerd and skiffd, and compare
	scripts/compare

bench: build ## measure against dockerd on the same machine, side by side
	scripts/bench

demo: build ## bring up an example until it answers: APP=visit-counter, or another folder of examples/
	@scripts/dependencies demo
	@scripts/demo up $(APP)

demo-down: ## take it away (APP=…)
	@scripts/demo down $(APP)

install: build ## install the programs and their completion (PREFIX=/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	cd $(RELEASE) && install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(RELEASE)/skiff completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/skiff
	$(RELEASE)/skiff completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_skiff
	$(RELEASE)/skiff completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/skiff.fish

clean: ## remove what was built
	rm -rf .build
