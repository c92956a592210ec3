# What the tests in nginx need beside the rest: the core for LuaJIT.
HOSTS += nginx

.PHONY: build-nginx
build-nginx:
	@$(MAKE) core LUA=jit VARIANT=plain

# The example in nginx against the sandbox, until Ctrl-C.
.PHONY: demo-openresty
demo-openresty:
	@$(INSTALL_DEPS) core sandbox nginx
	@$(MAKE) build
	@$(MAKE) build-nginx
	@$(WITH_TREE) NGINX_LUA_PATH='$(LUA_FILES);;' NGINX_LUA_CPATH='$(CURDIR)/build/luajit-plain/?.so;;' \
	  $(INTERPRETER) examples/openresty/start.lua $(ARGS)

.PHONY: bench-openresty
bench-openresty:
	@$(INSTALL_DEPS) core sandbox specs nginx
	@$(MAKE) build
	@$(MAKE) build-nginx
	@$(UNSET_LUA) LUA_PATH='$(LUA_FILES);$(CURDIR)/?.lua;;' LUA_CPATH='$(CURDIR)/$(OUT)/?.so;;' \
	  $(INTERPRETER) bench/openresty.lua $(ARGS)
