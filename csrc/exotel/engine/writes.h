/* What became of a write, for a log of what was changed. */
#ifndef EXOTEL_ENGINE_WRITES_H
#define EXOTEL_ENGINE_WRITES_H

#include "exotel/engine/call.h"
#include "exotel/engine/events.h"

/* Adds the event of a call that has finished, or one for each thing that a batch has sent; none of a call that reads,
 * or that was never sent. No secret is in it. */
void exo_writes_note(exo_events *events, exo_call *call);

#endif
