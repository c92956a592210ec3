/* What the fuzz targets share: a check that ends the run, copies that a sanitizer watches to the byte, and calls
 * written as text, so that a corpus can be read. */
#ifndef EXOTEL_SPEC_FUZZ_H
#define EXOTEL_SPEC_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "exotel/base/config.h"
#include "exotel/api/operation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(truth)                                                        \
  do {                                                                      \
    if (!(truth)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #truth); \
      abort();                                                              \
    }                                                                       \
  } while (0)

/* A block of exactly that size, freed by fuzz_forget. */
void *fuzz_block(size_t size);
/* A copy with a NUL behind it and nothing more. */
char *fuzz_copy(const void *bytes, size_t length);
void fuzz_forget(void);

/* No byte below a space, no DEL. */
bool fuzz_one_line(const char *text);

/* A call as text:
 *   create_trunk               the operation; any other word stands for one, too
 *   @account_sid=acme          an option of the client: account_sid, api_key, api_token, base_url, region, subdomain,
 * json_suffix trunk_name=soutbound       an argument: s and text (%00 to %FF for bytes), i and an integer, n and a
 * number that is destinations=l             none, z for null, b for a boolean, o for what can't be sent, l for a list,
 * r for a table .destination=s1.2.3.4:5060 a member of the last entry of that list or table
 *   -                          begins its next entry
 */
typedef struct fuzz_call {
  const exo_operation *operation;
  exo_config config;
  exo_value arguments;
} fuzz_call;

fuzz_call fuzz_call_read(const uint8_t *data, size_t size);

#endif
