/* What a write sent against what the service answered: a success may show that a field was ignored. */
#ifndef EXOTEL_API_ECHO_H
#define EXOTEL_API_ECHO_H

#include "exotel/api/envelope.h"

/* Adds a warning to a success for each field that comes back with another value than it was sent with. What the answer
 * doesn't show is not judged. False when memory ran out. */
bool exo_echo_check(exo_answer *answer, const exo_operation *operation, const exo_value *arguments, exo_arena *arena);

#endif
