#include "exotel/engine/budget.h"

#include <math.h>

/* Seconds: requests that end so close to one another are told of as if they had ended together, with the last. */
#define TOGETHER 0.25

void exo_budget_init(exo_budget *budget, const exo_allocator *allocator, double longest) {
  *budget = (exo_budget){ .allocator = allocator, .longest = longest };
}

void exo_budget_free(exo_budget *budget) {
  if (budget->spendings != NULL) exo_free(budget->allocator, budget->spendings);
  budget->spendings = NULL;
  budget->count = budget->capacity = 0;
}

bool exo_budget_allows(const exo_budget *budget, double seconds, double now) {
  if (!budget->is_shared || budget->is_alone) return true;
  return budget->granted > 0 && now <= budget->usable_until && seconds <= budget->reach;
}

exo_lease exo_budget_take(exo_budget *budget) {
  if (!budget->is_shared || budget->is_alone) return EXO_NO_LEASE;
  budget->granted--;
  budget->is_awaited = false;
  return budget->lease;
}

static bool belongs_to(const exo_spending *spending, exo_lease lease, bool used, double now) {
  return !(spending->lease < lease) && !(spending->lease > lease) && spending->used == used &&
         (!used || now - spending->first < TOGETHER);
}

static bool grow(exo_budget *budget) {
  size_t capacity = budget->capacity == 0 ? 8 : budget->capacity * 2;
  if (budget->count < budget->capacity) return true;
  exo_spending *list = budget->allocator->resize(budget->allocator->context, budget->spendings,
                                                 capacity * sizeof *list);
  if (list == NULL) return false;
  budget->spendings = list;
  budget->capacity = capacity;
  return true;
}

/* Without memory the store is not told: then it counts for as long as the request could have taken. */
static void add(exo_budget *budget, exo_lease lease, size_t count, bool used, double now) {
  exo_spending *last = budget->count > 0 ? &budget->spendings[budget->count - 1] : NULL;
  bool is_same = last != NULL && belongs_to(last, lease, used, now);
  if (!is_same && !grow(budget)) return;
  if (!is_same) budget->spendings[budget->count++] = (exo_spending){ lease, 0, used, now, now };
  budget->spendings[budget->count - 1].count += count;
  budget->spendings[budget->count - 1].ended = now;
}

void exo_budget_spend(exo_budget *budget, exo_lease lease, bool used, double now) {
  bool is_known = used || lease > EXO_NO_LEASE;
  if (budget->is_shared && is_known) add(budget, lease, 1, used, now);
}

const char *exo_budget_reason(const exo_budget *budget) {
  return budget->service_says ? "the service says that no requests are left" : "the shared rate limit is used up";
}

void exo_budget_pause(exo_budget *budget, double until) {
  if (!budget->is_shared || until <= budget->paused_until) return;
  budget->paused_until = until;
  budget->pause_is_news = true;
}

void exo_budget_return(exo_budget *budget, double now) {
  if (budget->granted > 0) add(budget, budget->lease, budget->granted, false, now);
  budget->granted = 0;
}

void exo_budget_forget(exo_budget *budget) {
  budget->granted = budget->count = 0;
  budget->ask_at = -INFINITY;
}
