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
	@env -u LUA_INIT -u LUA_INIT_5_4 -u LUA_PATH_5_4 -u LUA_CPATH_5_4 \
	  LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua' LUA_CPATH='$(CURDIR)/$(OUT)/?.so' \
	  NGINX_LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;' NGINX_LUA_CPATH='$(CURDIR)/build/luajit-plain/?.so;;' \
	  $(INTERPRETER) examples/openresty/start.lua $(ARGS)

.PHONY: bench-openresty
bench-openresty:
	@$(INSTALL_DEPS) core sandbox nginx
	@$(MAKE) build
	@$(MAKE) build-nginx
	@env -u LUA_INIT -u LUA_INIT_5_4 -u LUA_PATH_5_4 -u LUA_CPATH_5_4 \
	  LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$(CURDIR)/?.lua;;' LUA_CPATH='$(CURDIR)/$(OUT)/?.so;;' \
	  $(INTERPRETER) bench/openresty.lua $(ARGS)
