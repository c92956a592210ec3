/* A host that uses libcurl itself, with memory of its own: it initialises and cleans up when it likes, and neither of
 * the two disturbs the other. libcurl takes that memory for as long as somebody has it initialised. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "servers.h"
#include "support.h"

static const char *build;
static servers service;
static size_t received;

/* ---- the host's memory: each block knows that it is the host's ---- */

static const size_t mark = 0x5AFEB10C;
static size_t taken;

static void *host_resize(void *block, size_t size) {
  size_t *start = block != NULL ? (size_t *)block - 2 : NULL;
  if (start != NULL && *start != mark) abort();
  start = realloc(start, size + 2 * sizeof *start);
  if (start == NULL) return NULL;
  start[0] = mark;
  taken++;
  return start + 2;
}

static void *host_take(size_t size) { return host_resize(NULL, size); }

static void host_give(void *block) {
  if (block == NULL) return;
  size_t *start = (size_t *)block - 2;
  if (*start != mark) abort();
  *start = 0;
  free(start);
}

static void *host_take_zeroed(size_t count, size_t size) {
  void *block = host_take(count * size);
  return block != NULL ? memset(block, 0, count * size) : NULL;
}

static char *host_copy(const char *text) {
  char *copy = host_take(strlen(text) + 1);
  return copy != NULL ? strcpy(copy, text) : NULL;
}

static void host_comes(void) {
  assert_int_equal(
      curl_global_init_mem(CURL_GLOBAL_DEFAULT, host_take, host_give, host_resize, host_copy, host_take_zeroed),
      CURLE_OK);
}

/* ---- calls, the client's and the host's ---- */

static int open_servers(void **state) {
  (void)state;
  return servers_start(&service, build, true) ? 0 : -1;
}

static int close_servers(void **state) {
  servers_stop(&service);
  return values_forget(state);
}

static void call_with(exo_client *client) {
  size_t before = taken;
  exo_call *call = start_call(client, "list_trunks", "{}");
  while (exo_client_poll(client, 10) > 0) continue;
  const exo_outcome *outcome = exo_call_outcome(call);
  if (outcome->kind != EXO_OK) fail_msg("%s", outcome->message);
  exo_client_free_call(client, call);
  assert_true(taken > before);
}

static exo_client *new_client(void) {
  exo_client *client = servers_client(&service, service.direct_url, NULL);
  assert_non_null(client);
  return client;
}

static size_t count_bytes(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  (void)data;
  received += size * count;
  return size * count;
}

/* The host's own transfer, with no options but its own. */
static CURL *new_handle(void) {
  CURL *easy = curl_easy_init();
  assert_non_null(easy);
  curl_easy_setopt(easy, CURLOPT_URL, service.direct_url);
  curl_easy_setopt(easy, CURLOPT_CAINFO, service.ca_file);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_bytes);
  return easy;
}

static void transfer_with(CURL *easy) {
  size_t before = taken;
  received = 0;
  assert_int_equal(curl_easy_perform(easy), CURLE_OK);
  assert_true(received > 0 && taken > before);
}

static void the_host_comes_first_and_goes_last(void **state) {
  (void)state;
  host_comes();
  CURL *easy = new_handle();
  transfer_with(easy);
  exo_client *client = new_client();
  call_with(client);
  transfer_with(easy);
  call_with(client);
  exo_client_free(client);
  transfer_with(easy);
  curl_easy_cleanup(easy);
  curl_global_cleanup();
}

static void the_host_goes_while_a_client_lives(void **state) {
  (void)state;
  host_comes();
  exo_client *client = new_client();
  call_with(client);
  curl_global_cleanup();
  call_with(client);
  exo_client *second = new_client();
  call_with(second);
  exo_client_free(client);
  call_with(second);
  exo_client_free(second);
}

static void a_client_comes_first(void **state) {
  (void)state;
  exo_client *client = new_client();
  call_with(client);
  host_comes();
  CURL *easy = new_handle();
  exo_client_free(client);
  transfer_with(easy);
  curl_easy_cleanup(easy);
  curl_global_cleanup();
  client = new_client();
  call_with(client);
  exo_client_free(client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_servers, close_servers)

int main(int count, char **words) {
  const struct CMUnitTest tests[] = { TEST(the_host_goes_while_a_client_lives),
                                      TEST(the_host_comes_first_and_goes_last), TEST(a_client_comes_first) };
  (void)count;
  build = servers_build(words[0]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
