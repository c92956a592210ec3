/* Arguments against the table of operations: what is missing, unknown, of a wrong type, or can't be carried. */
#include "exotel/api/validate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exotel/base/utf8.h"
#include "support.h"

static exo_error error;

static bool valid(const exo_operation *operation, const exo_value *arguments, bool values) {
  error = (exo_error){ "", "" };
  return exo_validate(operation, arguments, values, &error);
}

/* ---- every row of the table ---- */

/* A value that each parameter takes, as JSON. */
/* clang-format off */
static const char *const samples[][2] = {
  { "trunk_name", "\"outbound_trunk\"" },   { "nso_code", "\"ANY-ANY\"" },
  { "domain_name", "\"ameyo5m.pstn.exotel.com\"" }, { "trunk_sid", "\"trmum1f708622631150902801a1n\"" },
  { "phone_number", "\"+919876543210\"" },  { "mode", "\"flow\"" },
  { "offset", "0" },                        { "page_size", "50" },
  { "id", "\"41512\"" },                    { "ip", "\"44.248.146.11\"" },
  { "mask", "32" },                         { "destinations", "[{\"destination\":\"44.248.146.11:5061;transport=tls\"}]" },
  { "settings", "[{\"name\":\"trunk_external_alias\",\"value\":\"+919876543210\"}]" },
  { "auth_type", "\"IP-WHITELIST\"" },      { "status", "\"active\"" },
  { "registration_enabled", "\"enabled\"" }, { "edge_preference", "\"auto\"" },
  { "secure_trunking", "\"enabled\"" },     { "priority", "1" },
  { "weight", "65535" },                    { "name", "\"trunk_external_alias\"" },
  { "user_name", "\"alice\"" },             { "password", "\"secret_1\"" },
  { "friendly_name", "\"office\"" },        { "exophone", "\"+918040264208\"" },
};
/* clang-format on */

static const char *sample(const char *name) {
  for (size_t i = 0; i < COUNT(samples); i++)
    if (strcmp(samples[i][0], name) == 0) return samples[i][1];
  fail_msg("no sample for %s: add one", name);
  return NULL;
}

/* The arguments of an operation, those that are not required only with `all`, without the one named `without`. */
static const exo_value *arguments_of(const exo_operation *operation, bool all, const char *without) {
  char json[1024] = "{";
  size_t length = 1;
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++) {
    if ((!p->required && !all) || (without != NULL && strcmp(p->name, without) == 0)) continue;
    length += (size_t)snprintf(json + length, sizeof json - length, "%s\"%s\":%s", length > 1 ? "," : "", p->name,
                               sample(p->name));
  }
  snprintf(json + length, sizeof json - length, "}");
  return value_from(json);
}

#define EACH_OPERATION(o) for (const exo_operation *o = exo_operations; o < exo_operations + exo_operation_count; o++)

static void all_required_pass(void **state) {
  (void)state;
  assert_true(exo_operation_count > 0);
  EACH_OPERATION (o) {
    if (!valid(o, arguments_of(o, true, NULL), true))
      fail_msg("%s with all: %s %s", o->name, error.field, error.message);
    if (o->needs_change) continue;
    if (!valid(o, arguments_of(o, false, NULL), true)) fail_msg("%s: %s %s", o->name, error.field, error.message);
  }
}

static void a_missing_one_is_named(void **state) {
  (void)state;
  EACH_OPERATION (o) {
    for (const exo_parameter *p = o->parameters; p->name != NULL; p++) {
      bool good = valid(o, arguments_of(o, true, p->name), false);
      if (good == p->required) fail_msg("%s without %s", o->name, p->name);
      if (!p->required) continue;
      assert_string_equal(error.field, p->name);
      assert_string_equal(error.message, "is missing");
    }
  }
}

static void nothing_to_change(void **state) {
  (void)state;
  size_t seen = 0;
  EACH_OPERATION (o) {
    if (!o->needs_change) continue;
    seen++;
    assert_false(valid(o, arguments_of(o, false, NULL), true));
    assert_string_equal(error.field, "");
    assert_non_null(strstr(error.message, "nothing to change"));
  }
  assert_int_equal(seen, 4);
}

static void an_unknown_one_is_named(void **state) {
  (void)state;
  EACH_OPERATION (o) {
    assert_false(valid(o, value_from("{\"no_such\":1}"), false));
    assert_string_equal(error.field, "no_such");
    assert_non_null(strstr(error.message, "unknown"));
  }
}

/* ---- single cases ---- */

typedef struct refusal {
  const char *operation, *arguments, *field, *says;
} refusal;

