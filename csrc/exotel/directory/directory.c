#include "exotel/directory/directory.h"

#include <math.h>
#include <string.h>

#include "exotel/directory/digest.h"

/* ---- checking ---- */

#define CHECKED_FROM offsetof(exo_directory_header, written)
enum { BUCKET_BITS_MAX = 24 };

_Static_assert(CHECKED_FROM == (size_t)EXO_DIGEST_BLOCK, "the checksum begins with a whole block");
_Static_assert(sizeof(exo_directory_header) % sizeof(double) == 0, "what follows the header is aligned");
_Static_assert(sizeof(exo_directory_trunk) == 72 && sizeof(exo_directory_header) == 176, "there is no padding");

static uint64_t bucket_count(const exo_directory_header *header) { return ((uint64_t)1 << header->bucket_bits) + 1; }

/* What the counts in a header add up to; no sum of them overflows. */
static uint64_t size_of(const exo_directory_header *header) {
  uint64_t size = sizeof *header;
  size += (uint64_t)header->trunks * (sizeof(exo_directory_trunk) + 2 * sizeof(exo_directory_name));
  size += (uint64_t)header->destinations * sizeof(exo_directory_destination);
  size += (uint64_t)header->ips * sizeof(exo_directory_ip);
  size += (uint64_t)header->numbers * sizeof(exo_directory_number);
  return size + bucket_count(header) * sizeof(uint32_t) + header->texts;
}

const char exo_directory_bad_digest[] = "it is damaged: its checksum is wrong";

static const char *find_damage(const exo_directory_header *header, uint64_t size) {
  if (header->version == 0) return "it is damaged: there is no such version";
  if (header->version < EXO_DIRECTORY_VERSION)
    return "it was written by an older version of exotel: it has to be made again";
  if (header->size > size) return "it is not complete: it was cut short";
  if (header->size != size || size % EXO_DIGEST_BLOCK != 0) return "it is damaged: its size is wrong";
  if (header->bucket_bits > BUCKET_BITS_MAX || size_of(header) != size) return "it is damaged: its counts are wrong";
  return NULL;
}

static const char *find_refusal(const exo_directory_header *header, uint64_t size) {
  if (memcmp(header->magic, EXO_DIRECTORY_MAGIC, sizeof header->magic) != 0) return "it is no directory of exotel's";
  if (header->order != EXO_DIRECTORY_ORDER) return "it was written by a machine with another order of bytes";
  if (header->version > EXO_DIRECTORY_VERSION) return "it was written by a newer version of exotel";
  return size > EXO_DIRECTORY_SIZE_MAX ? "it is larger than a directory may be" : NULL;
}

exo_directory_fault exo_directory_judge(const exo_directory_header *header, uint64_t size, const char **reason) {
  *reason = size == 0 ? "it is empty" : "it is not complete: it was cut short";
  if (size == 0) return EXO_DIRECTORY_DAMAGED;
  if (size < sizeof *header) {
    size_t length = size < sizeof header->magic ? (size_t)size : sizeof header->magic;
    if (memcmp(header->magic, EXO_DIRECTORY_MAGIC, length) == 0) return EXO_DIRECTORY_DAMAGED;
    *reason = "it is no directory of exotel's";
    return EXO_DIRECTORY_REFUSED;
  }
  *reason = find_refusal(header, size);
  if (*reason != NULL) return EXO_DIRECTORY_REFUSED;
  *reason = find_damage(header, size);
  return *reason != NULL ? EXO_DIRECTORY_DAMAGED : EXO_DIRECTORY_GOOD;
}

uint64_t exo_directory_digest(const void *block, size_t size) {
  exo_digest digest;
  exo_digest_begin(&digest);
  exo_digest_add(&digest, (const char *)block + CHECKED_FROM, size - CHECKED_FROM);
  return exo_digest_end(&digest);
}

void exo_directory_view(exo_directory *directory, const void *block) {
  directory->header = block;
  directory->trunks = (const void *)(directory->header + 1);
  directory->destinations = (const void *)(directory->trunks + directory->header->trunks);
  directory->ips = (const void *)(directory->destinations + directory->header->destinations);
  directory->numbers = (const void *)(directory->ips + directory->header->ips);
  directory->names = (const void *)(directory->numbers + directory->header->numbers);
  directory->buckets = (const void *)(directory->names + 2 * (size_t)directory->header->trunks);
  directory->texts = (const void *)(directory->buckets + bucket_count(directory->header));
}

exo_directory_fault exo_directory_open(exo_directory *directory, const void *block, size_t size, const char **reason) {
  exo_directory_fault fault = exo_directory_judge(block, size, reason);
  if (fault != EXO_DIRECTORY_GOOD) return fault;
  *reason = exo_directory_bad_digest;
  exo_directory_view(directory, block);
  return exo_directory_digest(block, size) == directory->header->digest ? EXO_DIRECTORY_GOOD : EXO_DIRECTORY_DAMAGED;
}

/* ---- parts ---- */

exo_text exo_directory_text(const exo_directory *directory, uint32_t at) {
  uint16_t length;
  uint32_t end = directory->header->texts;
  if (at == 0 || at >= end || end - at < sizeof length) return (exo_text){ NULL, 0 };
  memcpy(&length, directory->texts + at, sizeof length);
  if (length > EXO_DIRECTORY_TEXT_MAX || end - at - sizeof length < length) return (exo_text){ NULL, 0 };
  return (exo_text){ directory->texts + at + sizeof length, length };
}

const exo_directory_trunk *exo_directory_trunk_at(const exo_directory *directory, uint32_t index) {
  return index < directory->header->trunks ? &directory->trunks[index] : NULL;
}

