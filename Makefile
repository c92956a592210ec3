# Builds and tests exotel. `make help` lists what there is.
#
# LUA      the Lua to build for (5.4)
# VARIANT  plain, or asan for AddressSanitizer with UndefinedBehaviorSanitizer
# CC       gcc or clang
# WERROR   1 makes warnings errors, as CI does

LUA     ?= 5.4
VARIANT ?= plain
WERROR  ?= 0
PC      := pkg-config

OUT := build/lua$(LUA)-$(VARIANT)

WARN   := -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion
ifeq ($(WERROR),1)
WARN   += -Werror
endif
OPT_plain := -O2 -g
OPT_asan  := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
OPT    := $(OPT_$(VARIANT))
CFLAGS ?=
ALL_CFLAGS = $(WARN) $(OPT) -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -fPIC -Icsrc $(LUA_CFLAGS) $(CFLAGS)

# Looked up when a recipe needs them, so that `make deps` runs before they are installed.
LUA_CFLAGS      = $(shell $(PC) --cflags lua$(LUA))
CORE_LIBS       = $(shell $(PC) --libs libcurl libcjson)
SANDBOX_LIBS    = $(shell $(PC) --libs libmicrohttpd gnutls libcjson) -lpthread

CORE_SRC    := $(sort $(wildcard csrc/exotel/*.c csrc/lua/*.c))
SANDBOX_SRC := $(sort $(wildcard csrc/sandbox/*.c))
CORE_OBJ    := $(CORE_SRC:csrc/%.c=$(OUT)/obj/%.o)
SANDBOX_OBJ := $(SANDBOX_SRC:csrc/%.c=$(OUT)/obj/%.o)
CORE        := $(OUT)/exotel/core.so
SANDBOX     := $(OUT)/exotel/sandbox/server.so

.PHONY: build clean
build: $(CORE) $(SANDBOX)

$(CORE): $(CORE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(OPT) -shared -Wl,-z,nodelete -o $@ $^ $(CORE_LIBS)

$(SANDBOX): $(SANDBOX_OBJ)
	@mkdir -p $(@D)
	$(CC) $(OPT) -shared -Wl,-z,nodelete -o $@ $^ $(SANDBOX_LIBS)

$(OUT)/obj/%.o: csrc/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(CORE_OBJ:.o=.d) $(SANDBOX_OBJ:.o=.d)

clean:
	rm -rf build
