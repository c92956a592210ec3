#include "exotel/sip/message.h"

#include <limits.h>
#include <string.h>

enum { LINE_MAX_BYTES = 2048, HEADERS_MAX = 256 };

/* What is left to read. */
typedef struct cursor {
  const char *at, *end;
} cursor;

/* ---- characters: no <ctype.h>, since the locale must not decide what SIP is ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }
static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool is_token(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || (c != '\0' && strchr("-.!%*_+`'~", c) != NULL);
}

/* No control character but a tab. */
static bool is_text(char c) { return c == '\t' || ((unsigned char)c >= 0x20 && c != 0x7F); }

static bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

static bool equals(exo_sip_text text, const char *word) {
  if (text.length != strlen(word)) return false;
  for (size_t i = 0; i < text.length; i++)
    if (lower(text.start[i]) != word[i]) return false;
  return true;
}

static void skip(cursor *c, bool (*kind)(char)) {
  while (c->at < c->end && kind(*c->at)) c->at++;
}

/* The longest text of a kind from here on. */
static exo_sip_text take(cursor *c, bool (*kind)(char)) {
  exo_sip_text text = { c->at, 0 };
  skip(c, kind);
  text.length = (size_t)(c->at - text.start);
  return text;
}

static bool take_char(cursor *c, char wanted) {
  if (c->at == c->end || *c->at != wanted) return false;
  c->at++;
  return true;
}

/* A number of at most nine digits, -1 where there is none. */
static long take_number(cursor *c) {
  exo_sip_text digits = take(c, is_digit);
  long number = 0;
  if (digits.length == 0 || digits.length > 9) return -1;
  for (size_t i = 0; i < digits.length; i++) number = number * 10 + (digits.start[i] - '0');
  return number;
}

static exo_sip_text trimmed(exo_sip_text text) {
  while (text.length > 0 && is_space(text.start[0])) text.start++, text.length--;
  while (text.length > 0 && is_space(text.start[text.length - 1])) text.length--;
  return text;
}

static exo_sip_result bad(exo_sip_message *message, const char *complaint) {
  message->complaint = complaint;
  return EXO_SIP_BAD;
}

/* ---- the first line ---- */

static bool begins_with(const char *bytes, size_t length, const char *word) {
  size_t most = strlen(word);
  return length >= most && memcmp(bytes, word, most) == 0;
}

static const char *complaint_of(const char *bytes, size_t length) {
  if (length > 1 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 3) return "it speaks TLS";
  if (begins_with(bytes, length, "HTTP/")) return "it speaks HTTP";
  if (begins_with(bytes, length, "SSH-")) return "it speaks SSH";
  return "what it sends is no SIP";
}

/* SIP/2.0 200 OK */
static bool read_status_line(exo_sip_message *message, exo_sip_text line) {
  cursor c = { line.start, line.start + line.length };
  exo_sip_text version = { c.at, 7 };
  if (line.length < 12 || !equals(version, "sip/2.0") || line.start[7] != ' ') return false;
  c.at += 8;
  exo_sip_text digits = take(&c, is_digit);
  if (digits.length != 3 || digits.start[0] < '1' || digits.start[0] > '6' || !take_char(&c, ' ')) return false;
  message->status = (digits.start[0] - '0') * 100 + (digits.start[1] - '0') * 10 + (digits.start[2] - '0');
  message->reason = trimmed((exo_sip_text){ c.at, (size_t)(c.end - c.at) });
  return true;
}

/* OPTIONS sip:host SIP/2.0 */
static bool is_request_line(exo_sip_text line) {
  cursor c = { line.start, line.start + line.length };
  if (take(&c, is_token).length == 0 || !take_char(&c, ' ')) return false;
  size_t left = (size_t)(c.end - c.at);
  return left > 8 && equals((exo_sip_text){ c.end - 8, 8 }, " sip/2.0");
}

static bool all_text(exo_sip_text line) {
  for (size_t i = 0; i < line.length; i++)
    if (!is_text(line.start[i])) return false;
  return true;
}

/* As far as there is of either. */
static bool agree(const char *bytes, size_t length, const char *word) {
  for (size_t i = 0; i < length && word[i] != '\0'; i++)
    if (lower(bytes[i]) != word[i]) return false;
  return true;
}

