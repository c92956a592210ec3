/* A client on the fake net for each test, and what its calls come to. Included by the file of the tests. */
#ifndef EXOTEL_SPEC_ONE_CLIENT_H
#define EXOTEL_SPEC_ONE_CLIENT_H

#include "support.h"

#define ITEM \
  "{\"request_id\":\"r1\",\"http_code\":200,\"response\":{\"code\":200,\"status\":\"success\",\"data\":{\"id\":1}}}"
#define LIST "{\"response\":[]}"

static fake_net net;
static exo_client *client;

static int set_up(void **state) {
  memory_open(state);
  net = (fake_net){ .now = 1000 };
  exo_config config = test_config();
  client = fake_client(&net, &config);
  return 0;
}

/* Everything that any test took must be back. */
static int tear_down(void **state) {
  exo_client_free(client);
  client = NULL;
  values_forget(state);
  memory_close(state);
  if (net.closed != 1) fail_msg("the transport was closed %zu times", net.closed);
  return 0;
}

static const exo_outcome *outcome_of(const exo_call *call) {
  const exo_outcome *outcome = exo_call_outcome(call);
  assert_non_null(outcome);
  return outcome;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