static void check_refusals(const refusal *cases, size_t count, bool values) {
  for (size_t i = 0; i < count; i++) {
    const refusal *c = &cases[i];
    if (valid(operation_named(c->operation), value_from(c->arguments), values)) fail_msg("accepted: %s", c->arguments);
    if (strcmp(error.field, c->field) != 0 || strstr(error.message, c->says) == NULL)
      fail_msg("%s: got field '%s', message '%s'", c->arguments, error.field, error.message);
  }
}

/* Refused whether or not values are looked at. */
/* clang-format off */
static const refusal always[] = {
  { "create_trunk", "{}", "trunk_name", "missing" },
  { "create_trunk", "[\"outbound_trunk\"]", "[1]", "named" },
  { "create_trunk", "{\"trunk_name\":null}", "trunk_name", "must be a string, got null" },
  { "create_trunk", "{\"trunk_name\":1}", "trunk_name", "must be a string, got an integer" },
  { "create_trunk", "{\"trunk_name\":1.5}", "trunk_name", "must be a string, got a number" },
  { "create_trunk", "{\"trunk_name\":true}", "trunk_name", "must be a string, got a boolean" },
  { "create_trunk", "{\"trunk_name\":{}}", "trunk_name", "must be a string, got a list" },
  { "create_trunk", "{\"trunk_name\":{\"a\":1}}", "trunk_name", "must be a string, got a table" },
  { "create_trunk", "{\"trunk_name\":\"a\",\"Trunk_name\":\"a\"}", "Trunk_name", "unknown" },
  { "whitelist_ip", "{\"trunk_sid\":\"t\",\"ip\":\"1.2.3.4\",\"mask\":\"32\"}", "mask", "must be an integer, got a string" },
  { "whitelist_ip", "{\"trunk_sid\":\"t\",\"ip\":\"1.2.3.4\",\"mask\":24.5}", "mask", "must be an integer, got a number" },
  { "map_phone_number", "{\"trunk_sid\":\"t\",\"phone_number\":919876543210}", "phone_number", "must be a string" },
  { "unmap_phone_number", "{\"trunk_sid\":\"t\",\"id\":41512.5}", "id", "string of digits or an integer" },
  { "unmap_phone_number", "{\"trunk_sid\":\"t\",\"id\":null}", "id", "string of digits or an integer" },
  { "list_phone_numbers", "{\"trunk_sid\":\"t\",\"offset\":null}", "offset", "must be an integer" },
  { "list_phone_numbers", "{\"trunk_sid\":\"\"}", "trunk_sid", "must not be empty" },
  { "list_phone_numbers", "{\"trunk_sid\":\".\"}", "trunk_sid", "must not be \".\"" },
  { "list_phone_numbers", "{\"trunk_sid\":\"..\"}", "trunk_sid", "must not be \".\"" },
  { "update_phone_number", "{\"trunk_sid\":\"t\",\"id\":\"\",\"phone_number\":\"+1234567\",\"mode\":\"flow\"}", "id", "must not be empty" },
  { "update_phone_number", "{\"trunk_sid\":\"t\",\"id\":\"..\",\"phone_number\":\"+1234567\",\"mode\":\"flow\"}", "id", "must not be \".\"" },
  { "delete_trunk", "{\"trunk_sid\":\"\"}", "trunk_sid", "must not be empty" },
  { "remove_setting", "{\"trunk_sid\":\"t\",\"name\":\"\"}", "name", "must not be empty" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[]}", "destinations", "at least one" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":\"a\"}", "destinations", "must be a list of tables, got a string" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":{\"destination\":\"a\"}}", "destinations", "must be a list" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[\"a\"]}", "destinations[1]", "table with named fields, got a string" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[[\"a\"]]}", "destinations[1]", "got a list" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"1.2.3.4:5060\"},{}]}", "destinations[2].destination", "is missing" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"1.2.3.4:5060\"},{\"destination\":5}]}", "destinations[2].destination", "must be a string" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"1.2.3.4:5060\",\"uri\":\"x\"}]}", "destinations[1].uri", "unknown" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"1.2.3.4:5060\"},null]}", "destinations[2]", "got null" },
  { "set_settings", "{\"trunk_sid\":\"t\",\"settings\":[{\"name\":\"a\"}]}", "settings[1].value", "is missing" },
  { "set_settings", "{\"trunk_sid\":\"t\",\"settings\":[{\"name\":\"a\",\"value\":\"b\"},{\"value\":\"b\"}]}", "settings[2].name", "is missing" },
  { "update_trunk", "{\"trunk_sid\":\"t\"}", "", "nothing to change" },
};
/* clang-format on */

static void always_refused(void **state) {
  (void)state;
  check_refusals(always, COUNT(always), true);
  check_refusals(always, COUNT(always), false);
}

/* Refused by a value's rule only. */
/* clang-format off */
static const refusal by_rule[] = {
  { "create_trunk", "{\"trunk_name\":\"my-trunk\"}", "trunk_name", "1 to 16 letters, digits or underscores (got \"my-trunk\")" },
  { "create_trunk", "{\"trunk_name\":\"a\",\"nso_code\":\"any any\"}", "nso_code", "ANY-ANY" },
  { "create_trunk", "{\"trunk_name\":\"a\",\"domain_name\":\"exotel.com\"}", "domain_name", "pstn.exotel.com" },
  { "map_phone_number", "{\"trunk_sid\":\"t\",\"phone_number\":\"09876543210\"}", "phone_number", "E.164" },
  { "map_phone_number", "{\"trunk_sid\":\"t\",\"phone_number\":\"+919876543210\",\"mode\":\"sip\"}", "mode", "\"pstn\" or \"flow\"" },
  { "update_phone_number", "{\"trunk_sid\":\"t\",\"id\":\"+919876543210\",\"phone_number\":\"+919876543210\",\"mode\":\"flow\"}", "id", "numeric id" },
  { "whitelist_ip", "{\"trunk_sid\":\"t\",\"ip\":\"::1\"}", "ip", "IPv6" },
  { "whitelist_ip", "{\"trunk_sid\":\"t\",\"ip\":\"1.2.3.0/24\"}", "ip", "mask" },
  { "whitelist_ip", "{\"trunk_sid\":\"t\",\"ip\":\"1.2.3.4\",\"mask\":15}", "mask", "16 to 32 (got 15)" },
  { "update_whitelisted_ip", "{\"trunk_sid\":\"t\",\"id\":1,\"mask\":33}", "mask", "16 to 32" },
  { "add_destinations", "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"1.2.3.4:5060\"},{\"destination\":\"sip:1.2.3.4:5060\"}]}", "destinations[2].destination", "without \"sip:\"" },
  { "set_settings", "{\"trunk_sid\":\"t\",\"settings\":[{\"name\":\"trunk_external_alias\",\"value\":\"alice\"}]}", "settings[1].value", "E.164" },
  { "set_settings", "{\"trunk_sid\":\"t\",\"settings\":[{\"value\":\"alice\",\"name\":\"trunk_external_alias\"}]}", "settings[1].value", "E.164" },
  { "set_settings", "{\"trunk_sid\":\"t\",\"settings\":[{\"name\":\"\",\"value\":\"b\"}]}", "settings[1].name", "must not be empty" },
  { "update_trunk", "{\"trunk_sid\":\"t\",\"auth_type\":\"\"}", "auth_type", "must not be empty" },
  { "unmap_phone_number", "{\"trunk_sid\":\"t\",\"id\":-1}", "id", "numeric id" },
  { "update_destination", "{\"trunk_sid\":\"t\",\"id\":1,\"priority\":-1}", "priority", "0 to 65535" },
  { "update_destination", "{\"trunk_sid\":\"t\",\"id\":1,\"weight\":65536}", "weight", "0 to 65535" },
  { "list_trunks", "{\"offset\":-1}", "offset", "0 or more" },
  { "list_trunks", "{\"page_size\":0}", "page_size", "1 or more" },
  { "create_credential", "{\"trunk_sid\":\"t\",\"user_name\":\"\",\"password\":\"p\"}", "user_name", "must not be empty" },
  { "create_credential", "{\"trunk_sid\":\"t\",\"user_name\":\"u\",\"password\":\"p\",\"friendly_name\":\"a b\"}", "friendly_name", "1 to 32" },
  { "list_credentials", "{\"trunk_sid\":\"t\",\"id\":\"x\"}", "id", "numeric id" },
  { "find_trunk_map", "{\"exophone\":\"918040264208\"}", "exophone", "E.164" },
};
/* clang-format on */

static void refused_by_rule(void **state) {
  (void)state;
  check_refusals(by_rule, COUNT(by_rule), true);
}

static void rules_can_be_left_out(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(by_rule); i++)
    if (!valid(operation_named(by_rule[i].operation), value_from(by_rule[i].arguments), false))
      fail_msg("%s: %s", by_rule[i].arguments, error.message);
}

static const char *const accepted[][2] = {
  { "map_phone_number", "{\"trunk_sid\":\"t\",\"phone_number\":\"+919876543210\",\"mode\":null}" },
  { "unmap_phone_number", "{\"trunk_sid\":\"t\",\"id\":41512}" },
  { "unmap_phone_number", "{\"trunk_sid\":\"t\",\"id\":\"41512\"}" },
  { "update_trunk", "{\"trunk_sid\":\"t\",\"trunk_name\":\"new\"}" },
  { "list_phone_numbers", "{\"trunk_sid\":\"...\"}" },
  { "list_phone_numbers", "{\"trunk_sid\":\"../../x\"}" },
  { "list_trunks", "{}" },
  { "set_settings", "{\"trunk_sid\":\"t\",\"settings\":[{\"name\":\"other\",\"value\":\"\"}]}" },
};

static void these_pass(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(accepted); i++)
    if (!valid(operation_named(accepted[i][0]), value_from(accepted[i][1]), true))
      fail_msg("%s: %s %s", accepted[i][1], error.field, error.message);
}

