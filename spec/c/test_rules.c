/* Every rule of a field at its borders. */
#include "exotel/api/rules.h"

#include <string.h>

#include "support.h"

static const exo_value nobody = { .type = EXO_VALUE_RECORD };

static void check_text(exo_rule rule, const char *text, size_t length, bool good) {
  exo_value value = text_value(text, length);
  const char *error = rule(&value, &nobody);
  if ((error == NULL) != good)
    fail_msg("\"%s\" should be %s, got: %s", text, good ? "good" : "bad", error ? error : "good");
}

static void check_texts(exo_rule rule, const char *const *texts, bool good) {
  for (; *texts != NULL; texts++) check_text(rule, *texts, strlen(*texts), good);
}

#define GOOD(rule, ...) check_texts(rule, (const char *const[]){ __VA_ARGS__, NULL }, true)
#define BAD(rule, ...) check_texts(rule, (const char *const[]){ __VA_ARGS__, NULL }, false)

/* A text of `count` times one character, between two others. */
static void check_long(exo_rule rule, const char *before, char c, size_t count, const char *after, bool good) {
  char text[400];
  size_t start = strlen(before), tail = strlen(after);
  memcpy(text, before, start);
  memset(text + start, c, count);
  memcpy(text + start + count, after, tail + 1);
  check_text(rule, text, start + count + tail, good);
}

static void check_integer(exo_rule rule, int64_t integer, bool good) {
  exo_value value = { .type = EXO_VALUE_INTEGER, .integer = integer };
  if ((rule(&value, &nobody) == NULL) != good) fail_msg("%lld should be %s", (long long)integer, good ? "good" : "bad");
}

static void check_range(exo_rule rule, int64_t least, int64_t most) {
  check_integer(rule, INT64_MIN, false);
  check_integer(rule, least - 1, false);
  check_integer(rule, least, true);
  check_integer(rule, most, true);
  check_integer(rule, most + 1, false);
  check_integer(rule, INT64_MAX, false);
}

static void trunk_name(void **state) {
  (void)state;
  GOOD(exo_rule_trunk_name, "a", "_", "0", "outbound_trunk", "my_pbx_trunk", "ABCDEFGHIJ123456");
  BAD(exo_rule_trunk_name, "", "ABCDEFGHIJ1234567", "a-b", "a b", "a.b", "tr\xC3\xBCnk", "trunk\n", " trunk");
}

static void nso_code(void **state) {
  (void)state;
  GOOD(exo_rule_nso_code, "ANY-ANY");
  BAD(exo_rule_nso_code, "any any", "ANY ANY", "any-any", "Any-Any", "ANYANY", "ANY-", "-ANY", "-", "", "ANY--ANY",
      "ANY-ANY-ANY", "ANY-ANY ", " ANY-ANY", "ANY_ANY");
}

static void domain_name(void **state) {
  (void)state;
  GOOD(exo_rule_domain_name, "ameyo5m.pstn.exotel.com", "a.pstn.exotel.com", "a.b-c.pstn.exotel.com");
  BAD(exo_rule_domain_name, "", "pstn.exotel.com", ".pstn.exotel.com", "ameyo5m.exotel.com", "ameyo5m.pstn.exotel.com.",
      "ameyo5m.pstn.exotel.comx", "ameyo5mpstn.exotel.com", "a b.pstn.exotel.com", "-a.pstn.exotel.com",
      "a-.pstn.exotel.com", "a..pstn.exotel.com", "ameyo5m.pstn.exotel.com\n", "ameyo5m.pstn.exotel.org");
  check_long(exo_rule_domain_name, "", 'a', 63, ".pstn.exotel.com", true);
  check_long(exo_rule_domain_name, "", 'a', 64, ".pstn.exotel.com", false);
}

static void phone_number(void **state) {
  (void)state;
  GOOD(exo_rule_e164, "+1234567", "+123456789012345", "+919876543210", "+918040264208", "+1000000");
  BAD(exo_rule_e164, "", "+", "+123456", "+1234567890123456", "+0123456789", "919876543210", "09876543210", "++1234567",
      "+91 9876543210", "+91-9876543210", "+(91)9876543210", "+91224XXXX597", "+1234567a", " +1234567", "+1234567 ",
      "+1234567\n", "tel:+1234567", "00919876543210", "+\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4\xD9\xA5\xD9\xA6\xD9\xA7");
}

