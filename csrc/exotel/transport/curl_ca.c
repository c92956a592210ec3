#include "exotel/transport/curl_ca.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "exotel/base/environment.h"

static bool readable(const char *path) { return path != NULL && access(path, R_OK) == 0; }

/* A copy, for the environment may change, and its memory with it; NULL for a path that is too long. */
static const char *copy_of(const char *path, char copy[EXO_CA_PATH_MAX]) {
  int length = snprintf(copy, EXO_CA_PATH_MAX, "%s", path);
  return length >= 0 && length < EXO_CA_PATH_MAX ? copy : NULL;
}

static bool complain(const char *name, const char *path, exo_error *error) {
  return exo_error_set(error, "ca_file", "%s can't be read: %.200s", name, path);
}

/* ---- the environment ---- */

static bool take_file(exo_curl_ca *ca, const char *name, exo_error *error) {
  const char *path = exo_environment(name);
  if (path == NULL) return true;
  if (readable(path)) ca->file = copy_of(path, ca->file_copy);
  return ca->file != NULL || complain(name, path, error);
}

/* The folder may be several, with colons between them: it is left to the TLS library, and GnuTLS takes only one. */
static bool take_variables(exo_curl_ca *ca, exo_error *error) {
  if (exo_environment("CURL_CA_BUNDLE") != NULL) return take_file(ca, "CURL_CA_BUNDLE", error);
  const char *folder = exo_environment("SSL_CERT_DIR");
  if (folder != NULL) ca->folder = copy_of(folder, ca->folder_copy);
  return take_file(ca, "SSL_CERT_FILE", error);
}

/* ---- what libcurl has built in ---- */

/* Debian's libcurl on GnuTLS names a folder only, which it reads anew for every connection: 60 ms, against 16 ms for
 * the bundle that lies in it. */
static void take_built_in(exo_curl_ca *ca) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  char bundle[EXO_CA_PATH_MAX];
  if (readable(info->cainfo)) ca->file = copy_of(info->cainfo, ca->file_copy);
  if (ca->file != NULL || info->capath == NULL) return;
  snprintf(bundle, sizeof bundle, "%s/ca-certificates.crt", info->capath);
  if (readable(bundle)) ca->file = copy_of(bundle, ca->file_copy);
  else if (ca->folder == NULL && readable(info->capath)) ca->folder = copy_of(info->capath, ca->folder_copy);
}

/* ---- together ---- */

static bool find_default(exo_curl_ca *ca, exo_error *error) {
  ca->file = ca->folder = NULL;
  if (!take_variables(ca, error)) return false;
  if (ca->file == NULL) take_built_in(ca);
  if (ca->file != NULL || ca->folder != NULL) return true;
  return exo_error_set(error, "ca_file",
                       "no CA bundle to verify the server with: install ca-certificates, or pass ca_file");
}

bool exo_curl_ca_find(exo_curl_ca *ca, const exo_config *config, exo_error *error) {
  ca->file = ca->folder = NULL;
  if (strncasecmp(config->base_url, "https:", 6) != 0) return true;
  if (config->ca_file == NULL) return find_default(ca, error);
  ca->file = config->ca_file;
  return readable(ca->file) || complain("ca_file", ca->file, error);
}

void exo_curl_libraries(exo_libraries *libraries) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  exo_curl_ca ca;
  exo_error ignored;
  const char *path = "";
  if (find_default(&ca, &ignored)) path = ca.file != NULL ? ca.file : ca.folder;
  libraries->curl = info->version;
  libraries->tls = info->ssl_version != NULL ? info->ssl_version : "";
  snprintf(libraries->ca, sizeof libraries->ca, "%s", path);
}
