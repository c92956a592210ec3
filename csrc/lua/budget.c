/* The engine's functions for a rate limit that is shared: for exotel.calls.budget, which asks the store. */
#include <string.h>

#include "lua/binding.h"

/* engine.share(client): requests are granted from now on */
static int budget_share(lua_State *L) {
  exo_client_budget(exo_lua_check_client(L, 1))->is_shared = true;
  return 0;
}

/* engine.asks(client) → how many requests to ask the store for now (0: it is only to be told something), and the
 * seconds that one of them may take; nil when it is not to be asked, and of a closed client */
static int budget_asks(lua_State *L) {
  exo_demand demand;
  if (exo_lua_is_closed(L, 1) || !exo_client_asks(exo_lua_check_client(L, 1), &demand)) return 0;
  lua_pushinteger(L, (lua_Integer)demand.requests);
  lua_pushnumber(L, demand.longest);
  return 2;
}

/* Copies them to where the collector has them, and takes them out. → how many */
static size_t take_spendings(lua_State *L, exo_spending **list) {
  size_t most = exo_client_budget(exo_lua_check_client(L, 1))->count;
  *list = lua_newuserdatauv(L, (most + 1) * sizeof **list, 0);
  exo_budget *budget = exo_client_budget(exo_lua_check_client(L, 1)); /* again: that may have run a finalizer */
  size_t count = budget->count < most ? budget->count : most;
  if (count > 0) memcpy(*list, budget->spendings, count * sizeof **list);
  budget->count = 0;
  return count;
}

/* engine.spent(client) → an array of four numbers for each group of requests that is over: its lease, how many, 1 when
 * they may have reached the service (else 0: they are given back), when the last of them ended (as core.now has it) */
static int budget_spent(lua_State *L) {
  exo_spending *list;
  lua_settop(L, 1);
  size_t count = take_spendings(L, &list);
  lua_createtable(L, (int)count * 4, 0);
  for (size_t i = 0; i < count; i++) {
    const double numbers[] = { list[i].lease, (double)list[i].count, list[i].used ? 1 : 0, list[i].ended };
    for (int k = 0; k < 4; k++) {
      lua_pushnumber(L, numbers[k]);
      lua_rawseti(L, 3, (int)i * 4 + k + 1);
    }
  }
  return 1;
}

/* engine.paused(client) → until when the service says that nothing is left, unless that was told before */
static int budget_paused(lua_State *L) {
  exo_budget *budget = exo_client_budget(exo_lua_check_client(L, 1));
  if (!budget->pause_is_news) return 0;
  budget->pause_is_news = false;
  lua_pushnumber(L, budget->paused_until);
  return 1;
}

/* engine.untold(client) → how many requests are over of which the store was not told, and whether what it granted last
 * is for calls that are still to be started */
static int budget_untold(lua_State *L) {
  const exo_budget *budget = exo_client_budget(exo_lua_check_client(L, 1));
  size_t requests = 0;
  for (size_t i = 0; i < budget->count; i++) requests += budget->spendings[i].count;
  lua_pushinteger(L, (lua_Integer)requests);
  lua_pushboolean(L, budget->is_awaited);
  return 2;
}

/* engine.give_back(client): what was granted and is not used is given back with the next report */
static int budget_give_back(lua_State *L) {
  exo_client *client = exo_lua_check_client(L, 1);
  exo_budget_return(exo_client_budget(client), exo_system_platform.now(exo_system_platform.context));
  return 0;
}

/* engine.defer(client, seconds): the store is being asked, and is not to be asked again for so long */
static int budget_defer(lua_State *L) {
  exo_client *client = exo_lua_check_client(L, 1);
  exo_client_defer(client, luaL_checknumber(L, 2));
  return 0;
}

/* engine.grant(client, requests, lease, usable, reach, wait, service_says): what the store said; see exo_grant */
static int budget_grant(lua_State *L) {
  exo_client *client = exo_lua_check_client(L, 1);
  exo_grant grant = { .requests = (size_t)luaL_checkinteger(L, 2),
                      .lease = luaL_checknumber(L, 3),
                      .usable = luaL_checknumber(L, 4),
                      .reach = luaL_checknumber(L, 5),
                      .wait = luaL_checknumber(L, 6),
                      .service_says = lua_toboolean(L, 7) };
  exo_client_grant(client, &grant);
  return 0;
}

/* engine.go_alone(client, limit, seconds): the store can't be had, and is asked again after so long; limit 0: it can */
static int budget_go_alone(lua_State *L) {
  exo_client *client = exo_lua_check_client(L, 1);
  exo_client_go_alone(client, (size_t)luaL_checkinteger(L, 2), luaL_checknumber(L, 3));
  return 0;
}

/* engine.history(client) → an array of how many seconds ago the requests of the last 60 ended, oldest first */
static int budget_history(lua_State *L) {
  lua_settop(L, 1);
  size_t most = exo_client_history(exo_lua_check_client(L, 1), NULL, 0);
  double *ages = lua_newuserdatauv(L, (most + 1) * sizeof *ages, 0);
  size_t count = exo_client_history(exo_lua_check_client(L, 1), ages, most);
  if (count > most) count = most;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushnumber(L, ages[i]);
    lua_rawseti(L, 3, (int)i + 1);
  }
  return 1;
}

static const luaL_Reg functions[] = {
  { "share", budget_share },
  { "asks", budget_asks },
  { "spent", budget_spent },
  { "paused", budget_paused },
  { "give_back", budget_give_back },
  { "untold", budget_untold },
  { "defer", budget_defer },
  { "grant", budget_grant },
  { "go_alone", budget_go_alone },
  { "history", budget_history },
  { NULL, NULL },
};

void exo_lua_add_budget(lua_State *L) { exo_setfuncs(L, functions); }
