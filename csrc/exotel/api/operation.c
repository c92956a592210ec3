#include "exotel/api/operation.h"

#include <string.h>

#include "exotel/api/rules.h"

/* One row a line or two, as a table is read. */
/* clang-format off */
#define PATH_TEXT(n) { .name = n, .location = EXO_IN_PATH, .type = EXO_TEXT, .required = true }
#define PATH_ID(n) { .name = n, .location = EXO_IN_PATH, .type = EXO_ID, .required = true, .rule = exo_rule_id }
#define QUERY_ID(n, must) { .name = n, .location = EXO_IN_QUERY, .type = EXO_ID, .required = must, .rule = exo_rule_id }
#define QUERY_TEXT(n, must) { .name = n, .location = EXO_IN_QUERY, .type = EXO_TEXT, .required = must, .rule = exo_rule_filled }
#define QUERY_INTEGER(n, r) { .name = n, .location = EXO_IN_QUERY, .type = EXO_INTEGER, .rule = r }
#define BODY(t, n, r, must) { .name = n, .location = EXO_IN_BODY, .type = t, .required = must, .rule = r }
#define BODY_TEXT(n, r, must) BODY(EXO_TEXT, n, r, must)
#define BODY_INTEGER(n, r) BODY(EXO_INTEGER, n, r, false)
#define PASSWORD(must) { .name = "password", .location = EXO_IN_BODY, .type = EXO_TEXT, .required = must, .secret = true, .rule = exo_rule_password }
#define RECORDS(n, f) { .name = n, .location = EXO_IN_BODY, .type = EXO_RECORDS, .required = true, .fields = f }
#define PAGING QUERY_INTEGER("offset", exo_rule_offset), QUERY_INTEGER("page_size", exo_rule_page_size)
#define TRUNK PATH_TEXT("trunk_sid")

static const exo_parameter destination_fields[] = {
  BODY_TEXT("destination", exo_rule_destination, true),
  { .name = NULL },
};

static const exo_parameter setting_fields[] = {
  BODY_TEXT("name", exo_rule_filled, true),
  BODY_TEXT("value", exo_rule_setting_value, true),
  { .name = NULL },
};

