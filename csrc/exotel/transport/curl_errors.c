#include "exotel/transport/curl_errors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "exotel/base/descriptors.h"

static bool contains(const char *text, const char *part) { return strstr(text, part) != NULL; }

#define UNKNOWN_ISSUER "the server's certificate is from an unknown issuer (ca_file names those you trust)"
#define EXPIRED "the server's certificate has expired"
#define TOO_MANY_FILES "too many open files: share one client, close what is not needed, or raise the limit (ulimit -n)"

/* On GnuTLS libcurl's words are the same for whatever is wrong with a certificate; the bits of
 * gnutls_certificate_status_t, which it hands on, tell. NULL where they don't. */
static const char *verify_reason(CURL *easy) {
  enum { SIGNER_NOT_FOUND = 1 << 6, NOT_ACTIVATED = 1 << 9, PAST = 1 << 10 };
  const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  long status = 0;
  if (library == NULL || strncmp(library, "GnuTLS", 6) != 0) return NULL;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &status);
  if (status & SIGNER_NOT_FOUND) return UNKNOWN_ISSUER;
  if (status & PAST) return EXPIRED;
  return status & NOT_ACTIVATED ? "the server's certificate is not valid yet: check this machine's clock" : NULL;
}

/* What a person can act on, put before libcurl's own words, which differ from one TLS library to the next. */
static const char *tls_reason(const char *error) {
  if (contains(error, "expired")) return EXPIRED;
  if (contains(error, "subject name") || contains(error, "host name") || contains(error, "hostname") ||
      contains(error, "does not match"))
    return "the server's certificate is for another name";
  if (contains(error, "self-signed") || contains(error, "self signed") || contains(error, "issuer") ||
      contains(error, "unknown CA"))
    return UNKNOWN_ISSUER;
  if (contains(error, "verif")) return "the server's certificate could not be verified";
  return "no secure connection could be made";
}

/* CURLE_TOO_LARGE, which libcurl has from 8.6 on: a header line beyond its own limit of 100 KB. */
static bool is_too_large(CURLcode code) { return (int)code == 100; }

static exo_kind kind_of(CURLcode code) {
  if (is_too_large(code)) return EXO_PROTOCOL;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return EXO_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS: return EXO_TLS;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING: return EXO_PROTOCOL;
    case CURLE_OUT_OF_MEMORY: return EXO_NO_MEMORY;
    default: return EXO_NETWORK;
  }
}

/* A connection needs up to four: for the resolver, the socket, the CA bundle. For want of them libcurl speaks of the
 * host, the network or the bundle, mostly without the system's error; so what is left tells. */
static bool lacks_descriptors(CURL *easy, CURLcode code) {
  enum { NEEDED = 4 };
  long system = 0;
  bool possible = code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
                  code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CACERT_BADFILE;
  if (!possible) return false;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &system);
  bool explained = system != 0 && code != CURLE_SSL_CACERT_BADFILE; /* there it is that of an earlier step */
  return system == EMFILE || system == ENFILE || (!explained && !exo_descriptors_left(NEEDED));
}

static const char *network_reason(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY: return "the proxy's name could not be resolved";
    case CURLE_COULDNT_RESOLVE_HOST: return "the host's name could not be resolved: check the network and the address";
    case CURLE_COULDNT_CONNECT: return "no connection: check the network and the address";
    case CURLE_ABORTED_BY_CALLBACK: return "the connection broke after the request was sent";
    case CURLE_PARTIAL_FILE: return "the answer was cut short";
    case CURLE_GOT_NOTHING: return "the connection was closed without an answer";
    default: return "the connection failed";
  }
}

static const char *reason_of(const exo_reply *reply, CURL *easy, CURLcode code, const char *detail) {
  const char *verified;
  switch (reply->failure) {
    case EXO_TLS: return (verified = verify_reason(easy)) != NULL ? verified : tls_reason(detail);
    case EXO_NETWORK: return network_reason(code);
    case EXO_TIMEOUT:
      return reply->sent ? "no answer in time" : "no connection in time: check the network and the address";
    default: return is_too_large(code) ? "the answer is too large" : "the answer is no HTTP that could be understood";
  }
}

void exo_curl_describe(exo_reply *reply, CURL *easy, CURLcode code, const char *detail) {
  if (lacks_descriptors(easy, code)) {
    reply->failure = EXO_CONFIG;
    reply->lacks_descriptors = true;
    snprintf(reply->message, sizeof reply->message, TOO_MANY_FILES);
    return;
  }
  if (detail[0] == '\0') detail = curl_easy_strerror(code);
  reply->failure = kind_of(code);
  snprintf(reply->message, sizeof reply->message, "%.130s (%.255s)", reason_of(reply, easy, code, detail), detail);
}
