/* The reader of SIP messages: what is one, what is none, and where one ends. */
#include "exotel/sip/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define HEADERS                                                                                               \
  "Via: SIP/2.0/UDP 10.0.0.1:5060;rport=9;branch=z9hG4bKa1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c>;tag=2\r\n" \
  "Call-ID: x@y\r\nCSeq: 1 OPTIONS\r\n"
#define ANSWER "SIP/2.0 200 OK\r\n" HEADERS "Content-Length: 0\r\n\r\n"

static exo_sip_message message;

/* In a block of that size, so that a sanitizer sees what reads beyond it. */
static exo_sip_result read_bytes(const char *bytes, size_t length, bool datagram) {
  static char *block;
  free(block);
  block = malloc(length > 0 ? length : 1);
  memcpy(block, bytes, length);
  return exo_sip_read(&message, block, length, datagram);
}

static exo_sip_result read_text(const char *text, bool datagram) { return read_bytes(text, strlen(text), datagram); }

static void assert_part(exo_sip_text part, const char *text) {
  assert_non_null(part.start);
  assert_int_equal(part.length, strlen(text));
  assert_memory_equal(part.start, text, part.length);
}

static void an_answer_is_read(void **state) {
  (void)state;
  for (int datagram = 0; datagram < 2; datagram++) {
    assert_int_equal(read_text(ANSWER, datagram), EXO_SIP_GOOD);
    assert_int_equal(message.status, 200);
    assert_int_equal(message.length, strlen(ANSWER));
    assert_int_equal(message.cseq, 1);
    assert_part(message.reason, "OK");
    assert_part(message.branch, "z9hG4bKa1");
    assert_part(message.call_id, "x@y");
    assert_part(message.method, "OPTIONS");
    assert_null(message.software.start);
    assert_null(message.allow.start);
  }
}

/* Every beginning of a message is one that may become it; a datagram is whole or nothing. */
static void every_beginning_wants_more(void **state) {
  (void)state;
  static const char text[] = "\r\n" ANSWER;
  for (size_t length = 0; length < strlen(text); length++) {
    if (read_bytes(text, length, false) != EXO_SIP_MORE) fail_msg("%zu: %s", length, message.complaint);
    assert_int_equal(read_bytes(text, length, true), EXO_SIP_BAD);
  }
  static const char with_body[] = "SIP/2.0 200 OK\r\n" HEADERS "l: 4\r\n\r\nbodySIP/2.0";
  size_t whole = strlen(with_body) - 7;
  assert_int_equal(read_bytes(with_body, whole - 1, false), EXO_SIP_MORE);
  assert_int_equal(read_text(with_body, false), EXO_SIP_GOOD);
  assert_int_equal(message.length, whole);
}

static void what_follows_is_left(void **state) {
  (void)state;
  assert_int_equal(read_text("\r\n\r\n" ANSWER ANSWER, false), EXO_SIP_GOOD);
  assert_int_equal(message.length, 4 + strlen(ANSWER));
}

static void a_request_has_no_status(void **state) {
  (void)state;
  assert_int_equal(read_text("OPTIONS sip:a SIP/2.0\r\n" HEADERS "l: 0\r\n\r\n", false), EXO_SIP_GOOD);
  assert_int_equal(message.status, 0);
}

typedef struct row {
  const char *via, *branch; /* NULL: it has none */
} row;

static const row vias[] = {
  { "SIP/2.0/UDP h;branch=b", "b" },
  { "SIP/2.0/UDP h", NULL },
  { "SIP/2.0/UDP h;rport;BRANCH = b ;x", "b" },
  { "SIP/2.0/UDP h;x=\"a;branch=no\\\";branch=no\";branch=b", "b" },
  { "SIP/2.0/UDP h, SIP/2.0/UDP i;branch=no", NULL },
  { "SIP/2.0/UDP h;branches=no;branch=b", "b" },
  { "SIP/2.0/UDP [::1]:5060;received=::1;branch=b", "b" },
  { "SIP/2.0/UDP h;x=\"", NULL },
  { "SIP/2.0/UDP h;x=\"\\", NULL },
  { "SIP/2.0/UDP h\r\n ;branch=b\r\nVia: SIP/2.0/UDP i;branch=no", "b" },
};