const exo_operation exo_operations[] = {
  { "create_trunk", EXO_POST, "/trunks", EXO_ITEM, false, 'S', "Creates a trunk.",
    { BODY_TEXT("trunk_name", exo_rule_trunk_name, true),
      { .name = "nso_code", .location = EXO_IN_BODY, .type = EXO_TEXT, .rule = exo_rule_nso_code, .fallback = "ANY-ANY" },
      { .name = "domain_name", .location = EXO_IN_BODY, .type = EXO_TEXT, .rule = exo_rule_domain_name,
        .fallback = "{account_sid}.pstn.exotel.com" } } },
  { "delete_trunk", EXO_DELETE, "/trunks", EXO_ITEM, false, 'S',
    "Deletes a trunk with its numbers, IPs and destinations.", { QUERY_TEXT("trunk_sid", true) } },
  { "map_phone_number", EXO_POST, "/trunks/{trunk_sid}/phone-numbers", EXO_ITEM, false, 'S',
    "Maps a phone number (DID) to a trunk.",
    { TRUNK, BODY_TEXT("phone_number", exo_rule_e164, true), BODY_TEXT("mode", exo_rule_mode, false) } },
  { "list_phone_numbers", EXO_GET, "/trunks/{trunk_sid}/phone-numbers", EXO_LIST, false, 'S',
    "Lists the numbers mapped to a trunk.", { TRUNK, PAGING } },
  { "update_phone_number", EXO_PUT, "/trunks/{trunk_sid}/phone-numbers/{id}", EXO_ITEM, false, 'S',
    "Changes the routing mode of a mapped number.",
    { TRUNK, PATH_ID("id"), BODY_TEXT("phone_number", exo_rule_e164, true), BODY_TEXT("mode", exo_rule_mode, true) } },
  { "whitelist_ip", EXO_POST, "/trunks/{trunk_sid}/whitelisted-ips", EXO_ITEM, false, 'S',
    "Whitelists an IPv4 address (ACL) for outbound calls.",
    { TRUNK, BODY_TEXT("ip", exo_rule_ipv4, true), BODY_INTEGER("mask", exo_rule_mask) } },
  { "list_whitelisted_ips", EXO_GET, "/trunks/{trunk_sid}/whitelisted-ips", EXO_LIST, false, 'S',
    "Lists the whitelisted IPs of a trunk.", { TRUNK, PAGING } },
  { "add_destinations", EXO_POST, "/trunks/{trunk_sid}/destination-uris", EXO_BATCH, false, 'S',
    "Adds destination URIs (origination) for inbound calls.", { TRUNK, RECORDS("destinations", destination_fields) } },
  { "list_destinations", EXO_GET, "/trunks/{trunk_sid}/destination-uris", EXO_LIST, false, 'S',
    "Lists the destination URIs of a trunk.", { TRUNK, PAGING } },
  { "set_settings", EXO_POST, "/trunks/{trunk_sid}/settings", EXO_BATCH, false, 'S',
    "Sets settings of a trunk; trunk_external_alias is the caller ID.", { TRUNK, RECORDS("settings", setting_fields) } },

  { "list_trunks", EXO_GET, "/trunks", EXO_LIST, false, 'V', "Lists the account's trunks.",
    { PAGING, QUERY_TEXT("trunk_sid", false) } },
  { "get_trunk", EXO_GET, "/trunks/{trunk_sid}", EXO_ITEM, false, 'V', "Reads one trunk.", { TRUNK } },
  { "update_trunk", EXO_PUT, "/trunks/{trunk_sid}", EXO_ITEM, true, 'V', "Changes fields of a trunk.",
    { TRUNK, BODY_TEXT("trunk_name", exo_rule_trunk_name, false), BODY_TEXT("nso_code", exo_rule_nso_code, false),
      BODY_TEXT("domain_name", exo_rule_domain_name, false), BODY_TEXT("auth_type", exo_rule_filled, false),
      BODY_TEXT("status", exo_rule_filled, false), BODY_TEXT("registration_enabled", exo_rule_filled, false),
      BODY_TEXT("edge_preference", exo_rule_filled, false), BODY_TEXT("secure_trunking", exo_rule_filled, false) } },
  { "unmap_phone_number", EXO_DELETE, "/trunks/{trunk_sid}/phone-numbers", EXO_ITEM, false, 'V',
    "Takes a number off a trunk.", { TRUNK, QUERY_ID("id", true) } },
  { "update_whitelisted_ip", EXO_PUT, "/trunks/{trunk_sid}/whitelisted-ips/{id}", EXO_ITEM, true, 'V',
    "Changes a whitelisted IP.",
    { TRUNK, PATH_ID("id"), BODY_TEXT("ip", exo_rule_ipv4, false), BODY_INTEGER("mask", exo_rule_mask) } },
  { "remove_whitelisted_ip", EXO_DELETE, "/trunks/{trunk_sid}/whitelisted-ips", EXO_ITEM, false, 'V',
    "Removes a whitelisted IP.", { TRUNK, QUERY_ID("id", true) } },
  { "update_destination", EXO_PUT, "/trunks/{trunk_sid}/destination-uris/{id}", EXO_ITEM, true, 'V',
    "Changes priority or weight of a destination.",
    { TRUNK, PATH_ID("id"), BODY_INTEGER("priority", exo_rule_uint16), BODY_INTEGER("weight", exo_rule_uint16) } },
  { "remove_destination", EXO_DELETE, "/trunks/{trunk_sid}/destination-uris", EXO_ITEM, false, 'V',
    "Removes a destination URI.", { TRUNK, QUERY_ID("id", true) } },
  { "list_settings", EXO_GET, "/trunks/{trunk_sid}/settings", EXO_LIST, false, 'V',
    "Lists the settings of a trunk.", { TRUNK } },
  { "remove_setting", EXO_DELETE, "/trunks/{trunk_sid}/settings", EXO_ITEM, false, 'V', "Removes a setting.",
    { TRUNK, QUERY_TEXT("name", true) } },
  { "create_credential", EXO_POST, "/trunks/{trunk_sid}/credentials", EXO_ITEM, false, 'V',
    "Creates a SIP digest credential.",
    { TRUNK, BODY_TEXT("user_name", exo_rule_filled, true), PASSWORD(true),
      BODY_TEXT("friendly_name", exo_rule_friendly_name, false) } },
  { "list_credentials", EXO_GET, "/trunks/{trunk_sid}/credentials", EXO_LIST, false, 'V',
    "Lists the credentials of a trunk, without passwords.", { TRUNK, PAGING, QUERY_ID("id", false) } },
  { "update_credential", EXO_PUT, "/trunks/{trunk_sid}/credentials/{id}", EXO_ITEM, true, 'V', "Changes a credential.",
    { TRUNK, PATH_ID("id"), BODY_TEXT("user_name", exo_rule_filled, false), PASSWORD(false),
      BODY_TEXT("friendly_name", exo_rule_friendly_name, false) } },
  { "delete_credential", EXO_DELETE, "/trunks/{trunk_sid}/credentials", EXO_ITEM, false, 'V', "Deletes a credential.",
    { TRUNK, QUERY_ID("id", true) } },
  { "find_trunk_map", EXO_GET, "/trunk-maps", EXO_LIST, false, 'V', "Finds the trunk a number is mapped to.",
    { { .name = "exophone", .location = EXO_IN_QUERY, .type = EXO_TEXT, .required = true, .rule = exo_rule_e164 },
      QUERY_TEXT("trunk_sid", false) } },
};
/* clang-format on */

const size_t exo_operation_count = sizeof exo_operations / sizeof exo_operations[0];

const exo_operation *exo_operation_find(const char *name) {
  for (size_t i = 0; i < exo_operation_count; i++)
    if (strcmp(exo_operations[i].name, name) == 0) return &exo_operations[i];
  return NULL;
}

const exo_parameter *exo_parameter_find(const exo_parameter *parameters, const char *name) {
  for (; parameters->name != NULL; parameters++)
    if (strcmp(parameters->name, name) == 0) return parameters;
  return NULL;
}

const char *exo_method_name(exo_method method) {
  static const char *const names[] = { "GET", "POST", "PUT", "DELETE" };
  return names[method];
}

bool exo_operation_writes(const exo_operation *operation) { return operation->method != EXO_GET; }

bool exo_operation_repeatable(const exo_operation *operation) { return operation->method != EXO_POST; }
