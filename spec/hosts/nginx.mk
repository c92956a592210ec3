# What the tests in nginx need beside the rest: the core for LuaJIT.
HOSTS += nginx

.PHONY: build-nginx
build-nginx:
	@$(MAKE) core LUA=jit VARIANT=plain
