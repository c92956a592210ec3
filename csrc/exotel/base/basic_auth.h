/* HTTP's Basic authentication (RFC 7617). */
#ifndef EXOTEL_BASE_BASIC_AUTH_H
#define EXOTEL_BASE_BASIC_AUTH_H

#include "exotel/base/memory.h"

/* What stands behind "Basic " in an Authorization header; in the arena, which wipes it. NULL when memory ran out. */
char *exo_basic_auth(const char *user, const char *password, exo_arena *arena);

#endif
