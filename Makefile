# Builds, tests and installs exotel. `make help` lists the targets.

LUA      ?= 5.4
VARIANT  ?= plain
VARIANTS ?= plain asan
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

ifneq ($(filter-out gnutls,$(CURL)),)
$(error CURL=$(CURL) is not known: leave it out, or take gnutls)
endif

# Targets order their steps by recipe lines, never by prerequisites, so building with all cores is safe.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
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
ALL_CFLAGS = $(WARN) $(OPT) -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -fPIC -Icsrc $(LUA_CFLAGS) $(CFLAGS)

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

CORE_SRC    := $(sort $(wildcard csrc/exotel/*.c csrc/lua/*.c))
SANDBOX_SRC := $(sort $(wildcard csrc/sandbox/*.c))
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

$(OUT)/obj/%.o: csrc/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(CORE_OBJ:.o=.d) $(SANDBOX_OBJ:.o=.d)

# ---- dependencies ----------------------------------------------------------------------------------------------------

CHECK_DEPS   := LUA=$(LUA) CURL=$(CURL) bin/install-deps --check
INSTALL_DEPS := LUA=$(LUA) CURL=$(CURL) bin/install-deps

.PHONY: deps deps-build check-deps
check-deps:
	@$(CHECK_DEPS) $(or $(filter core sandbox,$(MAKECMDGOALS)),core sandbox)

deps-build:
	@$(INSTALL_DEPS) core sandbox

deps:
	@$(INSTALL_DEPS) core sandbox test

# ---- running it ------------------------------------------------------------------------------------------------------

.PHONY: demo
# env: a LUA_PATH_5_4 in the user's environment would win over LUA_PATH.
demo:
	@$(MAKE) deps-build
	@$(MAKE) build
	@env -u LUA_INIT -u LUA_INIT_5_4 -u LUA_PATH_5_4 -u LUA_CPATH_5_4 \
	  LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua' LUA_CPATH='$(CURDIR)/$(OUT)/?.so' \
	  $(INTERPRETER) examples/demo.lua $(ARGS)

# ---- testing ---------------------------------------------------------------------------------------------------------

.PHONY: test test-lua test-c lint
# FILES=spec/x_spec.lua runs only these specs, without the tests of C.
test:
	@$(MAKE) deps
	@$(foreach variant,$(VARIANTS),$(MAKE) build VARIANT=$(variant) &&) true
	+@LUA=$(LUA) spec/run $(VARIANTS) -- $(FILES)

test-lua:
	@$(foreach variant,$(VARIANTS),$(MAKE) build VARIANT=$(variant) &&) true
	+@LUA=$(LUA) TESTS=lua spec/run $(VARIANTS) -- $(FILES)

# Defines test-c.
-include spec/c/tests.mk

# Everything in C with one compiler, in a folder of its own so that no two compilers' objects mix.
build_strictly = $(MAKE) CC=$(1) WERROR=1 OUT=build/lint-$(1) build $(C_RUNNERS:$(OUT)/%=build/lint-$(1)/%)

# ctuuninitvar takes the address of what a function fills in for a use of it.
lint:
	+@$(call build_strictly,gcc)
	+@$(call build_strictly,clang)
	$(SAY) LINT 'Lua files'
	$(Q)luacheck --quiet --no-color lua spec $(wildcard examples bench) rockspec/*.rockspec
	$(SAY) LINT 'C files'
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	  --suppress=ctuuninitvar -Icsrc csrc

# ---- installing ------------------------------------------------------------------------------------------------------

# What belongs to the sandbox is installed apart.
LUA_SRC         := $(sort $(shell cd lua && find exotel -name '*.lua'))
SANDBOX_LUA_SRC := $(filter exotel/sandbox.lua exotel/sandbox/%,$(LUA_SRC))
CORE_LUA_SRC    := $(filter-out $(SANDBOX_LUA_SRC),$(LUA_SRC))
INSTALL_LUA      = for file in $(1); do install -D -m 644 lua/$$file '$(SHARE_DIR)'/$$file || exit 1; done

.PHONY: install install-sandbox clean help
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

clean:
	$(Q)rm -rf build

define HELP
  make demo             the main job against the sandbox: installs what is missing, builds, runs
  make test             installs what is missing, builds, runs all tests
  make test FILES=...   only these specs
  make test-lua, test-c the specs, the tests of C
  make lint             all warnings as errors (gcc, clang), luacheck, cppcheck
  make build            the C parts, into build/
  make deps             installs the Debian packages that building and testing need
  make install          into PREFIX ($(PREFIX)), under DESTDIR where given; install-sandbox for the sandbox
  make clean            removes build/

  LUA=$(LUA)               the Lua to build for: 5.4, 5.3, 5.1 or jit
  CURL=gnutls           links libcurl's build on GnuTLS: for Kamailio with its tls module
  VARIANT=$(VARIANT)         or asan: with AddressSanitizer and UndefinedBehaviorSanitizer
  VARIANTS="$(VARIANTS)" which ones to test
  CC, CFLAGS, WERROR=1  the compiler, flags to add, warnings as errors
  V=1                   shows every command
endef

help:
	$(info $(HELP))
	@:
