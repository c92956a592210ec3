#include "certificate.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define WORKSHOP "exotel.sandbox.certificate"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* All that must be freed, also when a push raises. */
struct workshop {
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
  gnutls_datum_t certificate_text, key_text;
};

static int clear_workshop(lua_State *L) {
  struct workshop *shop = lua_touserdata(L, 1);
  gnutls_free(shop->certificate_text.data);
  gnutls_free(shop->key_text.data);
  if (shop->certificate) gnutls_x509_crt_deinit(shop->certificate);
  if (shop->key) gnutls_x509_privkey_deinit(shop->key);
  memset(shop, 0, sizeof *shop);
  return 0;
}

void certificate_register(lua_State *L) {
  luaL_newmetatable(L, WORKSHOP);
  lua_pushcfunction(L, clear_workshop);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

static struct workshop *new_workshop(lua_State *L) {
  struct workshop *shop = lua_newuserdatauv(L, sizeof *shop, 0);
  memset(shop, 0, sizeof *shop);
  luaL_getmetatable(L, WORKSHOP);
  lua_setmetatable(L, -2);
  return shop;
}

static void check(lua_State *L, int result) {
  if (result < 0) luaL_error(L, "can't make a certificate: %s", gnutls_strerror(result));
}

static void make_key(lua_State *L, struct workshop *shop) {
  unsigned int bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
  check(L, gnutls_x509_privkey_init(&shop->key));
  check(L, gnutls_x509_privkey_generate(shop->key, GNUTLS_PK_ECDSA, bits, 0));
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
  add_name(L, certificate, only ? only : "localhost");
  if (only) return;
  add_address(L, certificate, AF_INET, "127.0.0.1", 4);
  add_address(L, certificate, AF_INET6, "::1", 16);
}

/* A client may remember issuer and serial, so no two certificates have the same. */
static void set_serial(lua_State *L, gnutls_x509_crt_t certificate) {
  unsigned char serial[16];
  check(L, gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial));
  serial[0] = (unsigned char)(serial[0] & 0x7f); /* a positive number */
  serial[15] |= 1;                               /* and not 0 */
  check(L, gnutls_x509_crt_set_serial(certificate, serial, sizeof serial));
}

static void set_validity(lua_State *L, gnutls_x509_crt_t certificate, int expired) {
  time_t now = time(NULL);
  check(L, gnutls_x509_crt_set_activation_time(certificate, now - (expired ? 2 * DAY : HOUR)));
  check(L, gnutls_x509_crt_set_expiration_time(certificate, now + (expired ? -DAY : DAY)));
}

static void make_certificate(lua_State *L, struct workshop *shop, const char *name, int expired) {
  check(L, gnutls_x509_crt_init(&shop->certificate));
  check(L, gnutls_x509_crt_set_version(shop->certificate, 3));
  check(L, gnutls_x509_crt_set_key(shop->certificate, shop->key));
  check(L, gnutls_x509_crt_set_basic_constraints(shop->certificate, 1, -1));
  set_serial(L, shop->certificate);
  set_validity(L, shop->certificate, expired);
  add_names(L, shop->certificate, name);
  check(L, gnutls_x509_crt_sign2(shop->certificate, shop->certificate, shop->key, GNUTLS_DIG_SHA256, 0));
}

static void push_text(lua_State *L, const gnutls_datum_t *text) {
  lua_pushlstring(L, (const char *)text->data, text->size);
}

static void make_texts(lua_State *L, struct workshop *shop) {
  check(L, gnutls_x509_crt_export2(shop->certificate, GNUTLS_X509_FMT_PEM, &shop->certificate_text));
  check(L, gnutls_x509_privkey_export2(shop->key, GNUTLS_X509_FMT_PEM, &shop->key_text));
}

int certificate_make(lua_State *L) {
  const char *name = NULL;
  int expired = 0;
  struct workshop *shop;

  lua_settop(L, 1);
  if (!lua_isnil(L, 1)) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "name");
    name = luaL_optstring(L, -1, NULL);
    lua_getfield(L, 1, "expired");
    expired = lua_toboolean(L, -1);
  }
  shop = new_workshop(L);
  make_key(L, shop);
  make_certificate(L, shop, name, expired);
  make_texts(L, shop);
  push_text(L, &shop->certificate_text);
  push_text(L, &shop->key_text);
  return 2;
}
