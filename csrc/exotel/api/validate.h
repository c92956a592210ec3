/* Arguments against an operation's row, before anything is sent. */
#ifndef EXOTEL_API_VALIDATE_H
#define EXOTEL_API_VALIDATE_H

#include "exotel/base/error.h"
#include "exotel/api/operation.h"

/* True when the arguments can be sent. `values` false leaves the value rules out, never names, types and what a
 * path or JSON text can't carry. */
bool exo_validate(const exo_operation *operation, const exo_value *arguments, bool values, exo_error *error);

#endif
