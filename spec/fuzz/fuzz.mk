# Fuzzing with libFuzzer (clang), AddressSanitizer and UndefinedBehaviorSanitizer. Included by spec/tests.mk.
#
#   make fuzz                     every target for 20 seconds
#   make fuzz FUZZ_SECONDS=600    for as long as asked; 0: only what is in the corpus
#   make fuzz-envelope            one target
#
# Inputs that reach new code are kept in build/fuzz/found, those that fail in build/fuzz/failed: nothing is written to
# the repository. A failure becomes a file in spec/fuzz/corpus and a test of what was wrong.

FUZZ_SECONDS ?= 20
FUZZ_CC      ?= clang
FUZZ_OUT     := $(BUILD)/fuzz
FUZZ_NAMES   := envelope words validate request directory sip_message
# Those that need Lua: LUA chooses which.
FUZZ_IN_LUA  := lua_file
FUZZ_TARGETS := $(FUZZ_NAMES:%=fuzz-%) $(FUZZ_IN_LUA:%=fuzz-%)

.PHONY: build-fuzz fuzz $(FUZZ_TARGETS)
ifneq ($(VARIANT),fuzz)
build-fuzz fuzz $(FUZZ_TARGETS):
	+@$(MAKE) $@ VARIANT=fuzz CC=$(FUZZ_CC)
else
fuzz: $(FUZZ_TARGETS)
build-fuzz: $(FUZZ_TARGETS:fuzz-%=$(FUZZ_OUT)/%)

FUZZ_LIMITS   = -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
FUZZ_HOW_LONG = $(if $(filter 0,$(FUZZ_SECONDS)),-runs=0,-max_total_time=$(FUZZ_SECONDS))

# Without libcurl: what is fuzzed does not need it. One target takes its URL parser to judge ours by.
FUZZ_LIBS             = $(CJSON_LIBS)
$(FUZZ_OUT)/request: FUZZ_LIBS += $(CURL_LIBS)

$(FUZZ_NAMES:%=$(FUZZ_OUT)/%): $(FUZZ_OUT)/%: $(C_OUT)/spec/fuzz/%.o $(C_OUT)/spec/fuzz/fuzz.o $(LIBRARY)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) -fsanitize=fuzzer -o $@ $^ $(FUZZ_LIBS) -lm

$(FUZZ_OUT)/lua_file: $(OBJ)/spec/fuzz/lua_file.o $(patsubst %,$(OBJ)/csrc/lua/lua_%.o,file data limits) $(LIBRARY)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OPT) -fsanitize=fuzzer -o $@ $^ $(shell $(PC) --libs lua$(LUA)) -lm

# No block that it asks for is larger.
FUZZ_LIMITS_lua_file := -malloc_limit_mb=2

# The log is shown only when something was found.
$(FUZZ_TARGETS): fuzz-%: $(FUZZ_OUT)/%
	$(Q)mkdir -p $(FUZZ_OUT)/found/$* $(FUZZ_OUT)/failed
	$(Q)UBSAN_OPTIONS=print_stacktrace=1 $< $(FUZZ_LIMITS) $(FUZZ_LIMITS_$*) $(FUZZ_HOW_LONG) -dict=spec/fuzz/$*.dict \
	  -artifact_prefix=$(FUZZ_OUT)/failed/$*- $(FUZZ_OUT)/found/$* spec/fuzz/corpus/$* >$(FUZZ_OUT)/$*.log 2>&1 \
	  || { tail -n 40 $(FUZZ_OUT)/$*.log; exit 1; }
	$(Q)count=$$(sed -n 's/^stat::number_of_executed_units: *//p' $(FUZZ_OUT)/$*.log); \
	  echo "  FUZZ $*: $$count executions, nothing found"
endif
