# Clients on several threads under ThreadSanitizer. Included by spec/tests.mk.

.PHONY: test-threads
ifneq ($(VARIANT),tsan)
# The sandbox is the plain build's.
test-threads:
	@$(MAKE) sandbox VARIANT=plain
	@$(MAKE) test-threads VARIANT=tsan
else
$(OUT)/threads: $(OUT)/spec/c/threads.o $(OUT)/spec/c/servers.o $(BINDING_OBJ) $(LIBRARY)
	$(SAY) LD $@
	$(Q)$(CC) $(OPT) -o $@ $^ $(CORE_LIBS) $(shell $(PC) --libs lua$(LUA)) -lpthread -lm

test-threads: $(OUT)/threads
	$(Q)TSAN_OPTIONS=halt_on_error=1 $< $(BUILD)/lua$(LUA)-plain
endif