/* ---- bytes that can't be carried ---- */

/* update_trunk with one value made of these bytes. */
static bool takes(const char *name, const char *bytes, size_t length, bool values) {
  exo_value members[] = { text_value("t", 1), text_value(bytes, length) };
  exo_value arguments = { .type = EXO_VALUE_RECORD, .items = members, .count = 2 };
  bool path = strcmp(name, "trunk_sid") == 0;
  members[0].name = path ? "status" : "trunk_sid";
  members[1].name = name;
  return valid(operation_named("update_trunk"), &arguments, values);
}

static void nul_bytes(void **state) {
  (void)state;
  static const char *const names[] = { "trunk_sid", "auth_type" };
  for (size_t i = 0; i < COUNT(names); i++) {
    for (int values = 0; values < 2; values++) {
      assert_false(takes(names[i], "a\0b", 3, values));
      assert_false(takes(names[i], "\0", 1, values));
      assert_false(takes(names[i], "ab\0", 3, values));
      assert_string_equal(error.field, names[i]);
      assert_string_equal(error.message, "must not hold a NUL byte (got \"ab?\")");
    }
  }
}

/* clang-format off */
static const char *const good_utf8[] = {
  "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
  "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "m\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x93\x9E",
};
/* clang-format on */

/* clang-format off */
static const char *const bad_utf8[] = {
  "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2" "a", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82", "\xE2\x82" "a",
  "\xC0\x80\x80\x80", "\xC1\xBF\xBF\xBF",
  "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x93", "\xF0\x9F\x93" "a",
  "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF", "a\xC3", "\xC3\xBC\xFF",
};
/* clang-format on */

