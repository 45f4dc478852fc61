# make test   everything a change must pass, on a fresh Debian machine with Go
# make demo   the shop with a simulated payment gateway and a mail box inside
# make pictures   takes the pictures of docs/tour.md anew, from such a demo

GO ?= go
LINT = $(GO) tool -modfile=tools/go.mod

# The steps of a test run stand in order: what fails fast comes first.
.NOTPARALLEL:

.PHONY: test tools lint fmt unit rules build demo pictures

test: tools lint unit

# Installs what the tests need from the system's packages; does nothing, and
# needs no network, when all of it is there.
tools:
	@scripts/install-test-tools

lint:
	$(LINT) golangci-lint run ./...

fmt:
	$(LINT) gofumpt -w cmd internal

unit:
	$(GO) test -timeout 30m ./...

# The rules' properties, 10,000 random cases each instead of the 500 of `unit`.
rules:
	RAPID_CHECKS=10000 $(GO) test -count=1 ./internal/core/...

build:
	$(GO) build -o bin/teiki ./cmd/teiki

demo:
	$(GO) run ./cmd/teiki demo

pictures:
	$(GO) test -count=1 ./internal/web/browsertest -run TestPagesOfARunningBusiness -args -pictures $(CURDIR)/docs/pictures
