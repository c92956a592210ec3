# Builds and installs exotel; spec/tests.mk tests it. `make help` lists the targets.

# A LUA_PATH_5_4 in the user's environment would win over LUA_PATH.
UNSET_LUA := env -u LUA_INIT $(foreach v,2 3 4 5,-u LUA_INIT_5_$(v) -u LUA_PATH_5_$(v) -u LUA_CPATH_5_$(v))

# With install-cli, unless LUA is given: the first Lua that has what the command needs where it looks by itself.
ALONE   := $(UNSET_LUA) -u LUA_PATH -u LUA_CPATH
CAN_RUN := -e 'require "argparse" require "posix.signal"' >/dev/null 2>&1
ifneq ($(filter install-cli,$(MAKECMDGOALS)),)
able     = $(shell $(ALONE) lua$(1) $(CAN_RUN) && echo $(1))
LUA     ?= $(firstword $(foreach v,5.4 5.5 5.3 5.2 5.1 jit,$(call able,$(v))) 5.4)
export LUA
endif
LUA      ?= 5.4
VARIANT  ?= plain
WERROR   ?= 0
V        ?= 0
PREFIX   ?= /usr/local
PC       := pkg-config
# CURL=gnutls links the libcurl on GnuTLS, which Debian has beside the one on OpenSSL. The headers are the same.
CURL     ?=
ifneq ($(filter-out gnutls,$(CURL)),)
$(error CURL=$(CURL) is not known: leave it out, or take gnutls)
endif
INTERPRETER := lua$(LUA)

# EXO_WITHOUT_EPOLL=1 builds as for a system that has no epoll.
EXO_WITHOUT_EPOLL ?=
WITHOUT_EPOLL     := $(filter-out 0,$(EXO_WITHOUT_EPOLL))

# What includes no lua.h is compiled once for all Luas, into a folder of its own.
BUILD := build
KIND  := $(VARIANT)$(if $(WITHOUT_EPOLL),-without-epoll)
C_OUT := $(BUILD)/c-$(KIND)
# Which libcurl is a matter of linking.
OBJ   := $(BUILD)/lua$(LUA)-$(KIND)
OUT   := $(OBJ)$(if $(CURL),-$(CURL))

# Where `make install` puts things: LuaJIT looks where Lua 5.1 does.
LUA_VERSION := $(subst jit,5.1,$(LUA))
SHARE_DIR   := $(DESTDIR)$(PREFIX)/share/lua/$(LUA_VERSION)
LIB_DIR     := $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_VERSION)

# Builds that share files are lines of one recipe, so they never run at the same time and using all cores is safe.
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
SANITIZED := -O1 -g -fno-omit-frame-pointer
OPT_plain := -O2 -g
OPT_asan  := $(SANITIZED) -fsanitize=address,undefined -fno-sanitize-recover=undefined
OPT_tsan  := $(SANITIZED) -fsanitize=thread
OPT_fuzz  := $(OPT_asan) -fsanitize=fuzzer-no-link
# As for the oldest libcurl and a system without epoll: what stands in for them is tested with these.
OPT_portable := $(OPT_plain) -DEXO_OLD_LIBCURL=1 -DEXO_WITHOUT_EPOLL=1
OPT       := $(OPT_$(VARIANT)) $(if $(WITHOUT_EPOLL),-DEXO_WITHOUT_EPOLL=1)
CFLAGS    ?=
# A module exports only what EXO_EXPORT marks (csrc/lua/compat.h): no other name of ours can clash with one of a host.
ALL_CFLAGS = $(WARN) $(OPT) -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -fPIC -fvisibility=hidden -Icsrc $(CFLAGS)

# Never unloaded: a sanitizer's report at the end still has to name what is in it.
LDFLAGS ?=
SHARED   = -shared -Wl,-z,nodelete $(LDFLAGS)

# Looked up when a recipe needs them, so that `make deps` runs before they are installed.
LUA_CFLAGS   = $(shell $(PC) --cflags lua$(LUA))
CJSON_LIBS   = $(shell $(PC) --libs libcjson)
CARES_LIBS   = $(shell $(PC) --libs libcares)
CURL_LIBS    = $(shell $(PC) --libs libcurl)
# By its file's name: the -dev packages of the two libraries exclude each other.
CURL_LIBS_gnutls = -l:libcurl-gnutls.so.4
CORE_LIBS    = $(if $(CURL),$(CURL_LIBS_$(CURL)),$(CURL_LIBS)) $(CJSON_LIBS) -lpthread
SIP_LIBS     = $(CARES_LIBS) -lm -lpthread
SANDBOX_LIBS = $(shell $(PC) --libs libmicrohttpd gnutls) -lpthread

# ---- building --------------------------------------------------------------------------------------------------------