static void utf8(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(good_utf8); i++)
    if (!takes("auth_type", good_utf8[i], strlen(good_utf8[i]), true)) fail_msg("good UTF-8 %zu refused", i);
  for (size_t i = 0; i < COUNT(bad_utf8); i++) {
    if (takes("auth_type", bad_utf8[i], strlen(bad_utf8[i]), false)) fail_msg("bad UTF-8 %zu accepted", i);
    if (takes("trunk_sid", bad_utf8[i], strlen(bad_utf8[i]), false)) fail_msg("bad UTF-8 %zu accepted in a path", i);
    assert_string_equal(error.field, "trunk_sid");
    assert_non_null(strstr(error.message, "must be valid UTF-8"));
  }
}

static bool takes_trunk_name(const char *bytes, size_t length) {
  exo_value value = { .type = EXO_VALUE_TEXT, .name = "trunk_name", .text = bytes, .length = length };
  exo_value arguments = { .type = EXO_VALUE_RECORD, .items = &value, .count = 1 };
  return valid(operation_named("create_trunk"), &arguments, false);
}

/* The last byte of a cut sequence must not be looked for behind the value, be it there or not. */
static void utf8_ends_with_the_value(void **state) {
  (void)state;
  char *exact = malloc(3);
  assert_non_null(exact);
  memcpy(exact, "\xF0\x9F\x93", 3);
  assert_false(takes_trunk_name(exact, 3));
  free(exact);
  assert_false(takes_trunk_name("\xF0\x9F\x93\x9E", 3));
  assert_true(takes_trunk_name("\xF0\x9F\x93\x9E", 4));
}

/* ---- messages ---- */

