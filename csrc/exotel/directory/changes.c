#include "exotel/directory/changes.h"

#include <string.h>

static bool are_same(const exo_directory *a, uint32_t at, const exo_directory *b, uint32_t bt) {
  exo_text one = exo_directory_text(a, at), other = exo_directory_text(b, bt);
  if (one.length != other.length || (one.bytes == NULL) != (other.bytes == NULL)) return false;
  return one.length == 0 || memcmp(one.bytes, other.bytes, one.length) == 0;
}

/* The trunk of the same SID in another directory. */
static const exo_directory_trunk *twin(const exo_directory *from, const exo_directory_trunk *trunk,
                                       const exo_directory *to) {
  exo_text sid = trunk == NULL ? (exo_text){ NULL, 0 } : exo_directory_text(from, trunk->fields[EXO_TRUNK_SID]);
  return sid.bytes == NULL ? NULL : exo_directory_find_sid(to, sid);
}

static const exo_directory_trunk *twin_at(const exo_directory *from, uint32_t index, const exo_directory *to) {
  return twin(from, exo_directory_trunk_at(from, index), to);
}

/* ---- the entry of one directory that is the same as one of the other; NULL: there is none ---- */

static const void *find_trunk(const exo_directory *from, const void *item, const exo_directory *to) {
  return twin(from, item, to);
}

static const void *find_number(const exo_directory *from, const void *item, const exo_directory *to) {
  const exo_directory_number *number = item;
  exo_text text = exo_directory_text(from, number->text);
  return text.bytes == NULL ? NULL : exo_directory_find_number(to, text);
}

static const void *find_ip(const exo_directory *from, const void *item, const exo_directory *to) {
  const exo_directory_ip *ip = item, *other;
  const exo_directory_trunk *trunk = twin_at(from, ip->trunk, to);
  exo_ip_walk walk = { ip->address, ip->mask > 32 ? 32 : (int)ip->mask, 0 };
  while ((other = exo_directory_next_ip(to, &walk)) != NULL && other->mask == ip->mask) {
    if (other->address == ip->address && exo_directory_trunk_at(to, other->trunk) == trunk) return other;
  }
  return NULL;
}

/* By its ID; where none is told, by its URI. */
static const void *find_destination(const exo_directory *from, const void *item, const exo_directory *to) {
  uint32_t count;
  const exo_directory_destination *own = item;
  const exo_directory_trunk *trunk = twin_at(from, own->trunk, to);
  if (trunk == NULL) return NULL;
  const exo_directory_destination *list = exo_directory_destinations(to, trunk, &count);
  for (uint32_t i = 0; i < count; i++) {
    bool is_own = own->id != 0 ? are_same(from, own->id, to, list[i].id) : are_same(from, own->uri, to, list[i].uri);
    if (is_own) return &list[i];
  }
  return NULL;
}

/* ---- whether two such entries differ ---- */

/* When it was updated is no news by itself. */
static bool trunk_differs(const exo_changes *walk, const void *before, const void *after) {
  const exo_directory_trunk *one = before, *other = after;
  for (int i = 0; i < EXO_TRUNK_FIELDS; i++) {
    if (i != EXO_TRUNK_DATE_UPDATED && !are_same(walk->before, one->fields[i], walk->after, other->fields[i])) {
      return true;
    }
  }
  return false;
}

static bool number_differs(const exo_changes *walk, const void *before, const void *after) {
  const exo_directory_number *one = before, *other = after;
  if (twin_at(walk->before, one->trunk, walk->after) != exo_directory_trunk_at(walk->after, other->trunk)) return true;
  return !are_same(walk->before, one->mode, walk->after, other->mode) ||
         !are_same(walk->before, one->id, walk->after, other->id);
}

static bool ip_differs(const exo_changes *walk, const void *before, const void *after) {
  return !are_same(walk->before, ((const exo_directory_ip *)before)->id, walk->after,
                   ((const exo_directory_ip *)after)->id);
}

static bool destination_differs(const exo_changes *walk, const void *before, const void *after) {
  const exo_directory_destination *one = before, *other = after;
  return one->priority != other->priority || one->weight != other->weight ||
         !are_same(walk->before, one->uri, walk->after, other->uri);
}

/* ---- walking ---- */

static const void *item_at(const exo_directory *directory, exo_changed what, uint32_t index) {
  const exo_directory_header *header = directory->header;
  switch (what) {
    case EXO_CHANGED_TRUNK: return index < header->trunks ? directory->trunks + index : NULL;
    case EXO_CHANGED_NUMBER: return index < header->numbers ? directory->numbers + index : NULL;
    case EXO_CHANGED_IP: return index < header->ips ? directory->ips + index : NULL;
    case EXO_CHANGED_DESTINATION: return index < header->destinations ? directory->destinations + index : NULL;
  }
  return NULL;
}

static const struct {
  const void *(*find)(const exo_directory *from, const void *item, const exo_directory *to);
  bool (*differs)(const exo_changes *walk, const void *before, const void *after);
} rules[] = {
  [EXO_CHANGED_TRUNK] = { find_trunk, trunk_differs },
  [EXO_CHANGED_NUMBER] = { find_number, number_differs },
  [EXO_CHANGED_IP] = { find_ip, ip_differs },
  [EXO_CHANGED_DESTINATION] = { find_destination, destination_differs },
};

enum { PHASES = 2 * (EXO_CHANGED_DESTINATION + 1) };

/* Of each kind first what is there, then what was. */
static bool is_change(const exo_changes *walk, exo_change *change) {
  if (walk->phase % 2 == 1) {
    change->after = rules[change->what].find(walk->before, change->before, walk->after);
    return change->after == NULL;
  }
  change->before = rules[change->what].find(walk->after, change->after, walk->before);
  return change->before == NULL || rules[change->what].differs(walk, change->before, change->after);
}

bool exo_changes_next(exo_changes *walk, exo_change *change) {
  for (; walk->phase < PHASES; walk->phase++, walk->index = 0) {
    change->what = (exo_changed)(walk->phase / 2);
    const exo_directory *from = walk->phase % 2 == 0 ? walk->after : walk->before;
    const void *item;
    while ((item = item_at(from, change->what, walk->index)) != NULL) {
      walk->index++;
      change->before = change->after = item;
      if (is_change(walk, change)) return true;
    }
  }
  return false;
}
