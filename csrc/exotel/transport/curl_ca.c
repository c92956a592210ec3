#include "exotel/transport/curl_ca.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool readable(const char *path) { return path != NULL && access(path, R_OK) == 0; }

/* Debian's libcurl on GnuTLS names a folder only, which it reads anew for every connection: 60 ms, against 16 ms for
 * the bundle that lies in it. */
static const char *built_in_bundle(char *buffer, const curl_version_info_data *info) {
  if (readable(info->cainfo)) return info->cainfo;
  if (info->capath == NULL) return NULL;
  snprintf(buffer, EXO_CA_PATH_MAX, "%s/ca-certificates.crt", info->capath);
  return readable(buffer) ? buffer : NULL;
}

void exo_curl_libraries(exo_libraries *libraries) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  char buffer[EXO_CA_PATH_MAX];
  const char *ca = built_in_bundle(buffer, info);
  if (ca == NULL) ca = readable(info->capath) ? info->capath : "";
  libraries->curl = info->version;
  libraries->tls = info->ssl_version != NULL ? info->ssl_version : "";
  snprintf(libraries->ca, sizeof libraries->ca, "%s", ca);
}

bool exo_curl_ca_find(exo_curl_ca *ca, const exo_config *config, exo_error *error) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  const char *given = config->ca_file;
  ca->file = ca->folder = NULL;
  if (strncasecmp(config->base_url, "https:", 6) != 0) return true;
  if (given != NULL && !readable(given)) return exo_error_set(error, "ca_file", "ca_file can't be read: %.200s", given);
  ca->file = given != NULL ? given : built_in_bundle(ca->bundle, info);
  if (ca->file == NULL && readable(info->capath)) ca->folder = info->capath;
  if (ca->file != NULL || ca->folder != NULL) return true;
  return exo_error_set(error, "ca_file",
                       "no CA bundle to verify the server with: install ca-certificates, or pass ca_file");
}
