/* What somebody would write by hand for the same calls: libcurl and cJSON, and nothing that is not needed. The
 * yardstick of the bench.
 *
 *   plain map|many|list|... URL CA CALLS
 *
 * map: small requests with a body and small answers, by one easy handle whose options are set once. many: the same, by
 * 32 handles in a multi handle. Anything else: the list of the trunk of that name. CA: a file of certificates to trust,
 * or "-". */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 32, TEXT_MAX = 200 };

typedef struct answer {
  char *text;
  size_t length, capacity;
} answer;

/* One call at a time: its handle and what came of it. */
typedef struct caller {
  CURL *easy;
  answer answer;
  char *body;
} caller;

typedef struct bench {
  const char *base, *ca;
  char trunk[TEXT_MAX];
  struct curl_slist *headers;
  long begun, done, calls;
} bench;

static void fail(const char *what) {
  fprintf(stderr, "plain: %s\n", what);
  exit(1);
}

/* ---- requests --------------------------------------------------------------------------------------------------- */

static void grow(answer *a, size_t needed) {
  while (a->capacity < needed) a->capacity = a->capacity == 0 ? 4096 : 2 * a->capacity;
  a->text = realloc(a->text, a->capacity);
  if (a->text == NULL) fail("no memory");
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  answer *a = data;
  size_t length = size * count;
  if (a->length + length + 1 > a->capacity) grow(a, a->length + length + 1);
  memcpy(a->text + a->length, bytes, length);
  a->length += length;
  a->text[a->length] = '\0';
  return length;
}

static void open_caller(caller *c, const bench *b) {
  memset(c, 0, sizeof *c);
  c->easy = curl_easy_init();
  if (c->easy == NULL) fail("no handle");
  curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, &c->answer);
  curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
  curl_easy_setopt(c->easy, CURLOPT_USERPWD, "key:token");
  curl_easy_setopt(c->easy, CURLOPT_USERAGENT, "plain");
  curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, b->headers);
  curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, 30000L);
  curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
  if (strcmp(b->ca, "-") != 0) curl_easy_setopt(c->easy, CURLOPT_CAINFO, b->ca);
}

static void close_caller(caller *c) {
  curl_easy_cleanup(c->easy);
  free(c->answer.text);
}

static void set_url(const caller *c, const bench *b) {
  char url[2 * TEXT_MAX];
  snprintf(url, sizeof url, "%s/v2/accounts/bench/trunks/%s/phone-numbers", b->base, b->trunk);
  curl_easy_setopt(c->easy, CURLOPT_URL, url);
}

static char *mapping(void) {
  cJSON *request = cJSON_CreateObject();
  cJSON_AddStringToObject(request, "phone_number", "+919876543210");
  cJSON_AddStringToObject(request, "mode", "pstn");
  char *text = cJSON_PrintUnformatted(request);
  cJSON_Delete(request);
  return text;
}

static void begin(caller *c, bench *b, bool write) {
  c->answer.length = 0;
  c->body = write ? mapping() : NULL;
  b->begun++;
  set_url(c, b);
  if (write) curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->body);
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static const char *text_at(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
  if (text == NULL) fail(name);
  return text;
}

/* One item of an answer, with the code that it carries. */
static void read_item(const cJSON *item) {
  const cJSON *code = cJSON_GetObjectItemCaseSensitive(item, "code");
  const cJSON *data = cJSON_GetObjectItemCaseSensitive(item, "data");
  if (!cJSON_IsNumber(code) || code->valueint != 200 || strcmp(text_at(item, "status"), "success") != 0) fail("code");
  if (cJSON_GetObjectItemCaseSensitive(data, "id") == NULL) fail("id");
  if (text_at(data, "phone_number")[0] != '+' || text_at(data, "trunk_sid")[0] == '\0') fail("fields");
}

static void read_answer(const caller *c) {
  cJSON *root = cJSON_ParseWithLength(c->answer.text, c->answer.length);
  const cJSON *code = cJSON_GetObjectItemCaseSensitive(root, "http_code");
  const cJSON *response = cJSON_GetObjectItemCaseSensitive(root, "response"), *item;
  if (!cJSON_IsNumber(code) || code->valueint != 200 || response == NULL) fail("envelope");
  if (text_at(root, "request_id")[0] == '\0') fail("request_id");
  if (cJSON_IsArray(response)) {
    cJSON_ArrayForEach (item, response) read_item(item);
  } else read_item(response);
  cJSON_Delete(root);
}

static void finish(caller *c, bench *b, CURLcode code) {
  long status = 0;
  if (code != CURLE_OK) fail(curl_easy_strerror(code));
  curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) fail("status");
  read_answer(c);
  free(c->body);
  b->done++;
}

/* ---- one after the other, and many at once ---------------------------------------------------------------------- */

static void run_sequential(bench *b, bool write) {
  caller c;
  open_caller(&c, b);
  while (b->begun < b->calls) {
    begin(&c, b, write);
    finish(&c, b, curl_easy_perform(c.easy));
  }
  close_caller(&c);
}

static void add(CURLM *multi, caller *c, bench *b) {
  begin(c, b, true);
  curl_multi_add_handle(multi, c->easy);
}

static void collect(CURLM *multi, bench *b) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    caller *c = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c);
    curl_multi_remove_handle(multi, c->easy);
    finish(c, b, code);
    if (b->begun < b->calls) add(multi, c, b);
  }
}

static void run_many(bench *b) {
  static caller callers[WIDTH];
  CURLM *multi = curl_multi_init();
  int running;
  for (size_t i = 0; i < WIDTH; i++) open_caller(&callers[i], b);
  for (size_t i = 0; i < WIDTH && b->begun < b->calls; i++) add(multi, &callers[i], b);
  while (b->done < b->calls) {
    curl_multi_perform(multi, &running);
    collect(multi, b);
    if (b->done < b->calls) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  for (size_t i = 0; i < WIDTH; i++) close_caller(&callers[i]);
  curl_multi_cleanup(multi);
}

static struct curl_slist *headers(bool write) {
  struct curl_slist *list = curl_slist_append(NULL, "Accept: application/json");
  return write ? curl_slist_append(list, "Content-Type: application/json") : list;
}

static void run(bench *b, const char *mode) {
  bool write = strcmp(mode, "map") == 0, many = strcmp(mode, "many") == 0;
  snprintf(b->trunk, sizeof b->trunk, "tr%s", many ? "map" : mode);
  b->headers = headers(write || many);
  if (many) run_many(b);
  else run_sequential(b, write);
  curl_slist_free_all(b->headers);
}

int main(int count, char **words) {
  if (count != 5) fail("map|many|list|... URL CA CALLS");
  bench b = { .base = words[2], .ca = words[3], .calls = atol(words[4]) };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  run(&b, words[1]);
  curl_global_cleanup();
  return 0;
}
