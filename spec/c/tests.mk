# Tests of the C core and of the binding: one runner a subject, built with cmocka. Included by the Makefile.

C_OUT     := $(OUT)/c
C_RUNNERS := $(patsubst spec/c/%.c,$(C_OUT)/%,$(sort $(wildcard spec/c/test_*.c)))
C_LIBS     = $(CORE_LIBS) $(shell $(PC) --libs cmocka lua$(LUA)) -lm

# What the sanitizers must do; nothing for the plain build.
C_ENV_asan := ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
C_ENV      := $(C_ENV_$(VARIANT))

$(C_OUT)/%.o: spec/c/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Ispec/c -MMD -MP -c -o $@ $<

$(C_OUT)/test_%: $(C_OUT)/test_%.o $(C_OUT)/support.o $(CORE_OBJ)
	$(SAY) LD $@
	$(Q)$(CC) $(OPT) -o $@ $^ $(C_LIBS)

# Those that talk to a real server.
$(C_OUT)/test_fork $(C_OUT)/test_host $(C_OUT)/test_memory_curl $(C_OUT)/test_watching: $(C_OUT)/servers.o | $(SANDBOX)

# Puts functions of its own before the system's.
$(C_OUT)/test_watching: C_LIBS += -Wl,--wrap=epoll_create1,--wrap=epoll_ctl,--wrap=clock_gettime

.PRECIOUS: $(C_OUT)/%.o
-include $(wildcard $(C_OUT)/*.d)

.PHONY: build-c test-c
build-c: $(C_RUNNERS)
	@:

# All of them run, whichever fails.
test-c: $(C_RUNNERS)
	@failed=; for runner in $(C_RUNNERS); do $(C_ENV) $$runner || failed="$$failed $$runner"; done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi
