/* Tells an event loop that can't wait for foreign descriptors when one of them is readable: a thread waits for them,
 * and sends a byte to a unix socket that the loop has connected. That is all the thread does; it allocates nothing. */
#ifndef EXOTEL_BASE_NOTIFIER_H
#define EXOTEL_BASE_NOTIFIER_H

#include <stdbool.h>

typedef struct exo_notifier exo_notifier;

/* Listens on a socket in a private folder. NULL where that can't be, or the system has no epoll. */
exo_notifier *exo_notifier_open(void);
/* Where to connect to. */
const char *exo_notifier_path(const exo_notifier *notifier);
/* Takes the connection, removes socket and folder, and starts the thread. False when it can't. */
bool exo_notifier_start(exo_notifier *notifier);
/* Sends a byte once, when the descriptor is readable or as soon as it becomes so. False when it can't, and in a process
 * that was forked off. */
bool exo_notifier_watch(const exo_notifier *notifier, int descriptor);
/* Sends a byte now. */
void exo_notifier_notify(const exo_notifier *notifier);
/* Ends the thread and closes the connection; harmless twice. In a process that was forked off it leaves both to the
 * parent. */
void exo_notifier_stop(exo_notifier *notifier);

/* Who keeps it releases it; the last one frees it. The first is who opened it. Releasing NULL is fine. */
exo_notifier *exo_notifier_keep(exo_notifier *notifier);
void exo_notifier_release(exo_notifier *notifier);

#endif