static void a_secret_is_never_shown(void **state) {
  (void)state;
  static const char *const arguments[] = {
    "{\"trunk_sid\":\"t\",\"user_name\":\"u\",\"password\":\"hunter two\"}",
    "{\"trunk_sid\":\"t\",\"user_name\":\"\",\"password\":\"hunter\"}",
    "{\"trunk_sid\":\"t\",\"password\":\"hunter\"}",
    "{\"trunk_sid\":\"t\",\"user_name\":\"u\",\"password\":[\"hunter\"]}",
    "{\"trunk_sid\":\"t\",\"user_name\":\"u\",\"password\":{\"hunter\":1}}",
    "{\"trunk_sid\":\"t\",\"user_name\":\"u\",\"pass\":\"hunter\"}",
  };
  for (size_t i = 0; i < COUNT(arguments); i++) {
    assert_false(valid(operation_named("create_credential"), value_from(arguments[i]), true));
    if (strstr(error.message, "hunter") || strstr(error.field, "hunter")) fail_msg("shown: %s", error.message);
  }
  assert_false(valid(operation_named("update_credential"),
                     value_from("{\"trunk_sid\":\"t\",\"id\":1,\"password\":\"hunter-2\"}"), true));
  assert_string_equal(error.field, "password");
  assert_null(strstr(error.message, "hunter"));
}

/* Devanagari takes three bytes a character: cut between two, and what hides or turns writing is never shown. */
static void a_message_shows_letters_of_all_scripts(void **state) {
  (void)state;
  char sixty[181] = "";
  for (int i = 0; i < 60; i++) strcat(sixty, "\u0915");
  assert_false(takes("trunk_name", "\u0915\u093E Zo\u00EB \u4E2D\u202E\xC2\x9B", 20, true));
  assert_non_null(strstr(error.message, "(got \"\u0915\u093E Zo\u00EB \u4E2D??\")"));
  assert_false(takes("trunk_name", sixty, 180, true));
  sixty[3 * 47] = '\0';
  assert_non_null(strstr(error.message, sixty));
  assert_non_null(strstr(error.message, "\u0915\"…)"));
}

static void a_message_that_is_too_long_is_cut_between_characters(void **state) {
  (void)state;
  char name[400];
  for (size_t before = 0; before < 3; before++) {
    memset(name, 'a', before);
    for (size_t i = before; i + 3 < sizeof name; i += 3) memcpy(name + i, "\u4E2D", 4);
    exo_error_set(&error, name, "%s", name);
    assert_true(exo_utf8_valid(error.field, strlen(error.field)));
    assert_true(strlen(error.field) > sizeof error.field - 4);
    assert_true(exo_utf8_valid(error.message, strlen(error.message)));
    assert_true(strlen(error.message) > sizeof error.message - 4);
  }
}

static void a_message_is_one_printable_line(void **state) {
  (void)state;
  static const char bytes[] = "a\n\r\t\x1B[31m\xC3\xBC-and-much-more-text-than-fits-into-a-message-of-one-line";
  assert_false(takes("trunk_name", bytes, sizeof bytes - 1, true));
  for (const char *c = error.message; *c != '\0'; c++) assert_false((unsigned char)*c < 0x20 || *c == 0x7F);
  assert_non_null(strstr(error.message, "(got \"a????[31m"));
  assert_null(strstr(error.message, "one-line"));
  assert_false(valid(operation_named("create_trunk"), value_from("{\"a\\n\\u001B[31m\":1}"), true));
  assert_string_equal(error.field, "a??[31m");
}

/* Names longer than a error's field are cut, never written past it. */
static void a_long_name_is_cut(void **state) {
  (void)state;
  char name[400];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  exo_value member = { .type = EXO_VALUE_INTEGER, .name = name };
  exo_value arguments = { .type = EXO_VALUE_RECORD, .items = &member, .count = 1 };
  assert_false(valid(operation_named("create_trunk"), &arguments, true));
  assert_int_equal(strlen(error.field), sizeof error.field - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(all_required_pass),
    cmocka_unit_test(a_missing_one_is_named),
    cmocka_unit_test(nothing_to_change),
    cmocka_unit_test(an_unknown_one_is_named),
    cmocka_unit_test(always_refused),
    cmocka_unit_test(refused_by_rule),
    cmocka_unit_test(rules_can_be_left_out),
    cmocka_unit_test(these_pass),
    cmocka_unit_test(nul_bytes),
    cmocka_unit_test(utf8),
    cmocka_unit_test(utf8_ends_with_the_value),
    cmocka_unit_test(a_secret_is_never_shown),
    cmocka_unit_test(a_message_is_one_printable_line),
    cmocka_unit_test(a_message_shows_letters_of_all_scripts),
    cmocka_unit_test(a_message_that_is_too_long_is_cut_between_characters),
    cmocka_unit_test(a_long_name_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, values_forget);
}
