# The reference (HTML, by ldoc) and the annotations for editors, both made from the source's comments and the C core's
# table of operations. Included by the Makefile.

READ_COMMENTS := env LUA_CPATH='build/lua5.4-plain/?.so;;' doc/tools/reference.sh
ANNOTATIONS   := doc/luals/library

.PHONY: reference reference-items check-reference annotations
reference:
	@$(MAKE) reference-items
	$(SAY) LDOC build/reference
	$(Q)$(READ_COMMENTS) pages

reference-items:
	@LUA=5.4 bin/install-deps core sandbox reference
	@$(MAKE) build LUA=5.4 VARIANT=plain
	$(Q)$(READ_COMMENTS) items

annotations:
	@$(MAKE) reference-items
	$(SAY) GEN $(ANNOTATIONS)
	$(Q)$(READ_COMMENTS) annotations $(ANNOTATIONS)

# Red when a public function has no comment, or one that isn't true, and when the annotations are not those of the
# comments.
check-reference:
	@$(MAKE) reference
	$(Q)$(READ_COMMENTS) annotations build/annotations
	$(Q)diff -ru $(ANNOTATIONS) build/annotations \
	  || { echo 'Run make annotations, and commit what it changed.' >&2; exit 1; }

# Guides, the command's manual, the reference and the changelog as one site, by mkdocs-material. The command's tables
# are read on the Lua that the command's tests run on.
.PHONY: site
site:
	@LUA='5.4 $(CLI_LUA)' bin/install-deps core sandbox cli site
	@$(MAKE) reference-items
	@$(MAKE) build LUA=$(CLI_LUA) VARIANT=plain
	$(SAY) SITE build/site
	$(Q)env RUN_LUA=lua$(CLI_LUA) LUA_CPATH='build/lua$(CLI_LUA)-plain/?.so;;' doc/tools/site.sh
