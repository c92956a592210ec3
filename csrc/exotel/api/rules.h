/* The rules a value must keep, as the service states them. */
#ifndef EXOTEL_API_RULES_H
#define EXOTEL_API_RULES_H

#include "exotel/api/value.h"

/* NULL when the value will do, otherwise what it must be. `owner` is the table the value stands in. */
typedef const char *(*exo_rule)(const exo_value *value, const exo_value *owner);

const char *exo_rule_filled(const exo_value *value, const exo_value *owner);
const char *exo_rule_id(const exo_value *value, const exo_value *owner);
const char *exo_rule_trunk_name(const exo_value *value, const exo_value *owner);
const char *exo_rule_nso_code(const exo_value *value, const exo_value *owner);
const char *exo_rule_domain_name(const exo_value *value, const exo_value *owner);
const char *exo_rule_e164(const exo_value *value, const exo_value *owner);
const char *exo_rule_mode(const exo_value *value, const exo_value *owner);
const char *exo_rule_ipv4(const exo_value *value, const exo_value *owner);
const char *exo_rule_mask(const exo_value *value, const exo_value *owner);
const char *exo_rule_destination(const exo_value *value, const exo_value *owner);
const char *exo_rule_setting_value(const exo_value *value, const exo_value *owner);
const char *exo_rule_uint16(const exo_value *value, const exo_value *owner);
const char *exo_rule_friendly_name(const exo_value *value, const exo_value *owner);
const char *exo_rule_password(const exo_value *value, const exo_value *owner);
const char *exo_rule_offset(const exo_value *value, const exo_value *owner);
const char *exo_rule_page_size(const exo_value *value, const exo_value *owner);

/* What a rule asks for, in a few words for the documentation; NULL for one that is none of these. */
const char *exo_rule_words(exo_rule rule);

#endif
