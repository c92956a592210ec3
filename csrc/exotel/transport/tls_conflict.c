#define _GNU_SOURCE /* dl_iterate_phdr, program_invocation_short_name */
#include "exotel/transport/tls_conflict.h"

#ifndef __linux__

/* Where what is loaded can't be listed this way. */
bool exo_tls_conflict_check(const char *tls_library, exo_error *error) {
  (void)tls_library, (void)error;
  return true;
}

#else

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

static bool contains(const char *text, const char *part) { return strstr(text, part) != NULL; }

/* A module of that name is Kamailio's where the path or the program says so. */
static bool is_kamailios_tls(const char *path) {
  const char *name = strrchr(path, '/');
  if (name == NULL || strcmp(name, "/tls.so") != 0) return false;
  return contains(path, "kamailio") || contains(program_invocation_short_name, "kamailio");
}

/* Not zero ends the walk through what is loaded. */
static int look(struct dl_phdr_info *loaded, size_t size, void *data) {
  (void)size, (void)data;
  return loaded->dlpi_name != NULL && is_kamailios_tls(loaded->dlpi_name);
}

bool exo_tls_conflict_check(const char *tls_library, exo_error *error) {
  bool openssl = tls_library != NULL &&
                 (strncmp(tls_library, "OpenSSL", 7) == 0 || strncmp(tls_library, "quictls", 7) == 0);
  if (!openssl || dl_iterate_phdr(look, NULL) == 0) return true;
  return exo_error_set(error, "",
                       "Kamailio's tls module is loaded, and this build uses a libcurl on OpenSSL: together they bring "
                       "the server down. Take a build on GnuTLS (make CURL=gnutls; luarocks: EXOTEL_CURL=gnutls), or "
                       "leave the module out");
}

#endif