# The client in C, which knows no Lua; its binding to Lua; what only exotel.sip loads; the sandbox.
LIBRARY_OBJ := $(patsubst %.c,$(C_OUT)/%.o,$(sort $(wildcard csrc/exotel/*/*.c)))
BINDING_OBJ := $(patsubst %.c,$(OBJ)/%.o,$(sort $(wildcard csrc/lua/*.c)))
SIP_OBJ     := $(patsubst %.c,$(OBJ)/%.o,$(sort $(wildcard csrc/lua/sip/*.c)) \
  csrc/lua/fields.c csrc/lua/socket.c csrc/lua/version_check.c)
SANDBOX_OBJ := $(patsubst %.c,$(OBJ)/%.o,$(sort $(wildcard csrc/sandbox/*.c)) csrc/lua/version_check.c)
LIBRARY     := $(C_OUT)/libexotel.a
CORE        := $(OUT)/exotel/core.so
SIP         := $(OUT)/exotel/sip/core.so
SANDBOX     := $(OUT)/exotel/sandbox/server.so

.PHONY: build build-shared core sandbox
build: core sandbox
build-shared: $(LIBRARY)
core: $(CORE) $(SIP)
sandbox: $(SANDBOX)

# Recreated each time: ar would keep objects whose source is gone.
$(LIBRARY): $(LIBRARY_OBJ)
	$(SAY) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(CORE): $(BINDING_OBJ) $(LIBRARY)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(SHARED) -o $@ $^ $(CORE_LIBS)

$(SIP): $(SIP_OBJ) $(LIBRARY)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(SHARED) -o $@ $^ $(SIP_LIBS)

$(SANDBOX): $(SANDBOX_OBJ)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(SHARED) -o $@ $^ $(SANDBOX_LIBS)

$(LIBRARY_OBJ) $(BINDING_OBJ) $(SIP_OBJ) $(SANDBOX_OBJ): | check-deps

define COMPILE
$(SAY) CC $<
$(Q)mkdir -p $(@D)
$(Q)$(CC) $(ALL_CFLAGS) $(1) -MMD -MP -c -o $@ $<
endef

# The Makefile holds the flags.
$(C_OUT)/%.o: %.c Makefile
	$(call COMPILE)

$(OBJ)/%.o: %.c Makefile
	$(call COMPILE,$(LUA_CFLAGS))

-include $(shell find $(C_OUT) $(OBJ) -name '*.d' 2>/dev/null)

# ---- dependencies ----------------------------------------------------------------------------------------------------

CHECK_DEPS   := LUA=$(LUA) CURL=$(CURL) bin/install-deps --check
INSTALL_DEPS := LUA=$(LUA) CURL=$(CURL) bin/install-deps

.PHONY: deps-build check-deps
check-deps:
	@$(CHECK_DEPS) $(or $(filter core sandbox,$(MAKECMDGOALS)),core sandbox)

deps-build:
	@$(INSTALL_DEPS) core sandbox

# ---- running it ------------------------------------------------------------------------------------------------------

LUA_FILES := $(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua
WITH_TREE  = $(UNSET_LUA) LUA_PATH='$(LUA_FILES)' LUA_CPATH='$(CURDIR)/$(OUT)/?.so'

.PHONY: demo
demo:
	@$(MAKE) deps-build
	@$(MAKE) build
	@$(WITH_TREE) $(INTERPRETER) examples/demo.lua $(ARGS)

# ---- testing and documents -------------------------------------------------------------------------------------------

# They define check, test, test-..., lint, fuzz and deps; reference, check-reference and annotations; dist and deb.
-include spec/tests.mk doc/reference.mk packaging/packaging.mk

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
	$(Q)install -D -m 755 $(SIP) '$(LIB_DIR)/exotel/sip/core.so'

install-sandbox:
	@$(MAKE) sandbox
	$(SAY) COPY 'exotel.sandbox to $(SHARE_DIR) and $(LIB_DIR)'
	$(Q)$(call INSTALL_LUA,$(SANDBOX_LUA_SRC))
	$(Q)install -D -m 755 $(SANDBOX) '$(LIB_DIR)/exotel/sandbox/server.so'

install-cli-lua:
	$(SAY) COPY 'exotel.cli to $(SHARE_DIR)'
	$(Q)$(call INSTALL_LUA,$(CLI_LUA_SRC))

# The installed command finds its modules whatever LUA_PATH, LUA_CPATH and LUA_INIT say: -E ignores them, and where
# there is no -E, in 5.1, Lua's default paths are written into it.
INSTALLED  = $(if $(filter /%,$(PREFIX)),,$(CURDIR)/)$(PREFIX)
OWN_PATH   = $(INSTALLED)/share/lua/$(LUA_VERSION)/?.lua;$(INSTALLED)/share/lua/$(LUA_VERSION)/?/init.lua
OWN_CPATH  = $(INSTALLED)/lib/lua/$(LUA_VERSION)/?.so
FIRST_LINE = $(if $(filter 5.1,$(LUA)),/usr/bin/env -S -u LUA_INIT $(INTERPRETER),$(shell command -v $(INTERPRETER)) -E)
SET_PATHS  = io.write("package.path = [[$(OWN_PATH);", package.path, "]]\n", \
  "package.cpath = [[$(OWN_CPATH);", package.cpath, "]]\n")

# The manual page and the completion scripts are what the command itself prints.
SAY_CLI = $(UNSET_LUA) LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(OUT)/?.so;;' $(INTERPRETER) bin/exotel
CLI_DIR = $(DESTDIR)$(PREFIX)
ifneq ($(findstring ',$(PREFIX)$(DESTDIR)),)
$(error PREFIX and DESTDIR may hold anything but an apostrophe)
endif
ZSH_FUNCTIONS := site-functions
install-cli:
	@$(ALONE) $(INTERPRETER) $(CAN_RUN) || { echo >&2 \
	  'The command needs argparse and luaposix for $(INTERPRETER).' \
	  'On Debian: apt-get install lua-argparse lua-posix (for Lua 5.4 from Debian 13 on; for 5.3 also in 12).'; exit 1; }
	@$(MAKE) core
	@$(MAKE) install-cli-lua
	$(SAY) COPY 'exotel to $(CLI_DIR)'
	$(Q)mkdir -p '$(CLI_DIR)/bin' '$(CLI_DIR)/share/man/man1' '$(CLI_DIR)/share/bash-completion/completions' \
	  '$(CLI_DIR)/share/zsh/$(ZSH_FUNCTIONS)' '$(CLI_DIR)/share/fish/vendor_completions.d'
	$(Q){ echo '#!$(FIRST_LINE)'; $(ALONE) $(INTERPRETER) -e '$(SET_PATHS)'; tail -n +2 bin/exotel; } \
	  >'$(CLI_DIR)/bin/exotel'
	$(Q)chmod 755 '$(CLI_DIR)/bin/exotel'
	$(Q)$(SAY_CLI) man >'$(CLI_DIR)/share/man/man1/exotel.1'
	$(Q)$(SAY_CLI) completion bash >'$(CLI_DIR)/share/bash-completion/completions/exotel'
	$(Q)$(SAY_CLI) completion zsh >'$(CLI_DIR)/share/zsh/$(ZSH_FUNCTIONS)/_exotel'
	$(Q)$(SAY_CLI) completion fish >'$(CLI_DIR)/share/fish/vendor_completions.d/exotel.fish'
	@[ -n '$(DESTDIR)' ] || [ -e '$(LIB_DIR)/exotel/core.so' ] || \
	  echo 'The library is not there yet: make install LUA=$(LUA) PREFIX=$(PREFIX)'

clean:
	$(Q)rm -rf build

define HELP
  make demo             the main job against the sandbox: installs what is missing, builds, runs
  make check            while you work: lints what you changed, runs all tests but the long ones, on one Lua
  make test             installs what is missing, builds, runs all tests on all Luas, plain and with sanitizers
  make test LUA=... VARIANT=... FILES=...   on one Lua, one variant, only these specs
  make test-lua, test-c the specs, the tests of C
  make test-threads     clients on two threads under ThreadSanitizer
  make fuzz             every fuzz target for FUZZ_SECONDS (20)
  make test-hosts       the tests in real servers: $(HOSTS)
  make test-cli         the tests of the command exotel
  make releases         builds and tests on other releases of Debian, each in a system of its own (as root): a table
  make lint             all warnings as errors (gcc, clang), all linters (spec/lint), check-reference
  make reference        a page for every module and operation, into build/reference
  make site             guides, manual, reference and changelog as one site, into build/site
  make annotations      what editors complete from (doc/luals), after a change of comments or operations
  make check-reference  every public function has a comment that is true, and the annotations are up to date
  make mutants ONLY=...  small wrong changes (spec/mutants), each of which a test has to notice: a score, by hand
  make check-mutants    the lists of these changes still fit the code
  make bench            what calls cost, beside the same in plain C and others: ratios (bench/README.md)
  make build            the C parts, into build/
  make deps             installs the Debian packages that building and testing need
  make install          into PREFIX ($(PREFIX)), under DESTDIR where given
  make install-sandbox, install-cli   the sandbox, the command
  make dist             the source as a tarball, and rocks of it, into build/dist
  make deb              Debian packages, into build/deb
  make clean            removes build/

  LUA=$(LUA)               the Lua to build for: 5.5, 5.4, 5.3, 5.2, 5.1 or jit
  CURL=gnutls           links libcurl's build on GnuTLS: for Kamailio with its tls module
  VARIANT=$(VARIANT)         or asan: with AddressSanitizer and UndefinedBehaviorSanitizer
  EXO_WITHOUT_EPOLL=1   as for a system without epoll, which this is decided for by itself elsewhere
  CC, CFLAGS, WERROR=1  the compiler, flags to add, warnings as errors
  V=1                   shows every command
endef

help:
	$(info $(HELP))
	@:
