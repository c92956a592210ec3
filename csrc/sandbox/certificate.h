/* Makes the server's certificate. */
#ifndef EXOTEL_SANDBOX_CERTIFICATE_H
#define EXOTEL_SANDBOX_CERTIFICATE_H

#include "lua/compat.h"

/* server.certificate([{ name = string, expired = boolean }]) → certificate, key (both PEM)
 * Self-signed, and its own authority. It is for 127.0.0.1, ::1 and localhost, or only for `name`; valid from an hour
 * ago for a day, or expired since yesterday. Raises when GnuTLS can't make it. */
int sbx_certificate_make(lua_State *L);
/* To be called once in a state before sbx_certificate_make. */
void sbx_certificate_register(lua_State *L);

#endif
