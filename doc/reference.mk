# The reference (HTML, by ldoc) and the annotations for editors, both made from the source's comments and the C core's
# table of operations. Included by the Makefile.

REFERENCE       := build/reference
REFERENCE_WORK  := build/reference-source
REFERENCE_ITEMS := $(CURDIR)/build/reference-items.lua
ANNOTATIONS     := doc/luals/library

# This tree's modules, on the 5.4 that the tests are run by.
DOC_LUA := env LUA_PATH='lua/?.lua;lua/?/init.lua;?.lua;;' LUA_CPATH='build/lua5.4-plain/?.so;;' lua5.4
LDOC    := ldoc --config doc/config.ld --fatalwarnings

.PHONY: reference reference-items check-reference annotations
reference:
	@$(MAKE) reference-items
	$(SAY) LDOC $(REFERENCE)
	$(Q)rm -rf $(REFERENCE)
	$(Q)$(LDOC) --quiet --dir ../$(REFERENCE) . >build/ldoc.log
	$(Q)$(DOC_LUA) doc/tools/check.lua $(REFERENCE_ITEMS) $(REFERENCE)

# What the comments say, as data.
reference-items:
	@LUA=5.4 bin/install-deps core sandbox reference
	@$(MAKE) build LUA=5.4 VARIANT=plain
	$(Q)rm -rf $(REFERENCE_WORK)
	$(Q)mkdir -p $(REFERENCE_WORK)
	$(Q)$(DOC_LUA) doc/tools/operations.lua $(REFERENCE_WORK)
	$(Q)REFERENCE_ITEMS='$(REFERENCE_ITEMS)' LUA_PATH='$(CURDIR)/doc/tools/?.lua;;' $(LDOC) --filter dump.write . >build/ldoc.log

annotations:
	@$(MAKE) reference-items
	$(SAY) GEN $(ANNOTATIONS)
	$(Q)rm -rf $(ANNOTATIONS)
	$(Q)$(DOC_LUA) doc/tools/annotations.lua $(REFERENCE_ITEMS) $(ANNOTATIONS)

# Red when a public function has no comment, or one that isn't true, and when the annotations are not those of the
# comments.
check-reference:
	@$(MAKE) reference
	$(Q)rm -rf build/annotations
	$(Q)$(DOC_LUA) doc/tools/annotations.lua $(REFERENCE_ITEMS) build/annotations
	$(Q)diff -ru $(ANNOTATIONS) build/annotations || { echo 'Run make annotations, and commit what it changed.' >&2; exit 1; }
