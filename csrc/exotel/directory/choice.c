#include "exotel/directory/choice.h"

#include <stddef.h>

typedef struct candidates {
  const exo_directory_destination *list;
  const bool *down;
  uint32_t first, end; /* those of one priority; some of them may be down */
  uint32_t up, least;  /* how many are up; the lowest weight of them */
  uint64_t total;      /* of the weights of those */
} candidates;

static bool is_up(const candidates *all, uint32_t i) { return all->down == NULL || !all->down[i]; }

static uint32_t weight_of(const exo_directory_destination *one) { return one->weight > 0 ? (uint32_t)one->weight : 0; }

/* They are sorted by weight, the highest first. */
static void add(candidates *all, uint32_t i) {
  if (!is_up(all, i)) return;
  all->up++;
  all->least = weight_of(&all->list[i]);
  all->total += all->least;
}

static void find(candidates *all, uint32_t count) {
  while (all->first < count && !is_up(all, all->first)) all->first++;
  all->end = all->first;
  for (; all->end < count && all->list[all->end].priority == all->list[all->first].priority; all->end++)
    add(all, all->end);
}

/* Without any weight all have the same chance. */
static const exo_directory_destination *choose_any(const candidates *all, double random) {
  uint32_t left = (uint32_t)(random * all->up), i = all->first;
  while (!is_up(all, i) || left > 0) {
    if (is_up(all, i)) left--;
    i++;
  }
  return &all->list[i];
}

/* Weights are summed up, those of 0 first; the first whose sum reaches the number that was drawn is taken. 0 is drawn
 * only where there are weights of 0, which have a small chance so; else it would favour the lowest weight. */
static const exo_directory_destination *choose_by_weight(const candidates *all, double random) {
  uint64_t least = all->least == 0 ? 0 : 1, sum = 0;
  uint64_t drawn = least + (uint64_t)(random * (double)(all->total + 1 - least));
  uint32_t i = all->end;
  do {
    i--;
    if (is_up(all, i)) sum += weight_of(&all->list[i]);
  } while (!is_up(all, i) || sum < drawn);
  return &all->list[i];
}

const exo_directory_destination *exo_choose(const exo_directory_destination *list, uint32_t count, const bool *down,
                                            double random) {
  candidates all = { .list = list, .down = down };
  if (!(random >= 0)) random = 0;
  if (random >= 1) random = 0.999999;
  find(&all, count);
  if (all.up == 0) return NULL;
  return all.total == 0 ? choose_any(&all, random) : choose_by_weight(&all, random);
}