/* Whether a first line that is not whole yet may become one of SIP. */
static bool may_be_sip(const char *bytes, size_t length) {
  size_t most = length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
  if (length > LINE_MAX_BYTES || !all_text((exo_sip_text){ bytes, most })) return false;
  if (agree(bytes, most, "sip/2.0 ")) return true;
  cursor c = { bytes, bytes + most };
  size_t method = take(&c, is_token).length;
  return method > 0 && (c.at == c.end || *c.at == ' ');
}

/* ---- headers ---- */

/* One header: its name and its value, which may go on in lines that begin with a blank. */
static bool take_header(cursor *c, exo_sip_text *name, exo_sip_text *value) {
  *name = take(c, is_token);
  skip(c, is_blank);
  if (name->length == 0 || !take_char(c, ':')) return false;
  value->start = c->at;
  do {
    skip(c, is_text);
    if (!take_char(c, '\r') || !take_char(c, '\n')) return false;
  } while (c->at < c->end && is_blank(*c->at));
  value->length = (size_t)(c->at - value->start);
  *value = trimmed(*value);
  return true;
}

static bool is_in_branch(char c) { return is_token(c) || c == '/' || c == ':' || c == '=' || c == '@'; }

/* To the next parameter of the first value, past quoted text; false at its end. */
static bool skip_to_parameter(cursor *c) {
  for (bool quoted = false; c->at < c->end; c->at++) {
    if (*c->at == '"') quoted = !quoted;
    else if (quoted && *c->at == '\\' && c->at + 1 < c->end) c->at++;
    else if (!quoted && *c->at == ',') return false;
    else if (!quoted && *c->at == ';') return take_char(c, ';');
  }
  return false;
}

static exo_sip_text branch_of(exo_sip_text via) {
  cursor c = { via.start, via.start + via.length };
  while (skip_to_parameter(&c)) {
    skip(&c, is_space);
    exo_sip_text name = take(&c, is_token);
    skip(&c, is_space);
    if (!equals(name, "branch") || !take_char(&c, '=')) continue;
    skip(&c, is_space);
    return take(&c, is_in_branch);
  }
  return (exo_sip_text){ NULL, 0 };
}

static bool read_cseq(exo_sip_message *message, exo_sip_text value) {
  cursor c = { value.start, value.start + value.length };
  message->cseq = take_number(&c);
  if (message->cseq < 0 || c.at == c.end || !is_space(*c.at)) return false;
  skip(&c, is_space);
  message->method = take(&c, is_token);
  return message->method.length > 0 && c.at == c.end;
}

/* What the headers say that is needed to read on. */
typedef struct head {
  bool via, from, to, call_id, cseq;
  exo_sip_text user_agent;
  long content_length; /* -1: not said */
} head;

static bool once(bool *seen) {
  bool first = !*seen;
  *seen = true;
  return first;
}

static bool read_content_length(head *h, exo_sip_text value) {
  cursor c = { value.start, value.start + value.length };
  if (h->content_length >= 0) return false;
  h->content_length = take_number(&c);
  return h->content_length >= 0 && c.at == c.end;
}

/* The first one counts. */
static void keep(exo_sip_text *kept, exo_sip_text value) {
  if (kept->start == NULL) *kept = value;
}

/* False when it is malformed, or there twice. */
static bool read_header(exo_sip_message *message, head *h, exo_sip_text name, exo_sip_text value) {
  if (equals(name, "via") || equals(name, "v")) {
    if (once(&h->via)) message->branch = branch_of(value);
  } else if (equals(name, "from") || equals(name, "f")) return once(&h->from) && value.length > 0;
  else if (equals(name, "to") || equals(name, "t")) return once(&h->to) && value.length > 0;
  else if (equals(name, "call-id") || equals(name, "i")) {
    message->call_id = value;
    return once(&h->call_id) && value.length > 0;
  } else if (equals(name, "cseq")) return once(&h->cseq) && read_cseq(message, value);
  else if (equals(name, "content-length") || equals(name, "l")) return read_content_length(h, value);
  else if (equals(name, "allow")) keep(&message->allow, value);
  else if (equals(name, "server")) keep(&message->software, value);
  else if (equals(name, "user-agent")) keep(&h->user_agent, value);
  return true;
}

