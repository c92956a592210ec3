/* The reader of SIP messages. The input is what a server sends. */
#include "exotel/sip/message.h"

#include <string.h>

#include "fuzz.h"

static const char *begin, *end;

static void check_part(exo_sip_text part) {
  if (part.start != NULL) CHECK(part.start >= begin && part.length <= (size_t)(end - part.start));
}

static exo_sip_result read_block(exo_sip_message *message, const uint8_t *data, size_t size, bool datagram) {
  char *text = fuzz_block(size); /* no NUL behind it */
  if (size > 0) memcpy(text, data, size);
  begin = text, end = text + size;
  exo_sip_result result = exo_sip_read(message, text, size, datagram);
  CHECK((result == EXO_SIP_BAD) == (message->complaint != NULL));
  CHECK(!datagram || result != EXO_SIP_MORE);
  if (result != EXO_SIP_GOOD) return result;
  CHECK(message->length > 0 && message->length <= size && message->cseq >= 0);
  CHECK(message->status == 0 || (message->status >= 100 && message->status < 700));
  CHECK(message->call_id.length > 0 && message->method.length > 0);
  exo_sip_text parts[] = { message->reason, message->branch,   message->call_id,
                           message->method, message->software, message->allow };
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) check_part(parts[i]);
  return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  exo_sip_message whole, part;
  exo_sip_result result = read_block(&whole, data, size, false);
  /* What is wrong stays wrong, whatever follows. */
  if (size > 0 && read_block(&part, data, data[size - 1] % size, false) == EXO_SIP_BAD) CHECK(result == EXO_SIP_BAD);
  if (result == EXO_SIP_GOOD) {
    CHECK(read_block(&part, data, whole.length, false) == EXO_SIP_GOOD && part.length == whole.length);
    CHECK(read_block(&part, data, whole.length - 1, false) == EXO_SIP_MORE);
    CHECK(read_block(&part, data, size, true) == EXO_SIP_GOOD && part.length == whole.length);
  }
  read_block(&part, data, size, true);
  fuzz_forget();
  return 0;
}
