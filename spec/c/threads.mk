# Clients on several threads under ThreadSanitizer. Included by the Makefile.

THREADS_OUT    := build/lua$(LUA)-tsan
THREADS_OBJ    := $(CORE_SRC:csrc/%.c=$(THREADS_OUT)/obj/%.o) $(THREADS_OUT)/obj/spec/threads.o $(THREADS_OUT)/obj/spec/servers.o
THREADS_OPT    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
THREADS_CFLAGS  = $(WARN) $(THREADS_OPT) -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Icsrc -Ispec/c $(LUA_CFLAGS) $(CFLAGS)

$(THREADS_OUT)/obj/spec/%.o: spec/c/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(THREADS_CFLAGS) -MMD -MP -c -o $@ $<

$(THREADS_OUT)/obj/%.o: csrc/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(THREADS_CFLAGS) -MMD -MP -c -o $@ $<

$(THREADS_OUT)/threads: $(THREADS_OBJ)
	$(SAY) LD $@
	$(Q)$(CC) $(THREADS_OPT) -o $@ $^ $(CORE_LIBS) $(shell $(PC) --libs lua$(LUA)) -lpthread -lm

-include $(wildcard $(THREADS_OUT)/obj/*/*.d $(THREADS_OUT)/obj/*/*/*.d)

# The sandbox is the plain build's.
.PHONY: test-threads
test-threads: $(THREADS_OUT)/threads
	@$(MAKE) sandbox VARIANT=plain
	$(Q)TSAN_OPTIONS=halt_on_error=1 $(THREADS_OUT)/threads build/lua$(LUA)-plain
