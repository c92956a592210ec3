/* The environment of the process. */
#ifndef EXOTEL_BASE_ENVIRONMENT_H
#define EXOTEL_BASE_ENVIRONMENT_H

/* A variable's value; NULL when it is not set, or empty. */
const char *exo_environment(const char *name);

#endif
