/* SHA-256, by the examples of FIPS 180-4 and NIST's test vectors, and at each length around a block's end. */
#include "exotel/base/sha256.h"

#include <string.h>

#include "support.h"

typedef struct row {
  const char *text, *digest;
} row;

static const row rows[] = {
  { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void known_texts_have_their_digests(void **state) {
  (void)state;
  char digest[EXO_SHA256_HEX + 1];
  for (size_t i = 0; i < COUNT(rows); i++) {
    exo_sha256_hex(rows[i].text, strlen(rows[i].text), digest);
    assert_string_equal(digest, rows[i].digest);
  }
}

static char million[1000000];

static void a_million_letters(void **state) {
  (void)state;
  char digest[EXO_SHA256_HEX + 1];
  memset(million, 'a', sizeof million);
  exo_sha256_hex(million, sizeof million, digest);
  assert_string_equal(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Of as many letters a, as sha256sum has them: the length may or may not fit behind them. */
static const struct {
  size_t length;
  const char *digest;
} ends[] = {
  { 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
  { 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
  { 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
  { 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
  { 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
};

static void each_end_of_a_block(void **state) {
  (void)state;
  char digest[EXO_SHA256_HEX + 1];
  memset(million, 'a', sizeof million);
  for (size_t i = 0; i < COUNT(ends); i++) {
    exo_sha256_hex(million, ends[i].length, digest);
    assert_string_equal(digest, ends[i].digest);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(known_texts_have_their_digests),
    cmocka_unit_test(a_million_letters),
    cmocka_unit_test(each_end_of_a_block),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
