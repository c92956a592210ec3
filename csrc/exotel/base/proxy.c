#include "exotel/base/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "exotel/base/environment.h"
#include "exotel/base/hex.h"
#include "exotel/base/url.h"

/* ---- where it is said ---- */

/* Not HTTP_PROXY: in a CGI program that is a header of somebody else's request. */
static const char *const for_http[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };
static const char *const for_https[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL };

/* → the value, or NULL; and the variable's name */
static const char *find_variable(const char *base_url, const char **name) {
  const char *const *names = exo_url_starts(base_url, "http:") ? for_http : for_https;
  for (; *names != NULL; names++) {
    const char *value = exo_environment(*names);
    if (value == NULL) continue;
    *name = *names;
    return value;
  }
  return NULL;
}

/* ---- whether it can be understood ---- */

static bool is_known_scheme(const char *url) {
  static const char *const schemes[] = { "http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://" };
  if (strstr(url, "://") == NULL) return true;
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (exo_url_starts(url, schemes[i])) return true;
  return false;
}

static bool is_port(const char *text, size_t length) {
  return length > 0 && length <= 5 && strspn(text, "0123456789") >= length && atol(text) >= 1 && atol(text) <= 65535;
}

/* host[:port], or [IPv6][:port]. */
static bool is_host(const char *text, size_t length) {
  static const char *const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  size_t host = text[0] == '[' ? strspn(text + 1, "0123456789abcdefABCDEF:.%") + 2 : strspn(text, allowed);
  if (host == 0 || host > length || (text[0] == '[' && (text[host - 1] != ']' || host < 4))) return false;
  return host == length || (text[host] == ':' && is_port(text + host + 1, length - host - 1));
}

/* → where the host begins, or NULL when there is more than one "@" */
static const char *after_userinfo(const char *authority, size_t length) {
  const char *at = memchr(authority, '@', length);
  if (at == NULL) return authority;
  return memchr(at + 1, '@', length - (size_t)(at + 1 - authority)) == NULL ? at + 1 : NULL;
}

/* What "%40" and the like at the start of a text stand for; -1: no such thing is there. */
static int encoded_at(const char *text, size_t length) {
  if (length < 3 || text[0] != '%' || exo_hex_digit(text[1]) < 0 || exo_hex_digit(text[2]) < 0) return -1;
  return exo_hex_digit(text[1]) * 16 + exo_hex_digit(text[2]);
}

/* A control character in user or password makes libcurl (7.88) do without the proxy, and say nothing. */
static bool has_control(const char *userinfo, size_t length) {
  for (size_t i = 0; i < length; i++) {
    int c = encoded_at(userinfo + i, length - i);
    if ((c >= 0 && c < ' ') || c == 0x7F) return true;
  }
  return false;
}

static bool is_understood(const char *url) {
  size_t length;
  const char *authority = exo_url_authority(url, &length), *host = after_userinfo(authority, length);
  const char *rest = authority + length;
  return exo_url_visible(url) && is_known_scheme(url) && host != NULL &&
         !has_control(authority, (size_t)(host - authority)) && is_host(host, length - (size_t)(host - authority)) &&
         (rest[0] == '\0' || strcmp(rest, "/") == 0);
}

/* ---- its secrets ---- */

/* A text in which "%40" stands for "@" and so on; NULL when memory ran out. */
static const char *decode(exo_arena *arena, const char *text, size_t length) {
  char *copy = exo_arena_take(arena, length + 1), *out = copy;
  for (size_t i = 0; copy != NULL && i < length; i++) {
    int encoded = encoded_at(text + i, length - i);
    *out++ = encoded >= 0 ? (char)encoded : text[i];
    if (encoded >= 0) i += 2;
  }
  if (copy != NULL) *out = '\0';
  return copy;
}

static bool read_secrets(exo_proxy *proxy, exo_arena *arena) {
  size_t length;
  const char *user = exo_url_authority(proxy->url, &length), *at = memchr(user, '@', length);
  if (at == NULL) return true;
  const char *colon = memchr(user, ':', (size_t)(at - user));
  proxy->user = decode(arena, user, (size_t)((colon != NULL ? colon : at) - user));
  if (colon != NULL) proxy->password = decode(arena, colon + 1, (size_t)(at - colon - 1));
  return proxy->user != NULL && (colon == NULL || proxy->password != NULL);
}

/* ---- the whole ---- */

exo_result exo_proxy_find(exo_proxy *proxy, const char *given, const char *base_url, exo_arena *arena,
                          exo_error *error) {
  const char *name = "proxy", *url = given;
  *proxy = (exo_proxy){ NULL, NULL, NULL };
  if (url == NULL && !exo_url_is_loopback(base_url)) url = find_variable(base_url, &name);
  if (url == NULL || url[0] == '\0') return EXO_RESULT_OK;
  if (!is_understood(url)) {
    exo_error_set(error, "proxy",
                  "%s must be [<scheme>://][<user>:<password>@]<host>[:<port>], with a scheme of http, https, socks4, "
                  "socks4a, socks5 or socks5h, and special characters in user and password written as %%40 for @",
                  name);
    return EXO_RESULT_ERROR;
  }
  proxy->url = exo_arena_copy(arena, url, strlen(url));
  return proxy->url != NULL && read_secrets(proxy, arena) ? EXO_RESULT_OK : EXO_RESULT_NO_MEMORY;
}
