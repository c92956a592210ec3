# Builds, tests and installs exotel. `make help` lists the targets.

LUA      ?= 5.4
VARIANT  ?= plain
WERROR   ?= 0
V        ?= 0
PREFIX   ?= /usr/local
PC       := pkg-config
# CURL=gnutls links the libcurl on GnuTLS, which Debian has beside the one on OpenSSL. The headers are the same.
CURL     ?=
OUT      := build/lua$(LUA)-$(VARIANT)$(if $(CURL),-$(CURL))
INTERPRETER := lua$(LUA)

# Where `make install` puts things: LuaJIT looks where Lua 5.1 does.
LUA_VERSION := $(subst jit,5.1,$(LUA))
SHARE_DIR   := $(DESTDIR)$(PREFIX)/share/lua/$(LUA_VERSION)
LIB_DIR     := $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_VERSION)

# What is tested, each built into a folder of its own: all of it, or what LUA and VARIANT choose. Of 5.3 the sanitizers
# would see what they see of 5.4.
ALL_SUITES := lua5.4-plain lua5.4-asan lua5.1-plain lua5.1-asan luajit-plain luajit-asan lua5.3-plain
given       = $(filter command environment,$(firstword $(origin $(1))))
ifneq ($(call given,LUA),)
SUITES ?= $(if $(call given,VARIANT),lua$(LUA)-$(VARIANT),lua$(LUA)-plain lua$(LUA)-asan)
else ifneq ($(call given,VARIANT),)
SUITES ?= $(filter %-$(VARIANT),$(ALL_SUITES))
else
SUITES ?= $(ALL_SUITES)
endif
suite_settings = $(patsubst lua%,LUA=%,$(firstword $(subst -, ,$(1)))) VARIANT=$(lastword $(subst -, ,$(1)))
TEST_LUAS      = $(sort $(foreach suite,$(SUITES),$(patsubst lua%,%,$(firstword $(subst -, ,$(suite))))))
# The Lua that runs the command exotel in its tests: the newest for which Debian 12 has luaposix.
CLI_LUA := 5.3
ifneq ($(filter-out gnutls,$(CURL)),)
$(error CURL=$(CURL) is not known: leave it out, or take gnutls)
endif

