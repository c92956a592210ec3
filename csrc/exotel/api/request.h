/* From an operation and its arguments to what goes over the wire. Pure: no I/O, no time. */
#ifndef EXOTEL_API_REQUEST_H
#define EXOTEL_API_REQUEST_H

#include "exotel/base/config.h"
#include "exotel/api/operation.h"

typedef struct exo_request {
  exo_method method;
  exo_buffer url;  /* the whole URL, without credentials */
  size_t target;   /* where the path starts in it */
  exo_buffer body; /* JSON, when has_body */
  bool has_body;
} exo_request;

void exo_request_init(exo_request *request, const exo_allocator *allocator);
/* Arguments must have passed exo_validate. False when memory ran out. */
bool exo_request_build(exo_request *request, const exo_operation *operation, const exo_config *config,
                       const exo_value *arguments);
/* Path and query, as the server sees them. */
const char *exo_request_target(const exo_request *request);
void exo_request_free(exo_request *request);

#endif
