# Small wrong changes that some test has to notice. Included by spec/tests.mk.

# By hand: it takes hours. ONLY=bulk, ONLY="csrc/exotel/engine kamailio": an area, or what a path holds.
.PHONY: mutants check-mutants
mutants: check-mutants
	@LUA='5.4 $(CLI_LUA) 5.1' bin/install-deps core sandbox test cli $(HOSTS)
	+@$(MAKE) build build-modules build-c LUA=5.4 VARIANT=plain
	+@$(MAKE) build-hosts
	+@$(MAKE) build-cli
	@spec/mutate/run

# Whether the lists still fit the code.
check-mutants:
	@lua5.4 spec/mutate/check.lua