static void mode(void **state) {
  (void)state;
  GOOD(exo_rule_mode, "pstn", "flow");
  BAD(exo_rule_mode, "", "PSTN", "Flow", "pstn ", " flow", "flows", "pst", "null");
}

static void ip(void **state) {
  (void)state;
  GOOD(exo_rule_ipv4, "0.0.0.0", "255.255.255.255", "44.248.146.11", "203.0.113.50", "1.10.100.200");
  BAD(exo_rule_ipv4, "", "256.0.0.1", "0.256.0.1", "0.0.256.1", "0.0.0.256", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.",
      "1.2.3.4.5", "1..2.3", "01.2.3.4", "1.2.3.04", "1.2.3.00", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.-4",
      "1.2.3.+4", "0x1.2.3.4", "1.2.3.a", "a.b.c.d", "1.2.3.1000000000000", "1.2.3.4294967300", "16909060",
      "1.2.3.4/32", "::1", "::ffff:1.2.3.4", "2001:db8::1", "1,2,3,4", "localhost");
}

static void mask(void **state) {
  (void)state;
  check_range(exo_rule_mask, 16, 32);
  check_integer(exo_rule_mask, 24, true);
}

static void destination(void **state) {
  (void)state;
  GOOD(exo_rule_destination, "44.248.146.11:5061;transport=tls", "44.248.146.11:5060;transport=tcp",
       "44.248.146.11:5060;transport=udp", "44.248.146.11:5060", "sip.company.com:5061;transport=tls",
       "sip.yourcompany.com:5061;transport=tls", "a.b:1", "a.b:65535;transport=tcp", "xn--bcher-kva.example:5061",
       "1-2.3a.4b:5060", "SIP.Example.COM:5060");
  BAD(exo_rule_destination, "", ":", ":5061", "44.248.146.11", "44.248.146.11:", "44.248.146.11:0",
      "44.248.146.11:65536", "44.248.146.11:99999999999", "44.248.146.11:05061", "44.248.146.11:-1",
      "44.248.146.11:port", "44.248.146.11;transport=tls", "44.248.146.11:5061;transport=TLS",
      "44.248.146.11:5061;transport=ws", "44.248.146.11:5061;transport=", "44.248.146.11:5061;",
      "44.248.146.11:5061;transport=tls;lr", "44.248.146.11:5061;transport=tls ", "44.248.146.11:5061 ;transport=tls",
      "44.248.146.11:5061,transport=tls", "sip:44.248.146.11:5061;transport=tls", "sips:a.com:5061",
      "[::1]:5061;transport=tls", "::1:5061", "300.1.1.1:5061", "1.2.3:5061", "1.2.3.4.5:5061", "localhost:5061",
      "-a.com:5061", "a-.com:5061", "a_b.com:5061", " a.com:5061", "a.com :5061", "a..com:5061", ".com:5061",
      "a.com.:5061", "a.-:5061", "a.com:5061?x=1", "user@a.com:5061",
      "b\xC3\xBC"
      "cher.example:5061",
      "a.com:5061\n");
}

static void destination_lengths(void **state) {
  (void)state;
  static const char labels[] =
      "a234567890.a234567890.a234567890.a234567890.a234567890.a234567890.a234567890.a234567890."
      "a234567890.a234567890.a234567890.a234567890.a234567890.a234567890.a234567890.a234567890."
      "a234567890.a234567890.";
  check_long(exo_rule_destination, "", 'a', 63, ".com:5061", true);
  check_long(exo_rule_destination, "", 'a', 64, ".com:5061", false);
  check_long(exo_rule_destination, labels, 'a', 253 - strlen(labels), ":5061", true);
  check_long(exo_rule_destination, labels, 'a', 254 - strlen(labels), ":5061", false);
}

static const char *setting(const char *name, const char *text) {
  exo_value members[] = { text_value(name, strlen(name)), text_value(text, strlen(text)) };
  members[0].name = "name";
  members[1].name = "value";
  exo_value owner = { .type = EXO_VALUE_RECORD, .items = members, .count = 2 };
  return exo_rule_setting_value(&members[1], &owner);
}

