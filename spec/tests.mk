# What is tested, and what a change has to pass. Included by the Makefile.

# Each suite is a build in a folder of its own: all of these, or what LUA and VARIANT choose. 5.3 has none with
# sanitizers: they would find what they find with 5.4. The slower ones come first, to keep all processors busy.
ALL_SUITES := lua5.4-asan lua5.1-asan luajit-asan lua5.4-plain lua5.1-plain luajit-plain lua5.3-plain
given       = $(filter command environment,$(firstword $(origin $(1))))
ifneq ($(call given,LUA),)
SUITES ?= $(if $(call given,VARIANT),lua$(LUA)-$(VARIANT),lua$(LUA)-asan lua$(LUA)-plain)
else ifneq ($(call given,VARIANT),)
SUITES ?= $(filter %-$(VARIANT),$(ALL_SUITES))
else
SUITES ?= $(ALL_SUITES)
endif
program_of = $(firstword $(subst -, ,$(1)))
variant_of = $(lastword $(subst -, ,$(1)))
lua_of     = $(patsubst lua%,%,$(call program_of,$(1)))
TEST_LUAS     := $(sort $(foreach suite,$(SUITES),$(call lua_of,$(suite))))
TEST_VARIANTS := $(sort $(foreach suite,$(SUITES),$(call variant_of,$(suite))))

# What is only Lua runs with sanitizers on one Lua, and without them on those between which it could differ; the
# command uses most of it on 5.3. Where make is told which suites, they run whole.
BINDING_ONLY := $(if $(filter $(SUITES),$(ALL_SUITES)),lua5.1-asan luajit-asan lua5.3-plain)
SUITE_JOBS   := $(foreach suite,$(SUITES),$(suite)$(if $(filter $(suite),$(BINDING_ONLY)),/binding))

# The proofs take minutes and don't depend on the version of Lua: they run in the first suite of each variant.
PROOFS := $(foreach variant,asan plain,$(addsuffix /proofs,$(firstword $(filter %-$(variant),$(SUITES)))))
# The client's specs as built for the oldest libcurl and a system without epoll.
PORTABLE := $(patsubst %-plain,%-portable,$(firstword $(filter %-plain,$(SUITES))))
# The tests in servers and those of the command start other programs, which have no sanitizer. They run once: those of
# the command on the newest Lua for which Debian 12 has luaposix.
CLI_LUA := 5.3
CLI     := lua$(CLI_LUA)-plain/cli
SERVERS := lua5.4-plain/hosts
# What a call costs beside plain C. Instructions are counted, which takes a Lua and no other.
COSTS   := lua5.4-plain/bench

# Servers that run the library: each has its tests in spec/hosts/ and a makefile beside them, which adds its name here
# and builds in `build-<name>` what its tests need.
HOSTS :=
-include spec/hosts/*.mk

# For all Luas that are tested, and those of the tests in servers and of the command.
.PHONY: deps
deps:
	@LUA='$(sort $(TEST_LUAS) 5.4 5.1 $(CLI_LUA))' bin/install-deps core sandbox test cli $(HOSTS)

# ---- building --------------------------------------------------------------------------------------------------------

# FILES=spec/client/x_spec.lua: only these specs, without the tests of C and those in real servers.
TO_BUILD     := build build-modules $(if $(FILES),,build-c)
SUITE_BUILDS := $(SUITES:%=build-%)

# Everything is built before any test runs, so that no compiler slows down a test. What the builds of a variant share
# comes first.
.PHONY: build-suites build-hosts build-cli $(SUITE_BUILDS)
build-suites:
	+@$(foreach variant,$(TEST_VARIANTS),$(MAKE) $(TO_BUILD:%=%-shared) VARIANT=$(variant) &&) true
	+@$(MAKE) $(SUITE_BUILDS)
	+@$(if $(PORTABLE),$(MAKE) build build-modules LUA=$(call lua_of,$(PORTABLE)) VARIANT=portable)

$(SUITE_BUILDS): build-%:
	+@$(MAKE) $(TO_BUILD) LUA=$(call lua_of,$*) VARIANT=$(call variant_of,$*)

# The tests in real servers run on 5.4.
build-hosts:
	+@$(MAKE) build build-modules LUA=5.4 VARIANT=plain
	+@$(foreach host,$(HOSTS),$(MAKE) build-$(host) &&) true

# One of the command's tests runs it on Lua 5.1 as well.
build-cli:
	+@$(MAKE) build LUA=$(CLI_LUA) VARIANT=plain
	+@$(MAKE) build LUA=5.1 VARIANT=plain

# ---- testing ---------------------------------------------------------------------------------------------------------

.PHONY: check test test-lua test-hosts test-cli lint
# While working on a change: about a minute, once everything is built.
CHECKED     := lua$(LUA)-$(VARIANT)
CHECK_PARTS := client sip c packaging docs sandbox trunk directory bulk provision architecture
check:
	@$(INSTALL_DEPS) core sandbox test
	@spec/lint changed
	+@$(MAKE) build build-modules build-c
	@spec/run -q $(CHECK_PARTS:%=$(CHECKED)/%)

test:
	@$(MAKE) deps
	+@$(MAKE) build-suites
ifeq ($(FILES),)
	+@$(MAKE) build-hosts
	+@$(MAKE) build-cli
	+@$(MAKE) build-bench
	+@spec/run $(SERVERS) $(COSTS) $(CLI) $(PROOFS) $(PORTABLE:%=%/client) $(SUITE_JOBS)
else
	+@spec/run $(SUITES) -- $(FILES)
endif

test-lua:
	+@$(MAKE) build-suites TO_BUILD='build build-modules'
	+@spec/run $(if $(FILES),$(SUITES) -- $(FILES),$(PROOFS) $(SUITES:%=%/specs))

test-hosts:
	@$(MAKE) deps
	+@$(MAKE) build-hosts
	+@spec/run $(SERVERS)

test-cli:
	@$(MAKE) deps
	+@$(MAKE) build-cli
	+@spec/run $(CLI)

# All C code, with each compiler and for each Lua, in a folder of its own so that objects of two compilers never mix.
build_strictly = $(MAKE) build-suites bench-plain CC=$(1) WERROR=1 BUILD=build/lint-$(1) \
  SUITES='$(TEST_LUAS:%=lua%-plain)'

lint:
	+@$(call build_strictly,gcc)
	+@$(call build_strictly,clang)
	$(SAY) LINT 'all files'
	$(Q)spec/lint all
	@$(MAKE) check-reference
	@$(MAKE) check-mutants

# On Debian 11, 12 and 13, each in a system of its own: by hand, as root.
.PHONY: releases
releases:
	@spec/releases $(RELEASES)

# What takes minutes of real time: by hand.
.PHONY: by-hand
by-hand:
	@$(MAKE) deps
	@$(MAKE) build build-modules LUA=5.4 VARIANT=plain
	@$(BENCH) spec/by_hand/shared_limit.lua
	@$(BENCH) spec/by_hand/directory.lua

# They define build-c, test-c, test-threads, fuzz, mutants and check-mutants; bench and build-bench.
-include spec/c/tests.mk spec/c/threads.mk spec/fuzz/fuzz.mk spec/mutate/mutate.mk bench/bench.mk
