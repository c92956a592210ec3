#include "exotel/api/rules.h"

#include <stdbool.h>
#include <string.h>

/* What each rule asks for, for the documentation and, after "must be ", for whoever broke it. */
#define ID "the numeric id that the service gave"
#define TRUNK_NAME "1 to 16 letters, digits or underscores"
#define NSO_CODE "like ANY-ANY: capitals and a hyphen"
#define E164 "E.164: \"+\", then 7 to 15 digits, the first not 0"
#define MODE "\"pstn\" or \"flow\""
#define IPV4 "an IPv4 address, as in 44.248.146.11"
#define MASK "16 to 32"
#define UINT16 "0 to 65535"
#define OFFSET "0 or more"
#define PAGE_SIZE "1 or more"
#define DESTINATION "<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>, as in 44.248.146.11:5061;transport=tls"
#define DOMAIN_NAME "<account_sid>.pstn.exotel.com"
#define FRIENDLY_NAME "1 to 32 letters, digits or underscores"
#define PASSWORD "letters, digits or underscores only"

/* Locale must not decide what a phone number is, so no <ctype.h>. */
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
static bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
static bool is_upper_or_digit(char c) { return is_upper(c) || is_digit(c); }
static bool is_label(char c) { return is_letter(c) || is_digit(c) || c == '-'; }

/* How many characters from `at` on are of a kind. */
static size_t span(const exo_value *value, size_t at, bool (*kind)(char)) {
  size_t n = 0;
  while (at + n < value->length && kind(value->text[at + n])) n++;
  return n;
}

static bool all(const exo_value *value, bool (*kind)(char), size_t least, size_t most) {
  return value->length >= least && value->length <= most && span(value, 0, kind) == value->length;
}

const char *exo_rule_filled(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return value->length > 0 ? NULL : "must not be empty";
}

const char *exo_rule_id(const exo_value *value, const exo_value *owner) {
  (void)owner;
  if (value->type == EXO_VALUE_INTEGER) return value->integer >= 0 ? NULL : "must be a numeric id";
  return all(value, is_digit, 1, 40) ? NULL : "must be " ID ", never the number or address itself";
}

const char *exo_rule_trunk_name(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return all(value, is_word, 1, 16) ? NULL : "must be " TRUNK_NAME;
}

const char *exo_rule_nso_code(const exo_value *value, const exo_value *owner) {
  (void)owner;
  size_t left = span(value, 0, is_upper_or_digit);
  size_t right = left < value->length && value->text[left] == '-' ? span(value, left + 1, is_upper_or_digit) : 0;
  bool good = left > 0 && right > 0 && left + 1 + right == value->length;
  return good ? NULL : "must be " NSO_CODE;
}

const char *exo_rule_e164(const exo_value *value, const exo_value *owner) {
  (void)owner;
  if (value->length > 0 && is_digit(value->text[0]))
    return "must be E.164 and start with \"+\" and the country code, as in +919876543210";
  bool plus = value->length > 1 && value->text[0] == '+' && value->text[1] != '0';
  size_t digits = plus ? span(value, 1, is_digit) : 0;
  bool good = digits >= 7 && digits <= 15 && digits + 1 == value->length;
  return good ? NULL : "must be " E164;
}

const char *exo_rule_mode(const exo_value *value, const exo_value *owner) {
  (void)owner;
  bool good = exo_value_is_text(value, "pstn") || exo_value_is_text(value, "flow");
  return good ? NULL : "must be " MODE;
}

/* One decimal number of a dotted address or a port, without a leading zero; its length, or 0. */
static size_t read_number(const char *text, size_t length, long most) {
  long number = 0;
  size_t n = 0;
  while (n < length && n < 6 && is_digit(text[n])) number = number * 10 + (text[n++] - '0');
  bool padded = n > 1 && text[0] == '0';
  return n == 0 || padded || number > most ? 0 : n;
}

static bool is_ipv4(const char *text, size_t length) {
  for (int part = 0; part < 4; part++) {
    size_t n = read_number(text, length, 255);
    bool last = part == 3;
    if (n == 0 || (last ? n != length : n >= length || text[n] != '.')) return false;
    text += n + 1;
    length -= last ? n : n + 1;
  }
  return true;
}

const char *exo_rule_ipv4(const exo_value *value, const exo_value *owner) {
  (void)owner;
  if (memchr(value->text, ':', value->length) != NULL) return "must be an IPv4 address: the service takes no IPv6";
  if (memchr(value->text, '/', value->length) != NULL) return "must be an IPv4 address; its length goes into mask";
  return is_ipv4(value->text, value->length) ? NULL : "must be " IPV4;
}

