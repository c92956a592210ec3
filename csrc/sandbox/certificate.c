#include "sandbox/certificate.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define BUILDER_TYPE "exotel.sandbox.certificate"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* Owns all that must be freed, also when a push raises. */
typedef struct cert_builder {
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
  gnutls_datum_t certificate_text, key_text;
} cert_builder;

static int builder_gc(lua_State *L) {
  cert_builder *builder = lua_touserdata(L, 1);
  gnutls_free(builder->certificate_text.data);
  gnutls_free(builder->key_text.data);
  if (builder->certificate != NULL) gnutls_x509_crt_deinit(builder->certificate);
  if (builder->key != NULL) gnutls_x509_privkey_deinit(builder->key);
  memset(builder, 0, sizeof *builder);
  return 0;
}

void sbx_certificate_register(lua_State *L) {
  luaL_newmetatable(L, BUILDER_TYPE);
  lua_pushcfunction(L, builder_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

static cert_builder *push_builder(lua_State *L) {
  cert_builder *builder = lua_newuserdatauv(L, sizeof *builder, 0);
  memset(builder, 0, sizeof *builder);
  luaL_getmetatable(L, BUILDER_TYPE);
  lua_setmetatable(L, -2);
  return builder;
}

static void check(lua_State *L, int result) {
  if (result < 0) luaL_error(L, "can't make a certificate: %s", gnutls_strerror(result));
}

static void make_key(lua_State *L, cert_builder *builder) {
  unsigned int bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
  check(L, gnutls_x509_privkey_init(&builder->key));
  check(L, gnutls_x509_privkey_generate(builder->key, GNUTLS_PK_ECDSA, bits, 0));
}

static void add_address(lua_State *L, gnutls_x509_crt_t certificate, int family, const char *text,
                        unsigned int length) {
  unsigned char address[16];
  inet_pton(family, text, address);
  check(L,
        gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, address, length, GNUTLS_FSAN_APPEND));
}

static void add_name(lua_State *L, gnutls_x509_crt_t certificate, const char *name) {
  unsigned int length = (unsigned int)strlen(name);
  check(L, gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, length));
  check(L, gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name, length, GNUTLS_FSAN_APPEND));
}

static void add_names(lua_State *L, gnutls_x509_crt_t certificate, const char *only) {
  add_name(L, certificate, only != NULL ? only : "localhost");
  if (only != NULL) return;
  add_address(L, certificate, AF_INET, "127.0.0.1", 4);
  add_address(L, certificate, AF_INET6, "::1", 16);
}

/* A client may remember issuer and serial, so no two certificates have the same pair. */
static void set_serial(lua_State *L, gnutls_x509_crt_t certificate) {
  unsigned char serial[16];
  check(L, gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial));
  serial[0] = (unsigned char)(serial[0] & 0x7f); /* a positive number */
  serial[15] |= 1;                               /* and not 0 */
  check(L, gnutls_x509_crt_set_serial(certificate, serial, sizeof serial));
}

static void set_validity(lua_State *L, gnutls_x509_crt_t certificate, bool expired) {
  time_t now = time(NULL);
  check(L, gnutls_x509_crt_set_activation_time(certificate, now - (expired ? 2 * DAY : HOUR)));
  check(L, gnutls_x509_crt_set_expiration_time(certificate, now + (expired ? -DAY : DAY)));
}

static void make_certificate(lua_State *L, cert_builder *builder, const char *name, bool expired) {
  check(L, gnutls_x509_crt_init(&builder->certificate));
  check(L, gnutls_x509_crt_set_version(builder->certificate, 3));
  check(L, gnutls_x509_crt_set_key(builder->certificate, builder->key));
  check(L, gnutls_x509_crt_set_basic_constraints(builder->certificate, 1, -1));
  set_serial(L, builder->certificate);
  set_validity(L, builder->certificate, expired);
  add_names(L, builder->certificate, name);
  check(L, gnutls_x509_crt_sign2(builder->certificate, builder->certificate, builder->key, GNUTLS_DIG_SHA256, 0));
}

static void push_text(lua_State *L, const gnutls_datum_t *text) {
  lua_pushlstring(L, (const char *)text->data, text->size);
}

static void make_texts(lua_State *L, cert_builder *builder) {
  check(L, gnutls_x509_crt_export2(builder->certificate, GNUTLS_X509_FMT_PEM, &builder->certificate_text));
  check(L, gnutls_x509_privkey_export2(builder->key, GNUTLS_X509_FMT_PEM, &builder->key_text));
}

int sbx_certificate_make(lua_State *L) {
  const char *name = NULL;
  bool expired = false;
  lua_settop(L, 1);
  if (!lua_isnil(L, 1)) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "name");
    name = luaL_optstring(L, -1, NULL);
    lua_getfield(L, 1, "expired");
    expired = lua_toboolean(L, -1);
  }
  cert_builder *builder = push_builder(L);
  make_key(L, builder);
  make_certificate(L, builder, name, expired);
  make_texts(L, builder);
  push_text(L, &builder->certificate_text);
  push_text(L, &builder->key_text);
  return 2;
}