static void setting_value(void **state) {
  (void)state;
  assert_null(setting("trunk_external_alias", "+919876543210"));
  assert_non_null(setting("trunk_external_alias", "919876543210"));
  assert_non_null(setting("trunk_external_alias", ""));
  assert_null(setting("another", "anything at all"));
  assert_null(setting("another", ""));
  assert_null(setting("trunk_external_alias_2", "anything at all"));
}

static void names_and_passwords(void **state) {
  (void)state;
  GOOD(exo_rule_friendly_name, "a", "_", "0", "My_name_1");
  BAD(exo_rule_friendly_name, "", "a b", "a-b", "a.b", "n\xC3\xA4me", "a\n");
  check_long(exo_rule_friendly_name, "", 'a', 32, "", true);
  check_long(exo_rule_friendly_name, "", 'a', 33, "", false);
  GOOD(exo_rule_password, "a", "_", "0", "Pass_word_1");
  BAD(exo_rule_password, "", "pass word", "pass-word", "p@ss", "p\xC3\xA4ss", "pass\n");
  check_long(exo_rule_password, "", 'a', 300, "", true);
}

static void ids(void **state) {
  (void)state;
  GOOD(exo_rule_id, "0", "41512", "2543", "123456789012345678");
  BAD(exo_rule_id, "", "+919876543210", "44.248.146.11", "-1", "4 1", " 41", "41\n", "4x", "0x41", "41512/..");
  check_long(exo_rule_id, "", '9', 40, "", true);
  check_long(exo_rule_id, "", '9', 41, "", false);
  check_integer(exo_rule_id, 0, true);
  check_integer(exo_rule_id, INT64_MAX, true);
  check_integer(exo_rule_id, -1, false);
}

static void numbers(void **state) {
  (void)state;
  check_range(exo_rule_uint16, 0, 65535);
  check_range(exo_rule_offset, 0, INT32_MAX);
  check_range(exo_rule_page_size, 1, INT32_MAX);
}

static void filled(void **state) {
  (void)state;
  GOOD(exo_rule_filled, " ", "x", "\xC3\xBC");
  BAD(exo_rule_filled, "");
}

/* A NUL must not end a value early: what stands behind it counts. */
static void nul_inside(void **state) {
  (void)state;
  check_text(exo_rule_mode, "pstn\0", 5, false);
  check_text(exo_rule_e164, "+919876543210\0", 14, false);
  check_text(exo_rule_ipv4, "1.2.3.4\0.5", 10, false);
  check_text(exo_rule_trunk_name, "trunk\0", 6, false);
  check_text(exo_rule_destination, "1.2.3.4:5060\0", 13, false);
  check_text(exo_rule_domain_name, "a\0.pstn.exotel.com", 18, false);
  check_text(exo_rule_nso_code, "ANY-ANY\0", 8, false);
}

static void check_words(const exo_parameter *parameter) {
  for (; parameter->name != NULL; parameter++) {
    if (parameter->rule != NULL && exo_rule_words(parameter->rule) == NULL)
      fail_msg("no words for the rule of %s", parameter->name);
    if (parameter->fields != NULL) check_words(parameter->fields);
  }
}

/* The documentation tells every rule. */
static void words(void **state) {
  (void)state;
  for (size_t i = 0; i < exo_operation_count; i++) check_words(exo_operations[i].parameters);
}

int main(void) {
  /* clang-format off */
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(trunk_name),          cmocka_unit_test(nso_code),
    cmocka_unit_test(domain_name),         cmocka_unit_test(phone_number),
    cmocka_unit_test(mode),                cmocka_unit_test(ip),
    cmocka_unit_test(mask),                cmocka_unit_test(destination),
    cmocka_unit_test(destination_lengths), cmocka_unit_test(setting_value),
    cmocka_unit_test(names_and_passwords), cmocka_unit_test(ids),
    cmocka_unit_test(numbers),             cmocka_unit_test(filled),
    cmocka_unit_test(nul_inside),          cmocka_unit_test(words),
  };
  /* clang-format on */
  return cmocka_run_group_tests(tests, NULL, values_forget);
}
