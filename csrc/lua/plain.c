#include "lua/plain.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "exotel/base/plain.h"

static bool is_all_plain(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7F) return false;
  return true;
}

/* Pushes tostring(value) and puts it in the value's place. */
static const char *to_text(lua_State *L, int i, size_t *length) {
  if (lua_type(L, i) != LUA_TSTRING) {
    lua_getglobal(L, "tostring");
    lua_pushvalue(L, i);
    lua_call(L, 1, 1);
    lua_replace(L, i);
  }
  return luaL_checklstring(L, i, length);
}

static void add_code(luaL_Buffer *out, const char *format, uint32_t code) {
  char text[16];
  int length = snprintf(text, sizeof text, format, (unsigned)code);
  luaL_addlstring(out, text, (size_t)length);
}

static void add_plain(luaL_Buffer *out, const char *text, exo_char c) {
  if (c.class == EXO_CHAR_HIDDEN) add_code(out, "\\u{%04X}", c.code);
  else if (c.class == EXO_CHAR_BROKEN) add_code(out, "\\x%02X", c.code);
  else luaL_addlstring(out, text, c.length);
}

int exo_lua_plain(lua_State *L) {
  size_t length;
  luaL_Buffer out;
  lua_settop(L, 2);
  const char *text = to_text(L, 1, &length), *mark = luaL_optstring(L, 2, NULL);
  lua_settop(L, 2);
  if (is_all_plain(text, length)) {
    lua_settop(L, 1);
    return 1;
  }
  luaL_buffinit(L, &out);
  bool in_run = false;
  exo_char c;
  for (size_t i = 0; i < length; i += c.length) {
    c = exo_char_read(text + i, length - i);
    bool control = c.class == EXO_CHAR_CONTROL;
    if (!control) add_plain(&out, text + i, c);
    else if (mark != NULL || !in_run) luaL_addstring(&out, mark != NULL ? mark : " ");
    in_run = control;
  }
  luaL_pushresult(&out);
  return 1;
}

/* ---- core.escape ---- */

typedef void (*escape_function)(luaL_Buffer *out, const char *text, exo_char c);

/* All that is hidden has four hexadecimal digits. */
static void escape_json(luaL_Buffer *out, const char *text, exo_char c) {
  if (c.class == EXO_CHAR_HIDDEN) add_code(out, "\\u%04x", c.code);
  else luaL_addlstring(out, text, c.length);
}

/* By its bytes, as every Lua reads it. */
static void escape_lua(luaL_Buffer *out, const char *text, exo_char c) {
  if (c.class != EXO_CHAR_HIDDEN && c.class != EXO_CHAR_BROKEN) {
    luaL_addlstring(out, text, c.length);
    return;
  }
  for (size_t i = 0; i < c.length; i++) add_code(out, "\\%03u", (unsigned char)text[i]);
}

int exo_lua_escape(lua_State *L) {
  size_t length;
  luaL_Buffer out;
  const char *text = luaL_checklstring(L, 1, &length), *form = luaL_checkstring(L, 2);
  escape_function escape = strcmp(form, "json") == 0 ? escape_json : escape_lua;
  luaL_buffinit(L, &out);
  exo_char c;
  for (size_t i = 0; i < length; i += c.length) {
    c = exo_char_read(text + i, length - i);
    escape(&out, text + i, c);
  }
  luaL_pushresult(&out);
  return 1;
}