static exo_sip_result read_headers(exo_sip_message *message, head *h, cursor *c) {
  exo_sip_text name, value;
  for (int count = 0; c->at < c->end && *c->at != '\r'; count++) {
    if (count == HEADERS_MAX) return bad(message, "its answer has too many headers");
    if (!take_header(c, &name, &value) || !read_header(message, h, name, value))
      return bad(message, "a header of its answer is malformed");
  }
  keep(&message->software, h->user_agent);
  if (!h->via || !h->from || !h->to || !h->call_id || !h->cseq)
    return bad(message, "its answer lacks headers that SIP requires");
  return EXO_SIP_GOOD;
}

/* ---- the whole ---- */

/* The end of the line that begins here, at its CR; NULL when there is none. */
static const char *line_end(const char *bytes, size_t length) {
  for (size_t i = 0; i + 1 < length; i++)
    if (bytes[i] == '\r' && bytes[i + 1] == '\n') return bytes + i;
  return NULL;
}

/* The empty line behind the headers, after it; NULL when there is none. */
static const char *head_end(const char *bytes, size_t length) {
  for (size_t i = 0; i + 3 < length; i++)
    if (memcmp(bytes + i, "\r\n\r\n", 4) == 0) return bytes + i + 4;
  return NULL;
}

static exo_sip_result read_first_line(exo_sip_message *message, cursor *c, bool datagram) {
  size_t length = (size_t)(c->end - c->at);
  const char *end = line_end(c->at, length);
  if (end == NULL) {
    if (!datagram && may_be_sip(c->at, length)) return EXO_SIP_MORE;
    return bad(message, complaint_of(c->at, length));
  }
  exo_sip_text line = { c->at, (size_t)(end - c->at) };
  if (line.length > LINE_MAX_BYTES || !all_text(line) || (!read_status_line(message, line) && !is_request_line(line)))
    return bad(message, complaint_of(c->at, length));
  c->at = end + 2;
  return EXO_SIP_GOOD;
}

static exo_sip_result wants_more(exo_sip_message *message, bool datagram) {
  return datagram ? bad(message, "its answer is cut short") : EXO_SIP_MORE;
}

static exo_sip_result read_body(exo_sip_message *message, const head *h, const cursor *c, bool datagram) {
  size_t left = (size_t)(c->end - c->at);
  if (h->content_length < 0 && !datagram) return bad(message, "its answer has no Content-Length");
  size_t length = h->content_length < 0 ? left : (size_t)h->content_length;
  if (length > EXO_SIP_BODY_MAX) return bad(message, "its answer is too large");
  return length > left ? wants_more(message, datagram) : EXO_SIP_GOOD;
}

/* Line breaks before a message are no part of it: some servers send them to keep connections open. */
static void skip_line_breaks(cursor *c) {
  while (c->end - c->at >= 2 && c->at[0] == '\r' && c->at[1] == '\n') c->at += 2;
}

exo_sip_result exo_sip_read(exo_sip_message *message, const char *bytes, size_t length, bool datagram) {
  head h = { .content_length = -1 };
  cursor c = { bytes, bytes + length };
  *message = (exo_sip_message){ .cseq = -1 };
  skip_line_breaks(&c);
  if (!datagram && (c.at == c.end || (c.end - c.at == 1 && *c.at == '\r'))) return EXO_SIP_MORE;
  const char *start = c.at, *end = head_end(c.at, (size_t)(c.end - c.at));
  exo_sip_result result = read_first_line(message, &c, datagram);
  if (result != EXO_SIP_GOOD) return result;
  if ((size_t)((end != NULL ? end : c.end) - start) > EXO_SIP_HEAD_MAX) return bad(message, "its answer is too large");
  if (end == NULL) return wants_more(message, datagram);
  cursor headers = { c.at, end };
  result = read_headers(message, &h, &headers);
  c.at = end;
  if (result == EXO_SIP_GOOD) result = read_body(message, &h, &c, datagram);
  if (result == EXO_SIP_GOOD)
    message->length = (size_t)(end - bytes) + (h.content_length > 0 ? (size_t)h.content_length : 0);
  return result;
}
