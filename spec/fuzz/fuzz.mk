# Fuzzing with libFuzzer (clang), AddressSanitizer and UndefinedBehaviorSanitizer. Included by the Makefile.
#
#   make fuzz                     every target for 20 seconds
#   make fuzz FUZZ_SECONDS=600    for as long as asked; 0: only what is in the corpus
#   make fuzz-envelope            one target
#
# Inputs that reach new code are kept in build/fuzz/found, those that fail in build/fuzz/failed: nothing is written to
# the repository. A failure becomes a file in spec/fuzz/corpus and a test of what was wrong.

FUZZ_SECONDS ?= 20
FUZZ_CC      ?= clang
FUZZ_NAMES   := envelope words validate request
FUZZ_OUT     := build/fuzz
FUZZ_OBJ     := $(patsubst csrc/%.c,$(FUZZ_OUT)/obj/%.o,$(sort $(wildcard csrc/exotel/*/*.c))) $(FUZZ_OUT)/obj/fuzz/fuzz.o
FUZZ_OPT     := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=undefined -fsanitize=address,undefined
FUZZ_CFLAGS   = $(WARN) $(FUZZ_OPT) -fsanitize=fuzzer-no-link -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Icsrc -Ispec/fuzz
FUZZ_LIMITS   = -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
FUZZ_HOW_LONG = $(if $(filter 0,$(FUZZ_SECONDS)),-runs=0,-max_total_time=$(FUZZ_SECONDS))

$(FUZZ_OUT)/obj/fuzz/%.o: spec/fuzz/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_OUT)/obj/%.o: csrc/%.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_NAMES:%=$(FUZZ_OUT)/%): $(FUZZ_OUT)/%: $(FUZZ_OUT)/obj/fuzz/%.o $(FUZZ_OBJ)
	$(SAY) LD $@
	$(Q)$(FUZZ_CC) $(FUZZ_OPT) -fsanitize=fuzzer -o $@ $^ $(CORE_LIBS) -lm

.PRECIOUS: $(FUZZ_OUT)/obj/%.o $(FUZZ_OUT)/obj/fuzz/%.o
-include $(wildcard $(FUZZ_OUT)/obj/*/*.d $(FUZZ_OUT)/obj/*/*/*.d)

.PHONY: fuzz $(FUZZ_NAMES:%=fuzz-%)
fuzz: $(FUZZ_NAMES:%=fuzz-%)

# The log is shown only when something was found.
$(FUZZ_NAMES:%=fuzz-%): fuzz-%: $(FUZZ_OUT)/%
	$(Q)mkdir -p $(FUZZ_OUT)/found/$* $(FUZZ_OUT)/failed
	$(Q)UBSAN_OPTIONS=print_stacktrace=1 $< $(FUZZ_LIMITS) $(FUZZ_HOW_LONG) -dict=spec/fuzz/$*.dict \
	  -artifact_prefix=$(FUZZ_OUT)/failed/$*- $(FUZZ_OUT)/found/$* spec/fuzz/corpus/$* >$(FUZZ_OUT)/$*.log 2>&1 \
	  || { tail -n 40 $(FUZZ_OUT)/$*.log; exit 1; }
	$(Q)printf '  FUZZ %s: %s executions, nothing found\n' $* "$$(sed -n 's/^stat::number_of_executed_units: *//p' $(FUZZ_OUT)/$*.log)"
