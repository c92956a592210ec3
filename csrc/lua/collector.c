/* What a client takes outside of Lua, where the collector doesn't see it: memory and descriptors. Without a word about
 * them clients that nobody closes are kept until there are hundreds. */
#include "exotel/base/descriptors.h"
#include "lua/binding.h"

/* Kilobytes of a client that has called over HTTPS, most of them for the issuers' certificates. */
enum { WEIGHT = 1024 };

/* What a client may need at once: its own, and those of the resolver and of its connections. */
enum { DESCRIPTORS = EXO_DESCRIPTORS_MAX };

/* A step does as much work as if that memory had been allocated: under a millisecond. Lua 5.1 doesn't tell whether its
 * collector runs (-1), and a step would start a stopped one: there the memory is allocated, but never touched. */
static void tell_weight(lua_State *L, int running) {
  if (running > 0) lua_gc(L, LUA_GCSTEP, WEIGHT);
  if (running >= 0) return;
  lua_newuserdatauv(L, WEIGHT * 1024, 0);
  lua_pop(L, 1);
}

void exo_lua_collect(lua_State *L) {
  if (lua_gc(L, LUA_GCISRUNNING, 0) != 0) lua_gc(L, LUA_GCCOLLECT, 0);
}

void exo_lua_make_room(lua_State *L) {
  tell_weight(L, lua_gc(L, LUA_GCISRUNNING, 0));
  if (!exo_descriptors_left(DESCRIPTORS)) exo_lua_collect(L);
}