static bool is_text(const exo_directory *directory, uint32_t at, exo_text text) {
  exo_text own = exo_directory_text(directory, at);
  return own.bytes != NULL && own.length == text.length && memcmp(own.bytes, text.bytes, text.length) == 0;
}

const exo_directory_destination *exo_directory_destinations(const exo_directory *directory,
                                                            const exo_directory_trunk *trunk, uint32_t *count) {
  uint32_t total = directory->header->destinations;
  bool is_inside = trunk->first_destination <= total && trunk->destinations <= total - trunk->first_destination;
  *count = is_inside ? trunk->destinations : 0;
  return is_inside ? directory->destinations + trunk->first_destination : NULL;
}

double exo_directory_age(const exo_directory *directory, double age, const exo_moment *now) {
  return isfinite(age) ? age + exo_moment_age(&directory->header->written, now) : INFINITY;
}

/* ---- numbers ---- */

const exo_directory_number *exo_directory_find_number(const exo_directory *directory, exo_text number) {
  const exo_directory_header *header = directory->header;
  uint32_t hash = exo_hash(number.bytes, number.length);
  const uint32_t *bucket = directory->buckets + (header->bucket_bits == 0 ? 0 : hash >> (32 - header->bucket_bits));
  uint32_t end = bucket[1] < header->numbers ? bucket[1] : header->numbers;
  uint32_t digits[2];
  bool is_packed = exo_pack_digits(number.bytes, number.length, digits);
  for (uint32_t i = bucket[0]; i < end; i++) {
    const exo_directory_number *own = &directory->numbers[i];
    if (own->hash != hash || own->digits[0] != digits[0] || own->digits[1] != digits[1]) continue;
    if (is_packed || is_text(directory, own->text, number)) return own;
  }
  return NULL;
}

/* ---- trunks ---- */

/* The first name with a hash that is not smaller. */
static size_t first_name(const exo_directory *directory, uint32_t hash) {
  size_t low = 0, high = 2 * (size_t)directory->header->trunks;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (directory->names[middle].hash < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

static bool is_sid(const exo_directory *directory, const exo_directory_trunk *trunk, exo_text text) {
  return is_text(directory, trunk->fields[EXO_TRUNK_SID], text);
}

/* The trunk of that SID, else the last one with that name. */
const exo_directory_trunk *exo_directory_find_trunk(const exo_directory *directory, exo_text name) {
  uint32_t hash = exo_hash(name.bytes, name.length);
  const exo_directory_trunk *named = NULL;
  size_t count = 2 * (size_t)directory->header->trunks;
  for (size_t i = first_name(directory, hash); i < count && directory->names[i].hash == hash; i++) {
    const exo_directory_trunk *trunk = exo_directory_trunk_at(directory, directory->names[i].trunk);
    if (trunk == NULL || !is_text(directory, directory->names[i].text, name)) continue;
    if (is_sid(directory, trunk, name)) return trunk;
    named = trunk;
  }
  return named;
}

const exo_directory_trunk *exo_directory_find_sid(const exo_directory *directory, exo_text sid) {
  const exo_directory_trunk *trunk = exo_directory_find_trunk(directory, sid);
  return trunk != NULL && is_sid(directory, trunk, sid) ? trunk : NULL;
}

/* ---- ips ---- */

uint32_t exo_directory_network(uint32_t address, uint32_t mask) {
  if (mask >= 32) return address;
  return mask == 0 ? 0 : address & UINT32_MAX << (32 - mask);
}

/* Whether an entry stands before the first one of a mask and network. */
static bool is_before(const exo_directory_ip *ip, int mask, uint32_t network) {
  if (ip->mask != (uint32_t)mask) return ip->mask > (uint32_t)mask;
  return exo_directory_network(ip->address, ip->mask) < network;
}

static uint32_t first_ip(const exo_directory *directory, int mask, uint32_t network) {
  uint32_t low = 0, high = directory->header->ips;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (is_before(&directory->ips[middle], mask, network)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* `index` 0: this mask was not looked for yet; else the place after the last one that was found. */
const exo_directory_ip *exo_directory_next_ip(const exo_directory *directory, exo_ip_walk *walk) {
  for (; walk->mask >= 0; walk->mask--, walk->index = 0) {
    if ((directory->header->masks >> walk->mask & 1) == 0) continue;
    uint32_t network = exo_directory_network(walk->address, (uint32_t)walk->mask);
    uint32_t i = walk->index != 0 ? walk->index : first_ip(directory, walk->mask, network);
    if (i >= directory->header->ips) continue;
    const exo_directory_ip *ip = &directory->ips[i];
    if (ip->mask != (uint32_t)walk->mask || exo_directory_network(ip->address, ip->mask) != network) continue;
    walk->index = i + 1;
    return ip;
  }
  return NULL;
}

/* Three digits at most, no leading zero: others would be octal elsewhere. */
static bool read_part(exo_text *text, uint32_t *part) {
  size_t digits = 0;
  for (*part = 0; digits < text->length && digits < 4; digits++) {
    char c = text->bytes[digits];
    if (c < '0' || c > '9') break;
    *part = *part * 10 + (uint32_t)(c - '0');
  }
  bool good = digits > 0 && *part <= 255 && (digits == 1 || text->bytes[0] != '0');
  text->bytes += digits;
  text->length -= digits;
  return good;
}

bool exo_directory_read_ip(exo_text text, uint32_t *address) {
  uint32_t part;
  *address = 0;
  for (int i = 0; i < 4; i++) {
    if (i > 0) {
      if (text.length == 0 || *text.bytes != '.') return false;
      text.bytes++;
      text.length--;
    }
    if (!read_part(&text, &part)) return false;
    *address = *address << 8 | part;
  }
  return text.length == 0;
}
