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

bool exo_maybe_applied(const exo_operation *operation, exo_kind kind, bool sent) {
  if (!sent || !exo_operation_writes(operation)) return false;
  switch (kind) {
    case EXO_NETWORK:
    case EXO_TIMEOUT:
    case EXO_TLS:
    case EXO_SERVER:
    case EXO_PROTOCOL:
    case EXO_CANCELLED:
    case EXO_NO_MEMORY: return true;
    default: return false;
  }
}

static bool passes(exo_kind kind, long status) {
  switch (kind) {
    case EXO_NETWORK:
    case EXO_TIMEOUT:
    case EXO_RATE_LIMITED: return true;
    case EXO_SERVER: return status == 500 || (status >= 502 && status <= 504);
    default: return false;
  }
}

bool exo_retryable(const exo_operation *operation, exo_kind kind, long status, bool sent) {
  if (!passes(kind, status)) return false;
  return exo_operation_repeatable(operation) || !sent || kind == EXO_RATE_LIMITED;
}
