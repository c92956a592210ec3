# What calls cost, beside others: see bench/README.md. Included by spec/tests.mk.

# What is compared with: no part of the library, and never with sanitizers.
PLAIN := $(C_OUT)/bench/plain
$(PLAIN): bench/plain.c Makefile bench/bench.mk | check-deps
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(WARN) -O2 -D_POSIX_C_SOURCE=200809L $(CFLAGS) -o $@ $< $(CURL_LIBS) $(CJSON_LIBS)

.PHONY: bench-plain
bench-plain: $(PLAIN)

BENCH = $(UNSET_LUA) LUA_PATH='$(LUA_FILES);$(CURDIR)/?.lua;;' LUA_CPATH='$(CURDIR)/$(OUT)/?.so;;' $(INTERPRETER)

# What spec/bench counts.
.PHONY: build-bench
build-bench:
	@$(MAKE) build LUA=5.4 VARIANT=plain
	@$(MAKE) bench-plain VARIANT=plain

.PHONY: bench bench-run
bench:
	@LUA='5.4 jit' bin/install-deps core sandbox specs nginx bench
	@$(MAKE) build-bench
	@$(MAKE) core LUA=jit VARIANT=plain
	@$(MAKE) bench-run LUA=5.4 VARIANT=plain

bench-run:
	@$(BENCH) bench/run.lua $(ARGS)

.PHONY: bench-answers
bench-answers:
	@$(INSTALL_DEPS) core
	@$(MAKE) core
	@$(BENCH) bench/answers.lua

# What a directory costs, in the two Luas that its measures are about.
.PHONY: bench-directory bench-directory-run
bench-directory:
	@$(MAKE) core LUA=5.4 VARIANT=plain
	@$(MAKE) core LUA=jit VARIANT=plain
	@$(MAKE) bench-directory-run LUA=5.4 VARIANT=plain
	@$(MAKE) bench-directory-run LUA=jit VARIANT=plain

bench-directory-run:
	@$(BENCH) bench/directory.lua

# What it costs a call in Kamailio.
.PHONY: bench-kamailio
bench-kamailio:
	@$(INSTALL_DEPS) core sandbox kamailio
	@$(MAKE) build LUA=5.4 VARIANT=plain
	@$(MAKE) core LUA=5.1 VARIANT=plain
	@$(BENCH) bench/kamailio.lua $(ARGS)

# How a shared rate limit is shared.
.PHONY: bench-store
bench-store:
	@$(INSTALL_DEPS) core
	@$(MAKE) core
	@$(BENCH) bench/store.lua
