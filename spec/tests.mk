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
# command uses most of it on 5.3. What no Lua could change ("#once" in a test's name) runs in the first suite of each
# variant only. Where make is told which suites, they run whole.
BINDING_ONLY := lua5.1-asan luajit-asan lua5.3-plain
AGAIN        := lua5.1-plain luajit-plain
part_of      = $(if $(filter $(1),$(BINDING_ONLY)),/binding,$(if $(filter $(1),$(AGAIN)),/again))
ifeq ($(SUITES),$(ALL_SUITES))
SUITE_JOBS := lua5.4-asan/specs lua5.4-plain/specs lua5.4-asan/c \
  $(foreach suite,$(filter-out lua5.4-%,$(SUITES)),$(suite)$(call part_of,$(suite))) lua5.4-plain/c
else
SUITE_JOBS := $(SUITES)
endif

# The proofs take minutes and don't depend on the version of Lua: they run in the first suite of each variant. Without
# sanitizers each is a job of its own, so that no job is much longer than the others.
LONG_PROOFS  := actors reconcile
first_of      = $(firstword $(filter %-$(1),$(SUITES)))
PROOFS_ASAN  := $(addsuffix /proofs,$(call first_of,asan))
PROOFS_PLAIN := $(foreach name,$(LONG_PROOFS) $(filter-out $(LONG_PROOFS),$(patsubst spec/proofs/%_spec.lua,%, \
  $(sort $(wildcard spec/proofs/*_spec.lua)))),$(addsuffix /proofs/$(name),$(call first_of,plain)))
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

# The longest come first, so that nothing is left to wait for in the end.
TEST_JOBS := $(SERVERS) $(CLI) $(filter %/actors %/reconcile,$(PROOFS_PLAIN)) $(PROOFS_ASAN) $(SUITE_JOBS) \
  $(filter-out %/actors %/reconcile,$(PROOFS_PLAIN)) $(PORTABLE:%=%/client) $(COSTS)

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

.PHONY: build-tests
build-tests:
	+@$(MAKE) build-suites
	+@$(MAKE) build-hosts
	+@$(MAKE) build-cli
	+@$(MAKE) build-bench

# ---- testing ---------------------------------------------------------------------------------------------------------

.PHONY: check test test-lua test-hosts test-cli ci lint lint-gcc lint-clang lint-files
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
ifeq ($(FILES),)
	+@$(MAKE) build-tests
	+@spec/run $(TEST_JOBS)
else
	+@$(MAKE) build-suites
	+@spec/run $(SUITES) -- $(FILES)
endif

test-lua:
	+@$(MAKE) build-suites TO_BUILD='build build-modules'
	+@spec/run $(if $(FILES),$(SUITES) -- $(FILES),$(PROOFS_PLAIN) $(PROOFS_ASAN) $(SUITES:%=%/specs))

test-hosts:
	@$(MAKE) deps
	+@$(MAKE) build-hosts
	+@spec/run $(SERVERS)

test-cli:
	@$(MAKE) deps
	+@$(MAKE) build-cli
	+@spec/run $(CLI)

lint:
	+@$(MAKE) lint-gcc
	+@$(MAKE) lint-clang
	+@$(MAKE) lint-files

# All C code for each Lua. gcc finds some things only where it optimizes, so that it has to compile. In a folder of its
# own: what is up to date in another one may have been compiled with warnings.
lint-gcc:
	+@$(MAKE) build-suites bench-plain CC=gcc WERROR=1 BUILD=build/lint-gcc SUITES='$(TEST_LUAS:%=lua%-plain)'

# What clang warns of it sees by reading. That it compiles and links is seen by `make fuzz`.
lint-clang:
	+@$(MAKE) read-c-shared CC=clang WERROR=1 VARIANT=plain
	+@$(foreach lua,$(TEST_LUAS),$(MAKE) read-c CC=clang WERROR=1 VARIANT=plain LUA=$(lua) &&) true
	+@$(MAKE) read-c-shared read-c CC=clang WERROR=1 VARIANT=portable LUA=$(firstword $(TEST_LUAS))

lint-files:
	$(SAY) LINT 'all files'
	$(Q)spec/lint all
	+@$(MAKE) check-reference
	+@$(MAKE) check-mutants

# Reads the C code without compiling it: what knows no Lua, and what does.
LUA_C     = csrc/lua/%.c csrc/sandbox/%.c spec/fuzz/lua_file.c \
  $(patsubst %,spec/c/%.c,$(NEED_LUA) servers process threads)
C_FILES   = $(sort $(wildcard csrc/*/*.c csrc/*/*/*.c spec/c/*.c spec/fuzz/*.c bench/*.c))
.PHONY: read-c read-c-shared
read-c-shared: | check-deps
	$(SAY) READ '$(CC), $(VARIANT)'
	$(Q)$(CC) $(ALL_CFLAGS) -fsyntax-only $(filter-out $(LUA_C),$(C_FILES))

read-c: | check-deps
	$(SAY) READ '$(CC), $(VARIANT), $(LUA)'
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -fsyntax-only $(filter $(LUA_C),$(C_FILES))

# What CI runs after `make deps` in a tree without builds: it is built with all warnings of gcc as errors, in place of
# lint-gcc. Then everything else at once, with tests that wait beside what computes.
CI_JOBS = $(TEST_JOBS) $(addprefix make/,lint-clang lint-files test-threads $(FUZZ_TARGETS))
# Three jobs on two processors: as much work for each fuzz target as in 20 seconds alone.
ci: export FUZZ_SECONDS = 30
ci:
	+@$(MAKE) build-tests WERROR=1
	+@$(MAKE) build-threads WERROR=1
	+@$(MAKE) build-fuzz
	+@spec/run $(CI_JOBS)

# On Debian 11, 12 and 13, each in a system of its own: by hand, as root.
.PHONY: releases
releases:
	@spec/releases $(RELEASES)

# They define build-c, test-c, test-threads, fuzz, mutants and check-mutants; bench and build-bench.
-include spec/c/tests.mk spec/c/threads.mk spec/fuzz/fuzz.mk spec/mutate/mutate.mk bench/bench.mk