static const char *between(const exo_value *value, int64_t least, int64_t most, const char *error) {
  return value->integer >= least && value->integer <= most ? NULL : error;
}

const char *exo_rule_mask(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return between(value, 16, 32, "must be " MASK);
}

const char *exo_rule_uint16(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return between(value, 0, 65535, "must be " UINT16);
}

const char *exo_rule_offset(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return between(value, 0, INT32_MAX, "must be " OFFSET);
}

const char *exo_rule_page_size(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return between(value, 1, INT32_MAX, "must be " PAGE_SIZE);
}

/* A dotted host name by RFC 1123, with a letter in its last label: 300.1.1.1 is a mistyped address, no name. */
static bool is_fqdn(const char *text, size_t length) {
  if (length == 0 || length > 253) return false;
  size_t label = 0;
  bool letter = false, dotted = false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    bool edge = label == 0 || i + 1 == length || text[i + 1] == '.';
    if (c == '.' ? label == 0 : !is_label(c) || (c == '-' && edge) || label >= 63) return false;
    dotted = dotted || c == '.';
    letter = c == '.' ? false : letter || is_letter(c);
    label = c == '.' ? 0 : label + 1;
  }
  return label > 0 && letter && dotted;
}

static bool is_transport(const char *text, size_t length) {
  static const char *const known[] = { ";transport=tls", ";transport=tcp", ";transport=udp" };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strlen(known[i]) == length && memcmp(known[i], text, length) == 0) return true;
  return length == 0;
}

const char *exo_rule_destination(const exo_value *value, const exo_value *owner) {
  (void)owner;
  static const char *const shape = "must be " DESTINATION;
  if (value->length >= 4 && memcmp(value->text, "sip:", 4) == 0) return "must be sent without \"sip:\" before it";
  if (value->length > 0 && value->text[0] == '[') return "must be an IPv4 address or a name: the service takes no IPv6";
  const char *colon = memchr(value->text, ':', value->length);
  if (colon == NULL) return shape;
  size_t host = (size_t)(colon - value->text), rest = value->length - host - 1;
  size_t port = read_number(colon + 1, rest, 65535);
  if (port == 0 || colon[1] == '0' || !is_transport(colon + 1 + port, rest - port)) return shape;
  return is_ipv4(value->text, host) || is_fqdn(value->text, host) ? NULL : shape;
}

const char *exo_rule_domain_name(const exo_value *value, const exo_value *owner) {
  (void)owner;
  static const char suffix[] = ".pstn.exotel.com";
  size_t tail = sizeof suffix - 1;
  bool ends = value->length > tail && memcmp(value->text + value->length - tail, suffix, tail) == 0;
  return ends && is_fqdn(value->text, value->length) ? NULL : "must be " DOMAIN_NAME;
}

/* The one setting the service documents is the caller ID, a phone number. */
const char *exo_rule_setting_value(const exo_value *value, const exo_value *owner) {
  bool alias = exo_value_is_text(exo_value_member(owner, "name"), "trunk_external_alias");
  return alias ? exo_rule_e164(value, owner) : NULL;
}

const char *exo_rule_friendly_name(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return all(value, is_word, 1, 32) ? NULL : "must be " FRIENDLY_NAME;
}

const char *exo_rule_password(const exo_value *value, const exo_value *owner) {
  (void)owner;
  return all(value, is_word, 1, SIZE_MAX) ? NULL : "must be " PASSWORD;
}

const char *exo_rule_words(exo_rule rule) {
  static const struct {
    exo_rule rule;
    const char *words;
  } rules[] = {
    { exo_rule_filled, "not empty" },
    { exo_rule_id, ID },
    { exo_rule_trunk_name, TRUNK_NAME },
    { exo_rule_nso_code, NSO_CODE },
    { exo_rule_domain_name, DOMAIN_NAME },
    { exo_rule_e164, E164 },
    { exo_rule_mode, MODE },
    { exo_rule_ipv4, IPV4 },
    { exo_rule_mask, MASK },
    { exo_rule_destination, DESTINATION },
    { exo_rule_setting_value, "of trunk_external_alias " E164 },
    { exo_rule_uint16, UINT16 },
    { exo_rule_friendly_name, FRIENDLY_NAME },
    { exo_rule_password, PASSWORD },
    { exo_rule_offset, OFFSET },
    { exo_rule_page_size, PAGE_SIZE },
  };
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    if (rules[i].rule == rule) return rules[i].words;
  return NULL;
}
