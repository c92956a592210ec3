#include "exotel/base/config.h"

#include <stdio.h>
#include <string.h>

#include "exotel/base/url.h"

static bool check_secret(const char *field, const char *value, const char *where, exo_error *error) {
  if (value == NULL || value[0] == '\0')
    return exo_error_set(error, field,
                         "%s is missing: set %s or pass %s (see the API settings of your Exotel dashboard)", field,
                         where, field);
  /* A stray space or line break from a copied secret would be sent and refused as a bare 401. */
  if (!exo_url_visible(value))
    return exo_error_set(error, field,
                         "%s holds a space, line break or other character that cannot be right: copy it again into %s",
                         field, where);
  return true;
}

static bool check_credentials(const exo_config *given, exo_error *error) {
  if (!check_secret("account_sid", given->account_sid, "EXOTEL_ACCOUNT_SID", error)) return false;
  if (!check_secret("api_key", given->api_key, "EXOTEL_API_KEY", error)) return false;
  if (!check_secret("api_token", given->api_token, "EXOTEL_API_TOKEN", error)) return false;
  static const char *const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  if (strspn(given->account_sid, allowed) != strlen(given->account_sid))
    return exo_error_set(error, "account_sid",
                         "account_sid must be letters, digits, \"-\" or \"_\": check EXOTEL_ACCOUNT_SID");
  if (strlen(given->account_sid) > EXO_ACCOUNT_MAX)
    return exo_error_set(error, "account_sid", "account_sid is longer than %d characters: check EXOTEL_ACCOUNT_SID",
                         EXO_ACCOUNT_MAX);
  if (strchr(given->api_key, ':') != NULL)
    return exo_error_set(error, "api_key",
                         "api_key must not hold \":\": give key and token apart, check EXOTEL_API_KEY");
  return true;
}

static const char *region_host(const char *region) {
  if (strcmp(region, "mumbai") == 0) return "api.in.exotel.com";
  return strcmp(region, "singapore") == 0 ? "api.exotel.com" : NULL;
}

static bool is_host_text(const char *text) {
  static const char *const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:";
  return text[0] != '\0' && strspn(text, allowed) == strlen(text);
}

static bool check_url(const char *url, bool allow_http, exo_error *error) {
  size_t length;
  bool https = exo_url_starts(url, "https://"), http = exo_url_starts(url, "http://");
  if (!https && !http)
    return exo_error_set(error, "base_url", "base_url must start with https://, as in https://api.in.exotel.com");
  const char *host = exo_url_authority(url, &length);
  if (length == 0 || !exo_url_visible(url) || strpbrk(url, "?#\"<>\\") != NULL)
    return exo_error_set(error, "base_url", "base_url must be https://<host>[:port], without query or spaces");
  if (memchr(host, '@', length) != NULL)
    return exo_error_set(error, "base_url", "base_url must not hold credentials: pass api_key and api_token");
  if (http && !allow_http && !exo_url_is_loopback(url))
    return exo_error_set(
        error, "base_url",
        "plain http would send the API token readable: use https, or allow_http = true if you mean it");
  return true;
}

static bool check_region(const char *region, exo_error *error) {
  if (region_host(region) != NULL) return true;
  return exo_error_set(
      error, "region",
      "region must be \"mumbai\" or \"singapore\", not \"%.40s\": take the one your account was opened in", region);
}

static bool check_subdomain(const char *subdomain, exo_error *error) {
  if (is_host_text(subdomain)) return true;
  if (strchr(subdomain, '@') != NULL)
    return exo_error_set(
        error, "subdomain",
        "subdomain must not hold credentials, only a host name as in api.in.exotel.com: pass api_key and api_token");
  return exo_error_set(
      error, "subdomain",
      "subdomain must be a host name as the dashboard shows it, as in api.in.exotel.com, not \"%.60s\"", subdomain);
}

static bool check_one_address(const exo_config *given, exo_error *error) {
  int count = (given->region != NULL) + (given->subdomain != NULL) + (given->base_url != NULL);
  if (count == 0)
    return exo_error_set(
        error, "region",
        "region is missing: set EXOTEL_REGION to mumbai or singapore (credentials belong to one), or EXOTEL_SUBDOMAIN");
  if (count > 1)
    return exo_error_set(error, "region",
                         "region, subdomain and base_url exclude each other: keep one of EXOTEL_REGION, "
                         "EXOTEL_SUBDOMAIN, EXOTEL_BASE_URL");
  return true;
}

/* The vendor's pages write the subdomain as "@api.in.exotel.com". */
static const char *bare_subdomain(const char *subdomain) { return subdomain[0] == '@' ? subdomain + 1 : subdomain; }

static bool check_address(const exo_config *given, exo_error *error) {
  if (!check_one_address(given, error)) return false;
  if (given->region != NULL) return check_region(given->region, error);
  if (given->subdomain != NULL) return check_subdomain(bare_subdomain(given->subdomain), error);
  return check_url(given->base_url, given->allow_http, error);
}

/* ---- resolving ---- */

/* NULL when memory ran out. */
static char *resolve_url(const exo_config *given, exo_arena *arena) {
  if (given->region != NULL) return exo_arena_format(arena, "https://%s", region_host(given->region));
  if (given->subdomain != NULL) return exo_arena_format(arena, "https://%s", bare_subdomain(given->subdomain));
  size_t length = strlen(given->base_url);
  while (given->base_url[length - 1] == '/') length--;
  return exo_arena_copy(arena, given->base_url, length);
}

static bool copy_text(exo_arena *arena, const char **text) {
  if (*text == NULL) return true;
  *text = exo_arena_copy(arena, *text, strlen(*text));
  return *text != NULL;
}

exo_result exo_config_resolve(const exo_config *given, exo_arena *arena, exo_config *resolved, exo_error *error) {
  if (!check_credentials(given, error) || !check_address(given, error)) return EXO_RESULT_ERROR;
  *resolved = *given;
  resolved->base_url = resolve_url(given, arena);
  resolved->region = resolved->subdomain = NULL;
  bool copied = resolved->base_url != NULL && copy_text(arena, &resolved->account_sid) &&
                copy_text(arena, &resolved->api_key) && copy_text(arena, &resolved->api_token) &&
                copy_text(arena, &resolved->ca_file);
  if (!copied) return EXO_RESULT_NO_MEMORY;
  return exo_proxy_find(&resolved->proxy, given->proxy.url, resolved->base_url, arena, error);
}

void exo_config_host(const exo_config *config, char *out, size_t size) {
  size_t length;
  const char *host = exo_url_authority(config->base_url, &length);
  snprintf(out, size, "%.*s", (int)(length < 255 ? length : 255), host);
}
