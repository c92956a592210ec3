#include "exotel/api/kind.h"

const char *exo_kind_name(exo_kind kind) {
  static const char *const names[] = { "ok",           "config",    "invalid_argument", "authentication",
                                       "permission",   "not_found", "conflict",         "rate_limited",
                                       "rejected",     "server",    "partial",          "network",
                                       "timeout",      "tls",       "protocol",         "cancelled",
                                       "out of memory" };
  return names[kind];
}

exo_kind exo_kind_of_status(long status) {
  switch (status) {
    case 401: return EXO_AUTHENTICATION;
    case 403: return EXO_PERMISSION;
    case 404: return EXO_NOT_FOUND;
    case 409: return EXO_CONFLICT;
    case 429: return EXO_RATE_LIMITED;
    default: break;
  }
  if (status >= 200 && status < 300) return EXO_OK;
  if (status >= 400 && status < 500) return EXO_REJECTED;
  return status >= 500 && status < 600 ? EXO_SERVER : EXO_PROTOCOL;
}

bool exo_kind_is_refusal(exo_kind kind) {
  switch (kind) {
    case EXO_AUTHENTICATION:
    case EXO_PERMISSION:
    case EXO_NOT_FOUND:
    case EXO_CONFLICT:
    case EXO_RATE_LIMITED:
    case EXO_REJECTED: return true;
    default: return false;
  }
}
