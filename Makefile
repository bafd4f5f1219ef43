# Thin front to CMake. Every target first installs the Debian packages that it needs and that are missing (tests/setup/packages.sh).
BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
ARGS ?=
ALIGN ?=

.PHONY: build models run test bench install clean

build:
	@tests/setup/packages.sh build
	@tests/setup/configure.sh $(BUILD) $(CMAKE_FLAGS)
	@cmake --build $(BUILD) --parallel $(JOBS)

# ALIGN=1 fetches the encoder too that contrast_targets_alignments "auto" needs.
models:
	@tests/setup/packages.sh models
	@ALIGN=$(ALIGN) tests/setup/models.sh

run: build models
	@exec $(BUILD)/tinseq $(ARGS)

# TORCH=wheel runs the same suite against the libtorch of a current PyTorch wheel, fetched from PyPI into build-wheel/.
test:
	@ALIGN=$(ALIGN) tests/setup/test.sh $(TORCH)

bench: build models
	@tests/setup/packages.sh bench
	@tests/bench/run.sh $(BUILD)

install: build
	@cmake --install $(BUILD) --prefix $(DESTDIR)$(PREFIX)

clean:
	@rm -rf build build-asan build-tsan build-wheel
