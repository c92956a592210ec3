/* A descriptor for somebody else's event loop: readable while another descriptor is, or once a time has come. */
#ifndef EXOTEL_BASE_WAKEUP_H
#define EXOTEL_BASE_WAKEUP_H

#include <stdbool.h>

typedef struct exo_wakeup exo_wakeup;

/* NULL where there can be none. */
exo_wakeup *exo_wakeup_open(void);
int exo_wakeup_descriptor(const exo_wakeup *wakeup);
/* From now on it is readable while the descriptor is. False when it can't be. */
bool exo_wakeup_add(const exo_wakeup *wakeup, int descriptor);
/* It is readable so many seconds from now, until it is set anew; 0: now, INFINITY: never. */
void exo_wakeup_set(exo_wakeup *wakeup, double seconds);

/* Who keeps it releases it; the last one frees it. The first is who opened it. Releasing NULL is fine. In a process
 * that was forked off it may be released, and nothing else. */
exo_wakeup *exo_wakeup_keep(exo_wakeup *wakeup);
void exo_wakeup_release(exo_wakeup *wakeup);

#endif
