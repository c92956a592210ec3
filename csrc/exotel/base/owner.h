/* Who runs this, for others to be told, and whether he still does. */
#ifndef EXOTEL_BASE_OWNER_H
#define EXOTEL_BASE_OWNER_H

#include <stdbool.h>

typedef struct exo_owner {
  char host[256], user[64];
  long id;
  char birth[96]; /* tells the process from others that get its id, here or in another container; "": not known */
} exo_owner;

void exo_owner_describe(exo_owner *owner);
/* Whether it certainly runs no more. False for one of another machine or container. */
bool exo_owner_is_gone(const char *host, long id, const char *birth);

#endif
