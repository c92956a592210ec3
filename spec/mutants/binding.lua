-- From Lua to C and back: csrc/lua.
local arguments = "csrc/lua/arguments.c"
local call = "csrc/lua/call.c"
local client = "csrc/lua/client.c"
local json = "csrc/lua/json.c"
local options = "csrc/lua/options.c"
local names = "csrc/lua/names.c"
local outcome = "csrc/lua/outcome.c"
local core = "csrc/lua/core.c"
local version = "csrc/lua/version_check.c"
local run_file = "csrc/lua/lua_file.c"
local limits = "csrc/lua/lua_limits.c"

return {
  { file = json, as_is = "if (p->of_file && is_taken(L)) p->twice = exo_json_text(name);", wrong = "if (p->of_file) p->twice = is_taken(L) ? exo_json_text(name) : NULL;",
    why = "a name twice in an object, unless it is the last one" },
  { file = json, as_is = "if (!isfinite(number)) p->infinite = true;", wrong = "", why = "a number that no double holds" },
  { file = json, as_is = "p->of_file && own->type == EXO_JSON_NULL", wrong = "false && p->of_file && own->type == EXO_JSON_NULL", why = "null in an array of a file" },
  { file = names, as_is = "own->length == length && ", wrong = "", why = "another name that begins alike" },
  { file = names, as_is = "memcmp(own->text, text, length) == 0", wrong = "true", why = "another name of the same length" },
  { file = names, as_is = "length == 0 || length > LONGEST", wrong = "length == 0", why = "a long name is written over the slot behind" },
  { file = names, as_is = "length == 0 || length > LONGEST", wrong = "length > LONGEST", why = "a name without a letter" },
  { file = json, as_is = "fabs(number) < 1e15", wrong = "fabs(number) < 1e30", why = "whole numbers beyond what an integer holds" },
  { file = json, as_is = "if (!exo_utf8_valid(text, length)) return refuse_utf8(L);", wrong = "(void)refuse_utf8;", why = "text that is no UTF-8" },
  { file = json, as_is = "  lua_pushcfunction(L, json_gc);\n  lua_setfield(L, -2, \"__gc\");\n", wrong = "  (void)json_gc;\n", why = "what was read leaks when a push raises" },
  { file = json, as_is = "  exo_json_free(box);\n  return count;", wrong = "  return count;", why = "what was read waits for the collector: memory grows" },
  { file = arguments, as_is = "enum { DEPTH_MAX = 4 };", wrong = "enum { DEPTH_MAX = 400 };", why = "tables that hold themselves" },
  { file = arguments, as_is = "bool whole = strlen(text) == length;", wrong = "bool whole = length > 0;", why = "a name with a NUL passes for the one before it" },
  { file = arguments, as_is = "if (lua_type(L, -1) != LUA_TNUMBER) *list = false;", wrong = "", why = "a table of names is taken for a list" },
  { file = arguments, as_is = "*list = *list && count == lua_rawlen(L, index);", wrong = "", why = "a list with holes" },
  { file = arguments, as_is = "if (lua_touserdata(L, index) == NULL) return true;", wrong = "return true;", why = "any light userdata is null" },
  { file = arguments, as_is = "fabs(value->number) < 9007199254740992.0", wrong = "fabs(value->number) < 1e300", why = "a number that no integer holds" },
  { file = arguments, as_is = "      lua_pop(L, 1);\n      return false;", wrong = "      return false;", why = "the stack after a failure", equivalent = "the error that follows unwinds the stack" },
  { file = arguments, as_is = "  exo_lua_check_arguments(L, index + 1, operation);\n", wrong = "", why = "arguments that are no table in `check`" },
  { file = call, as_is = "  exo_client *client = exo_lua_check_client(L, 1); /* again", wrong = "  exo_client *client = ((exo_client_box *)lua_touserdata(L, 1))->client; /* again", why = "a finalizer closed the client meanwhile" },
  { file = call, as_is = "  exo_setanchor(L, 1, 4);", wrong = "  (void)0;", why = "a client is collected before its calls" },
  { file = call, as_is = "  box->call = NULL;\n  exo_client_free_call", wrong = "  exo_client_free_call", why = "a call that is finalized twice is freed twice" },
  { file = call, as_is = "  exo_client_free_call(box->client, call);\n", wrong = "  (void)call;\n", why = "calls leak, and go on" },
  { file = call, as_is = "if (!has_finished(L)) return luaL_error", wrong = "if (false) return luaL_error", why = "the result of a call that is not finished" },
  { file = client, as_is = "exo_client_events(client)->wanted = lua_isfunction(L, -1);", wrong = "exo_client_events(client)->wanted = true;", why = "events that nobody reads are kept" },
  { file = client, as_is = 'if (box->client == NULL) luaL_error(L, "the client is closed");', wrong = "", why = "a closed client is used" },
  { file = client, as_is = "  box->client = NULL;\n  exo_client_free(client);", wrong = "  exo_client_free(client);", why = "a client closed twice is freed twice" },
  { file = client, as_is = '{ "__close", client_close },', wrong = "", why = "a client of `<close>`" },
  { file = client, as_is = "  { \"__gc\", client_gc },\n", wrong = "  { \"__name\", client_gc },\n", why = "a client that is collected leaks" },
  { file = client, as_is = 'luaL_argcheck(L, seconds >= 0, 2, "seconds must not be negative");\n  size_t', wrong = "size_t", why = "poll with NaN or less than 0" },
  { file = client, as_is = "  lua_setfield(L, -2, \"__gc\");\n  lua_pop(L, 1);\n}\n\nvoid exo_lua_open_client", wrong = "  lua_pop(L, 2);\n}\n\nvoid exo_lua_open_client", why = "the arguments of each check leak" },
  { file = client, as_is = "  exo_events_clear(events);\n", wrong = "", why = "events are told again" },
  { file = client, as_is = "  if (options->validate >= 0) return options->validate != 0;\n  return lua_isnil(L, 1) ||", wrong = "  if (options->validate != 0) return true;\n  return lua_isnil(L, 1) ||", why = "validate = false of a client", },
  { file = client, as_is = "lua_pushboolean(L, exo_validate(operation, arguments, false, &error));", wrong = "lua_pushboolean(L, false);", why = "a value that the service may still hold" },
  { file = client, as_is = "if (limit == 0) return 2;", wrong = "", why = "without a limit nothing is left" },
  { file = options, as_is = '{ "max_connections", COUNT, 1, 50,', wrong = '{ "max_connections", COUNT, 1, 51,', why = "at most 50" },
  { file = options, as_is = '{ "max_connections", COUNT, 1, 50,', wrong = '{ "max_connections", COUNT, 0, 50,', why = "at least 1" },
  { file = options, as_is = '{ "rate_limit", LIMIT, 1, 1000000,', wrong = '{ "rate_limit", LIMIT, 0, 1000000,', why = "0 would be no limit" },
  { file = options, as_is = "if (strlen(text) != length) luaL_error(L, \"bad option '%s' (it holds a NUL byte)\", o->name);", wrong = "(void)length;", why = "an option cut at a NUL" },
  { file = options, as_is = "number == floor(number);", wrong = "true;", why = "half a retry" },
  { file = options, as_is = "if (!(number >= o->least && number <= o->most) || !whole)", wrong = "if (number < o->least || number > o->most || !whole)", why = "NaN is no number of seconds" },
  { file = options, as_is = "const option *o = strlen(name) == length ? find(options, name) : NULL;", wrong = "const option *o = find(options, name);\n    (void)length;", why = "a name with a NUL passes for the one before it" },
  { file = options, as_is = "  if (!lua_isnoneornil(L, index)) read_options(L, index, call_options, options);", wrong = "  if (lua_istable(L, index)) read_options(L, index, call_options, options);", why = "options that are no table" },
  { file = outcome, as_is = "  if (!answer->has_next) return;\n", wrong = "", why = "a list never ends" },
  { file = outcome, as_is = "if (answer->next_page_size > 0)", wrong = "if (answer->next_page_size >= 0)", why = "a page of 0 entries" },
  { file = outcome, as_is = "if (outcome->kind == EXO_NO_MEMORY) return luaL_error(L, \"not enough memory\");", wrong = "", why = "lack of memory raises" },
  { file = outcome, as_is = "  luaL_checkstack(L, 12, \"answer\");\n", wrong = "", why = "a deep answer overruns the stack", equivalent = "a C function has 20 slots, and what is deeper asks for its own" },
  { file = outcome, as_is = "if (outcome->retry_after >= 0) exo_lua_set", wrong = "if (outcome->retry_after > 0) exo_lua_set", why = "retry_after = 0 is told" },
  { file = outcome, as_is = "lua_rawseti(L, success ? -3 : -2, success ? ++good : ++bad);", wrong = "lua_rawseti(L, success ? -3 : -2, (int)i + 1);", why = "holes in `failed`" },
  { file = outcome, as_is = 'exo_lua_set_integer(L, "index", index);', wrong = 'exo_lua_set_integer(L, "index", index - 1);', why = "the place of an item" },
  { file = outcome, as_is = "if (outcome->kind == EXO_PARTIAL) set_items", wrong = "if (outcome->answer != NULL) set_items", why = "items of what is no batch" },
  { file = core, as_is = "kind <= EXO_CANCELLED; kind++", wrong = "kind < EXO_CANCELLED; kind++", why = "the last kind of error" },
  { file = version, as_is = "if (strcmp(running, built) != 0)", wrong = "if (strcmp(running, built) > 0)", why = "a module for another Lua is loaded" },
  { file = run_file, as_is = "  close_state(lua_touserdata(L, 1));\n", wrong = "  (void)L;\n", why = "a state leaks with each file that raises" },
  { file = run_file, as_is = "  exo_lua_set_hook(S, true);\n", wrong = "", why = "a loop without end" },
  { file = run_file, as_is = "> JUMPS) {", wrong = "> 1000000000) {", why = "jumps that take minutes to resolve" },
  { file = run_file, as_is = "  uselocale(before);\n", wrong = "", why = "the host's locale is another one afterwards" },
  { file = run_file, as_is = "  if (c != (locale_t)0) freelocale(c);\n", wrong = "", why = "a leak for each file",
    equivalent = "glibc has the C locale ready, and frees nothing of it" },
  { file = run_file, as_is = "  lua_pushnil(S);\n  lua_setfield(S, -2, \"__index\");\n", wrong = "", why = "a method of strings runs without bound" },
  { file = limits, as_is = "limits->used - before + size > MEMORY", wrong = "limits->used - before + size > MEMORY * 100.0", why = "a file that takes the whole machine" },
  { file = limits, as_is = "++limits->instructions > INSTRUCTIONS || exo_lua_is_overdue(limits)", wrong = "++limits->instructions > INSTRUCTIONS", why = "few instructions that take long" },
  { file = limits, as_is = "if (result != NULL || size == 0) limits->used += size - before;", wrong = "limits->used += size - before;", why = "memory that was refused is counted" },
}