static void the_branch_is_that_of_the_topmost_via(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(vias); i++) {
    char text[400];
    snprintf(text, sizeof text, "SIP/2.0 200 OK\r\nv: %s\r\nf: a\r\nt: b\r\ni: c\r\nCSeq: 1 OPTIONS\r\n\r\n",
             vias[i].via);
    assert_int_equal(read_text(text, true), EXO_SIP_GOOD);
    if (vias[i].branch == NULL) assert_null(message.branch.start);
    else assert_part(message.branch, vias[i].branch);
  }
}

static const char *const none[] = {
  "x",
  "SIP/2.0\r\n",
  "SIP/2.0 200\r\n",
  "SIP/2.0 700 X\r\n",
  "SIP/2.0 20 OK\r\n",
  "SIP/2.0 2000 OK\r\n",
  "SIP/2.1 200 OK\r\n",
  "SIP/2.0 200 \x7F\r\n",
  " SIP/2.0 200 OK\r\n",
  "HTTP/1.1 200 OK\r\n",
  "OPTIONS sip:a SIP/3.0\r\n",
  "OPTIONS SIP/2.0\r\n",
  "\x16\x03\x01\x02",
  "\n",
  "\r\r\n",
  "SIP/2.0 200 OK\n",
};

static void nothing_else_is_sip(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(none); i++) {
    assert_int_equal(read_text(none[i], true), EXO_SIP_BAD);
    if (strlen(none[i]) > 1 && read_text(none[i], false) != EXO_SIP_BAD) fail_msg("%zu", i);
  }
}

/* The largest that is taken, and one more. */
static void sizes_are_bounded(void **state) {
  (void)state;
  static char text[3 * EXO_SIP_HEAD_MAX];
  int head = snprintf(text, sizeof text, "SIP/2.0 200 OK\r\n" HEADERS "X: ");
  memset(text + head, 'x', EXO_SIP_HEAD_MAX);
  assert_int_equal(read_bytes(text, EXO_SIP_HEAD_MAX, false), EXO_SIP_MORE);
  assert_int_equal(read_bytes(text, EXO_SIP_HEAD_MAX + 1, false), EXO_SIP_BAD);
  assert_string_equal(message.complaint, "its answer is too large");
  snprintf(text, sizeof text, "SIP/2.0 200 OK\r\n" HEADERS "l: %d\r\n\r\n", EXO_SIP_BODY_MAX);
  assert_int_equal(read_text(text, false), EXO_SIP_MORE);
  snprintf(text, sizeof text, "SIP/2.0 200 OK\r\n" HEADERS "l: %d\r\n\r\n", EXO_SIP_BODY_MAX + 1);
  assert_int_equal(read_text(text, false), EXO_SIP_BAD);
  memset(text, 'S', sizeof text);
  assert_int_equal(read_bytes(text, 2048, false), EXO_SIP_MORE);
  assert_int_equal(read_bytes(text, 2049, false), EXO_SIP_BAD);
}

static void a_nul_or_another_control_ends_it(void **state) {
  (void)state;
  char text[] = ANSWER;
  for (size_t i = 0; i < strlen(ANSWER); i++) {
    memcpy(text, ANSWER, sizeof text);
    text[i] = i % 2 == 0 ? '\0' : '\x1B';
    if (read_bytes(text, strlen(ANSWER), true) != EXO_SIP_BAD) fail_msg("%zu", i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_answer_is_read),
    cmocka_unit_test(every_beginning_wants_more),
    cmocka_unit_test(what_follows_is_left),
    cmocka_unit_test(a_request_has_no_status),
    cmocka_unit_test(the_branch_is_that_of_the_topmost_via),
    cmocka_unit_test(nothing_else_is_sip),
    cmocka_unit_test(sizes_are_bounded),
    cmocka_unit_test(a_nul_or_another_control_ends_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
