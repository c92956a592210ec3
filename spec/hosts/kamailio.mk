# What the tests in Kamailio need beside the rest: the core for its Lua, on each of the two TLS libraries.
HOSTS += kamailio

.PHONY: build-kamailio
build-kamailio:
	@$(MAKE) core LUA=5.1 VARIANT=plain
	@$(MAKE) core LUA=5.1 VARIANT=plain CURL=gnutls
	@$(MAKE) core LUA=5.4 VARIANT=plain
	@$(MAKE) core LUA=5.4 VARIANT=plain CURL=gnutls

# The example in Kamailio against the sandbox, until Ctrl-C. CONFIG=kemi takes the one with routes in Lua.
.PHONY: demo-kamailio
demo-kamailio:
	@$(INSTALL_DEPS) core sandbox kamailio
	@$(MAKE) build
	@$(MAKE) build-kamailio
	@$(WITH_TREE) KAMAILIO_LUA_CPATH='$(CURDIR)/build/lua5.1-plain-gnutls/?.so' \
	  $(INTERPRETER) examples/kamailio/start.lua $(CONFIG)
