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
  const char *content_type; /* NULL: JSON's. Lives as long as the request, as whoever sets it sees to */
} exo_request;

enum { EXO_CONTENT_TYPE_MAX = 100 };

void exo_request_init(exo_request *request, const exo_allocator *allocator);
/* Arguments must have passed exo_validate. False when memory ran out. */
bool exo_request_build(exo_request *request, const exo_operation *operation, const exo_config *config,
                       const exo_value *arguments);
/* Puts another body in place of the one that was built. False when memory ran out. */
bool exo_request_set_body(exo_request *request, const char *text);
/* Path and query, as the server sees them. */
const char *exo_request_target(const exo_request *request);
void exo_request_free(exo_request *request);

#endif
