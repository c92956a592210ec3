#include "exotel/base/environment.h"

#include <stdlib.h>

const char *exo_environment(const char *name) {
  const char *value = getenv(name);
  return value != NULL && value[0] != '\0' ? value : NULL;
}