# Targets order their steps by recipe lines, never by prerequisites, so building with all cores is safe.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
# Two targets that both build would write the same files at once.
ifneq ($(word 2,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
endif
MAKEFLAGS += --no-print-directory

ifeq ($(V),1)
SAY := @:
else
Q   := @
SAY := @printf '  %-4s %s\n'
endif

# ---- flags -----------------------------------------------------------------------------------------------------------

WARN := -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion
ifeq ($(WERROR),1)
WARN += -Werror
endif
OPT_plain := -O2 -g
OPT_asan  := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
OPT       := $(OPT_$(VARIANT))
CFLAGS    ?=
# A module exports only what EXO_EXPORT marks (csrc/lua/compat.h): no other name of ours can clash with one of the host's.
ALL_CFLAGS = $(WARN) $(OPT) -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -fPIC -fvisibility=hidden -Icsrc $(LUA_CFLAGS) \
  $(CFLAGS)

# Never unloaded: a sanitizer's report at the end still has to name what is in it.
SHARED := -shared -Wl,-z,nodelete

# Looked up when a recipe needs them, so that `make deps` runs before they are installed.
LUA_CFLAGS   = $(shell $(PC) --cflags lua$(LUA))
CJSON_LIBS   = $(shell $(PC) --libs libcjson)
CURL_LIBS    = $(shell $(PC) --libs libcurl)
# By its file's name: the -dev packages of the two libraries exclude each other.
CURL_LIBS_gnutls = -l:libcurl-gnutls.so.4
CORE_LIBS    = $(if $(CURL),$(CURL_LIBS_$(CURL)),$(CURL_LIBS)) $(CJSON_LIBS)
SANDBOX_LIBS = $(shell $(PC) --libs libmicrohttpd gnutls) -lpthread

# ---- building --------------------------------------------------------------------------------------------------------

CORE_SRC    := $(sort $(wildcard csrc/exotel/*/*.c csrc/lua/*.c))
SANDBOX_SRC := $(sort $(wildcard csrc/sandbox/*.c)) csrc/lua/version_check.c
CORE_OBJ    := $(CORE_SRC:csrc/%.c=$(OUT)/obj/%.o)
SANDBOX_OBJ := $(SANDBOX_SRC:csrc/%.c=$(OUT)/obj/%.o)
CORE        := $(OUT)/exotel/core.so
SANDBOX     := $(OUT)/exotel/sandbox/server.so

.PHONY: build core sandbox
build: core sandbox
core: $(CORE)
sandbox: $(SANDBOX)

$(CORE): $(CORE_OBJ)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(SHARED) -o $@ $^ $(CORE_LIBS)

$(SANDBOX): $(SANDBOX_OBJ)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(SHARED) -o $@ $^ $(SANDBOX_LIBS)

$(CORE_OBJ) $(SANDBOX_OBJ): | check-deps

# The Makefile holds the flags.
$(OUT)/obj/%.o: csrc/%.c Makefile
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(CORE_OBJ:.o=.d) $(SANDBOX_OBJ:.o=.d)

# ---- dependencies ----------------------------------------------------------------------------------------------------

CHECK_DEPS   := LUA=$(LUA) CURL=$(CURL) bin/install-deps --check
INSTALL_DEPS := LUA=$(LUA) CURL=$(CURL) bin/install-deps

.PHONY: deps deps-build check-deps
# Programs that the library is at home in: each has its tests in spec/hosts/ and its part of the Makefile beside them,
# which adds its name here and says in `build-<name>` what has to be built for it.
HOSTS :=
-include spec/hosts/*.mk

check-deps:
	@$(CHECK_DEPS) $(or $(filter core sandbox,$(MAKECMDGOALS)),core sandbox)

deps-build:
	@$(INSTALL_DEPS) core sandbox

# For all Luas that are tested, and those of the tests in servers and of the command.
deps:
	@LUA='$(sort $(TEST_LUAS) 5.4 5.1 $(CLI_LUA))' bin/install-deps core sandbox test cli $(HOSTS)

# ---- running it ------------------------------------------------------------------------------------------------------

.PHONY: demo
# A LUA_PATH_5_4 in the user's environment would win over LUA_PATH.
UNSET_LUA := env -u LUA_INIT $(foreach v,2 3 4,-u LUA_INIT_5_$(v) -u LUA_PATH_5_$(v) -u LUA_CPATH_5_$(v))
demo:
	@$(MAKE) deps-build
	@$(MAKE) build
	@$(UNSET_LUA) LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua' LUA_CPATH='$(CURDIR)/$(OUT)/?.so' \
	  $(INTERPRETER) examples/demo.lua $(ARGS)

# ---- testing ---------------------------------------------------------------------------------------------------------

.PHONY: test test-lua test-c test-hosts test-cli lint
# All is built before anything runs, so that no compiler slows down a test.
build_suites = $(foreach suite,$(SUITES),$(MAKE) $(1) $(call suite_settings,$(suite)) &&) true
# The tests in real servers are themselves run by 5.4.
build_hosts  = $(MAKE) build LUA=5.4 VARIANT=plain && $(foreach host,$(HOSTS),$(MAKE) build-$(host) &&) true
# One of them tries the command with Lua 5.1, too.
build_cli    = $(MAKE) build LUA=$(CLI_LUA) VARIANT=plain && $(MAKE) build LUA=5.1 VARIANT=plain

# FILES=spec/client/x_spec.lua runs only these specs, without the tests of C and those in real servers.
test:
	@$(MAKE) deps
	+@$(call build_suites,build $(if $(FILES),,build-c))
	+@$(if $(FILES),true,$(build_hosts) && $(build_cli))
	+@spec/run $(SUITES) -- $(FILES)

test-lua:
	+@$(call build_suites,build)
	+@TESTS=lua spec/run $(SUITES) -- $(FILES)

test-hosts:
	@$(MAKE) deps
	+@$(build_hosts)
	+@TESTS=hosts spec/run

test-cli:
	@$(MAKE) deps
	+@$(build_cli)
	+@TESTS=cli spec/run

# They define test-c, test-threads and fuzz.
-include spec/c/tests.mk spec/c/threads.mk spec/fuzz/fuzz.mk

# It defines reference, check-reference and annotations.
-include doc/reference.mk

# Everything in C with one compiler for one Lua, in a folder of its own so that no two compilers' objects mix.
build_strictly = $(MAKE) CC=$(1) LUA=$(2) WERROR=1 OUT=build/lint-$(1)-$(2) build build-c &&

# ctuuninitvar takes the address of what a function fills in for a use of it.
lint:
	+@$(foreach lua,$(TEST_LUAS),$(call build_strictly,gcc,$(lua)) $(call build_strictly,clang,$(lua))) true
	$(SAY) LINT 'Lua files'
	$(Q)luacheck --quiet --no-color lua spec bin/exotel $(wildcard examples bench doc) rockspec/*.rockspec
	$(SAY) LINT 'C files'
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	  --suppress=ctuuninitvar -Icsrc csrc
	@$(MAKE) check-reference

# ---- installing ------------------------------------------------------------------------------------------------------

# What belongs to the sandbox, and to the command, is installed apart.
LUA_SRC         := $(sort $(shell cd lua && find exotel -name '*.lua'))
SANDBOX_LUA_SRC := $(filter exotel/sandbox.lua exotel/sandbox/%,$(LUA_SRC))
CLI_LUA_SRC     := $(filter exotel/cli.lua exotel/cli/%,$(LUA_SRC))
CORE_LUA_SRC    := $(filter-out $(SANDBOX_LUA_SRC) $(CLI_LUA_SRC),$(LUA_SRC))
INSTALL_LUA      = for file in $(1); do install -D -m 644 lua/$$file '$(SHARE_DIR)'/$$file || exit 1; done

.PHONY: install install-sandbox install-cli install-cli-lua clean help
install:
	@$(MAKE) core
	$(SAY) COPY 'exotel to $(SHARE_DIR) and $(LIB_DIR)'
	$(Q)$(call INSTALL_LUA,$(CORE_LUA_SRC))
	$(Q)install -D -m 755 $(CORE) '$(LIB_DIR)/exotel/core.so'

install-sandbox:
	@$(MAKE) sandbox
	$(SAY) COPY 'exotel.sandbox to $(SHARE_DIR) and $(LIB_DIR)'
	$(Q)$(call INSTALL_LUA,$(SANDBOX_LUA_SRC))
	$(Q)install -D -m 755 $(SANDBOX) '$(LIB_DIR)/exotel/sandbox/server.so'

install-cli-lua:
	$(SAY) COPY 'exotel.cli to $(SHARE_DIR)'
	$(Q)$(call INSTALL_LUA,$(CLI_LUA_SRC))

# The manual page and the completion scripts are what the command itself prints.
SAY_CLI = LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(OUT)/?.so;;' $(INTERPRETER) bin/exotel
CLI_DIR = $(DESTDIR)$(PREFIX)
install-cli:
	@$(UNSET_LUA) $(INTERPRETER) -e 'require "argparse" require "posix.signal"' 2>/dev/null || { echo >&2 \
	  'The command needs argparse and luaposix for $(INTERPRETER).' \
	  'On Debian 12: apt-get install lua-argparse lua-posix, and LUA=5.3.'; exit 1; }
	@$(MAKE) core
	@$(MAKE) install-cli-lua
	$(SAY) COPY 'exotel to $(CLI_DIR)'
	$(Q)mkdir -p '$(CLI_DIR)/bin' '$(CLI_DIR)/share/man/man1' '$(CLI_DIR)/share/bash-completion/completions' \
	  '$(CLI_DIR)/share/zsh/site-functions'
	$(Q)sed '1s,.*,#!/usr/bin/env $(INTERPRETER),' bin/exotel >'$(CLI_DIR)/bin/exotel' && chmod 755 '$(CLI_DIR)/bin/exotel'
	$(Q)$(UNSET_LUA) $(SAY_CLI) man >'$(CLI_DIR)/share/man/man1/exotel.1'
	$(Q)$(UNSET_LUA) $(SAY_CLI) completion bash >'$(CLI_DIR)/share/bash-completion/completions/exotel'
	$(Q)$(UNSET_LUA) $(SAY_CLI) completion zsh >'$(CLI_DIR)/share/zsh/site-functions/_exotel'

clean:
	$(Q)rm -rf build

define HELP
  make demo             the main job against the sandbox: installs what is missing, builds, runs
  make test             installs what is missing, builds, runs all tests on all Luas, plain and with sanitizers
  make test LUA=... VARIANT=... FILES=...   on one Lua, one variant, only these specs
  make test-lua, test-c the specs, the tests of C
  make test-threads     clients on two threads under ThreadSanitizer
  make fuzz             every fuzz target for FUZZ_SECONDS (20)
  make test-hosts       the tests in real servers: $(HOSTS)
  make test-cli         the tests of the command exotel
  make lint             all warnings as errors (gcc, clang), luacheck, cppcheck, check-reference
  make reference        a page for every module and operation, into build/reference
  make annotations      what editors complete from (doc/luals), after a change of comments or operations
  make check-reference  every public function has a comment that is true, and the annotations are up to date
  make build            the C parts, into build/
  make deps             installs the Debian packages that building and testing need
  make install          into PREFIX ($(PREFIX)), under DESTDIR where given; install-sandbox for the sandbox, install-cli for the command
  make clean            removes build/

  LUA=$(LUA)               the Lua to build for: 5.4, 5.3, 5.2, 5.1 or jit
  CURL=gnutls           links libcurl's build on GnuTLS: for Kamailio with its tls module
  VARIANT=$(VARIANT)         or asan: with AddressSanitizer and UndefinedBehaviorSanitizer
  CC, CFLAGS, WERROR=1  the compiler, flags to add, warnings as errors
  V=1                   shows every command
endef

help:
	$(info $(HELP))
	@:
