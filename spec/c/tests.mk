# Tests of the library in C and of its binding: one runner a subject, built with cmocka. Included by spec/tests.mk.

# The tests of the binding differ between the Luas. Others only talk to the sandbox, which needs Lua, in another
# process; the rest needs none.
C_TESTS   := $(patsubst spec/c/%.c,%,$(sort $(wildcard spec/c/test_*.c)))
OF_LUA    := test_binding test_finalizers
NEED_LUA  := $(OF_LUA) test_fork test_host test_memory_curl test_setup test_watching
# Those that take seconds run last.
C_SLOW    := test_simulation test_finalizers test_fork test_binding
C_ORDER   := $(filter-out $(C_SLOW),$(C_TESTS)) $(C_SLOW)
C_RUNNERS := $(foreach t,$(C_ORDER),$(if $(filter $(t),$(NEED_LUA)),$(OUT),$(C_OUT))/c/$(t))
C_LIBS     = $(CJSON_LIBS) $(shell $(PC) --libs cmocka) -lm

# What the sanitizers must do; nothing for the plain build.
C_ENV_asan := ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
C_ENV      := $(C_ENV_$(VARIANT))

define LINK_RUNNER
$(SAY) LD $@
$(Q)mkdir -p $(@D)
$(Q)$(CC) $(OPT) -o $@ $^ $(C_LIBS)
endef

$(filter $(C_OUT)/%,$(C_RUNNERS)): $(C_OUT)/c/%: $(C_OUT)/spec/c/%.o $(C_OUT)/spec/c/support.o $(LIBRARY)
	$(LINK_RUNNER)

# Only these are linked with libcurl: nothing but the transport and engine/open needs it.
$(C_OUT)/c/test_memory $(C_OUT)/c/test_response $(C_OUT)/c/test_wipe: C_LIBS += $(CORE_LIBS)
$(filter $(OUT)/%,$(C_RUNNERS)): C_LIBS += $(CORE_LIBS) $(shell $(PC) --libs lua$(LUA))
$(filter $(OUT)/%,$(C_RUNNERS)): $(OUT)/c/%: $(OBJ)/spec/c/%.o $(OBJ)/spec/c/servers.o $(C_OUT)/spec/c/support.o \
  $(BINDING_OBJ) $(LIBRARY) | $(SANDBOX)
	$(LINK_RUNNER)

# They put functions of their own before the system's, and libcurl's.
$(C_OUT)/c/test_json: C_LIBS += -Wl,--wrap=localeconv,--wrap=strtod
$(C_OUT)/c/test_file: C_LIBS += -Wl,--wrap=fsync,--wrap=rename,--wrap=flock
$(C_OUT)/c/test_shared_file: C_LIBS += -Wl,--wrap=pwrite,--wrap=pread,--wrap=flock,--wrap=nanosleep
$(C_OUT)/c/test_process_id: C_LIBS += -Wl,--wrap=madvise,--wrap=getpid
$(C_OUT)/c/test_directory_reader: C_LIBS += -Wl,--wrap=clock_gettime -lpthread
$(OUT)/c/test_setup: C_LIBS += -Wl,--wrap=curl_easy_setopt
$(OUT)/c/test_watching: C_LIBS += -Wl,--wrap=epoll_create1,--wrap=epoll_ctl,--wrap=clock_gettime

# What specs load, and preload in programs of their own.
SPEC_MODULES := $(OUT)/spec/process.so $(OUT)/spec/slow_dns.so $(OUT)/spec/no_ipv6.so $(OUT)/spec/fast_clock.so
$(SPEC_MODULES): $(OUT)/spec/%.so: $(OBJ)/spec/c/%.o
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) $(SHARED) -o $@ $^ -ldl

.PHONY: build-modules build-modules-shared
build-modules: $(SPEC_MODULES)
build-modules-shared:

.PHONY: build-c build-c-shared test-c test-c-lua
build-c: $(C_RUNNERS)
	@:

build-c-shared: $(filter $(C_OUT)/%,$(C_RUNNERS))
	@:

# All of them run, whichever fails, unless FIRST_ONLY=1; one that hangs is ended.
C_SECONDS ?= 120
run_each = failed=; for runner in $(1); do $(C_ENV) timeout --kill-after=10 $(C_SECONDS) \
  $$runner || { failed="$$failed $$runner"; $(if $(FIRST_ONLY),break;) }; done; \
  if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

test-c: $(C_RUNNERS)
	@$(call run_each,$^)

# Those that differ between the Luas.
test-c-lua: $(OF_LUA:%=$(OUT)/c/%)
	@$(call run_each,$^)
