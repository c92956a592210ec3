# Clients on several threads, the one of a notifier, and readers of a directory, under ThreadSanitizer. Included by
# spec/tests.mk.

.PHONY: build-threads test-threads
ifneq ($(VARIANT),tsan)
# The sandbox is the plain build's.
build-threads test-threads:
	+@$(MAKE) sandbox VARIANT=plain
	+@$(MAKE) $@ VARIANT=tsan
else
build-threads: $(OUT)/threads $(C_OUT)/c/test_notifier $(C_OUT)/c/test_directory_reader

$(OUT)/threads: $(OBJ)/spec/c/threads.o $(OBJ)/spec/c/servers.o $(BINDING_OBJ) $(LIBRARY)
	$(SAY) LD $@
	$(Q)$(CC) $(OPT) -o $@ $^ $(CORE_LIBS) $(shell $(PC) --libs lua$(LUA)) -lpthread -lm

test-threads: $(OUT)/threads $(C_OUT)/c/test_notifier $(C_OUT)/c/test_directory_reader
	$(Q)TSAN_OPTIONS=halt_on_error=1 $< $(BUILD)/lua$(LUA)-plain
	$(Q)TSAN_OPTIONS=halt_on_error=1:die_after_fork=0 $(C_OUT)/c/test_notifier
	$(Q)TSAN_OPTIONS=halt_on_error=1 $(C_OUT)/c/test_directory_reader
endif
