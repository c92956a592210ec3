#include "exotel/engine/client.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "exotel/engine/budget.h"
#include "exotel/engine/call_queue.h"
#include "exotel/engine/rate_limiter.h"
#include "exotel/engine/writes.h"

/* Time budget of a poll that must not wait, in seconds: 50 TLS handshakes would take 25 milliseconds. What is left is
 * for the next poll. */
#define BUDGET 0.001

/* Seconds; the log is not told of a shorter wait for the rate limit. */
#define STANDSTILL 0.1

/* Seconds between two polls where nothing tells of the network. */
#define BLIND_INTERVAL 0.01

struct exo_client {
  exo_platform platform;
  exo_arena arena;
  exo_config config;
  exo_transport transport;
  exo_rate_limiter limiter;
  exo_budget budget; /* beside the limiter: what a store grants */
  exo_events events;
  exo_call_queue due;       /* to be sent, first come first served */
  exo_call_queue deadlines; /* the same, by deadline */
  exo_call_queue waiting;   /* for their next attempt, by its time */
  exo_call *first, *last;   /* under way */
  size_t unfinished, in_flight;
  uint64_t arrivals;
  size_t activity;
  long process;            /* whose calls these are */
  double busy_until;       /* when the budget of this poll is used up */
  bool cut;                /* it was, and work is left */
  bool unread;             /* answers are among it that have come already */
  double said_until;       /* until when the log has been told that nothing can be started */
  double random;           /* the next random number; negative: it is to be drawn */
  bool lacked_descriptors; /* an attempt failed in this poll for want of them */
  double poll_at;          /* when to poll whatever the network does; in the past: something has changed */
  exo_notifier *watcher;   /* to be told of the next change; NULL: none */
  exo_wakeup *wakeup;      /* the descriptor for a host's own loop; NULL: nobody has asked for it */
  bool wakeup_is_blind;    /* it does not see the network */
  bool polls;              /* is in a poll, at whose end the wakeup is set */
};

static double time_now(const exo_client *client) { return client->platform.now(client->platform.context); }

/* It is drawn before it is known whether a wait takes it, so one that wasn't taken is kept: each is a system call. */
static double next_random(exo_client *client) {
  if (client->random < 0) client->random = client->platform.random(client->platform.context);
  return client->random;
}

static size_t less(size_t a, size_t b) { return a > b ? a - b : 0; }

/* ---- who waits ---- */

void exo_client_unwatch(exo_client *client) {
  exo_notifier_release(client->watcher);
  client->watcher = NULL;
}

static void tell_watcher(exo_client *client) {
  if (client->watcher == NULL) return;
  exo_notifier_notify(client->watcher);
  exo_client_unwatch(client);
}

/* Others may wait for what has changed, so it is told once even when there is nothing left to poll for. */
static void set_wakeup(exo_client *client) {
  if (client->wakeup == NULL) return;
  exo_wakeup_set(client->wakeup, client->poll_at == -INFINITY ? 0 : exo_client_timeout(client));
}

static void note_change(exo_client *client) {
  client->poll_at = -INFINITY;
  tell_watcher(client);
  if (!client->polls) set_wakeup(client);
}

/* ---- where unfinished calls stand ---- */

static bool came_earlier(const exo_call *a, const exo_call *b) { return a->number < b->number; }
static bool ends_earlier(const exo_call *a, const exo_call *b) { return a->retry.deadline < b->retry.deadline; }
static bool is_earlier(const exo_call *a, const exo_call *b) { return a->wait_until < b->wait_until; }

static void init_lines(exo_client *client) {
  const exo_allocator *allocator = &client->platform.allocator;
  exo_call_queue_init(&client->due, allocator, EXO_CALL_IN_LINE, came_earlier);
  exo_call_queue_init(&client->deadlines, allocator, EXO_CALL_BY_DEADLINE, ends_earlier);
  exo_call_queue_init(&client->waiting, allocator, EXO_CALL_IN_LINE, is_earlier);
}

static void free_lines(exo_client *client) {
  exo_call_queue_free(&client->due);
  exo_call_queue_free(&client->deadlines);
  exo_call_queue_free(&client->waiting);
}

/* For so many unfinished calls: none is lost later for want of memory. */
static bool reserve_lines(exo_client *client, size_t count) {
  return exo_call_queue_reserve(&client->due, count) && exo_call_queue_reserve(&client->deadlines, count) &&
         exo_call_queue_reserve(&client->waiting, count);
}

static void line_up(exo_client *client, exo_call *call) {
  call->line = &client->due;
  exo_call_queue_add(&client->due, call);
  exo_call_queue_add(&client->deadlines, call);
}

static void wait_in_line(exo_client *client, exo_call *call) {
  call->line = &client->waiting;
  exo_call_queue_add(&client->waiting, call);
}

static void leave_line(exo_client *client, exo_call *call) {
  exo_call_queue_remove(call->line, call);
  if (call->line == &client->due) exo_call_queue_remove(&client->deadlines, call);
  call->line = NULL;
}

static void join_under_way(exo_client *client, exo_call *call) {
  call->before = client->last;
  call->after = NULL;
  if (client->last != NULL) client->last->after = call;
  else client->first = call;
  client->last = call;
  client->in_flight++;
}

static void leave_under_way(exo_client *client, exo_call *call) {
  if (call->before != NULL) call->before->after = call->after;
  else client->first = call->after;
  if (call->after != NULL) call->after->before = call->before;
  else client->last = call->before;
  call->before = call->after = NULL;
  client->in_flight--;
}

/* Any one that is unfinished, or NULL. */
static exo_call *some_call(const exo_client *client) {
  if (client->first != NULL) return client->first;
  exo_call *due = exo_call_queue_first(&client->due);
  return due != NULL ? due : exo_call_queue_first(&client->waiting);
}

/* It is finished, and stands nowhere any more. */
static void note_finished(exo_client *client) {
  client->unfinished--;
  client->activity++;
  note_change(client);
}

/* ---- the log ---- */

/* `call` may be NULL: something that is not one call's. */
static exo_event *new_event(exo_client *client, const exo_call *call, exo_event_type type) {
  exo_event *event = exo_events_add(&client->events, type);
  if (event == NULL || call == NULL) return event;
  event->operation = call->operation;
  event->attempt = call->retry.attempts;
  snprintf(event->path, sizeof event->path, "%s", exo_request_target(&call->request));
  return event;
}

static void log_attempt(exo_client *client, exo_call *call, const char *reason, double now) {
  exo_event *event = new_event(client, call, EXO_EVENT_ATTEMPT);
  if (event == NULL) return;
  event->status = call->outcome.http_status;
  event->seconds = now - call->attempt_started;
  event->kind = exo_kind_name(call->outcome.kind);
  event->reason = reason;
  exo_call_request_id(call, event->request_id, sizeof event->request_id);
}

static void log_wait(exo_client *client, const exo_call *call, const exo_decision *decision, double now) {
  exo_event *event = decision->step == EXO_WAIT ? new_event(client, call, EXO_EVENT_WAIT) : NULL;
  if (event == NULL) return;
  event->seconds = decision->until > now ? decision->until - now : 0;
  event->reason = decision->reason;
}

/* That requests are held back by the rate limit; `call` is the first in line, NULL: one that is not started yet. */
static void log_pacing(exo_client *client, const exo_call *call, double when, const char *reason, double now) {
  exo_event *event = new_event(client, call, EXO_EVENT_WAIT);
  if (event == NULL) return;
  event->seconds = when - now;
  event->reason = reason;
}

/* A call that this process made is over. */
static void note_over(exo_client *client, exo_call *call) {
  exo_writes_note(&client->events, call);
  note_finished(client);
}

/* ---- what the service says of time ---- */

/* Times that the service names are of its own clock, which an answer's Date tells: this machine's may be wrong. */
static double service_time(const exo_client *client, const exo_reply *reply) {
  return reply->server_time >= 0 ? (double)reply->server_time : client->platform.wall(client->platform.context);
}

static void read_retry_date(const exo_client *client, exo_reply *reply) {
  if (reply->retry_at < 0 || reply->retry_after >= 0) return;
  double wait = (double)reply->retry_at - service_time(client, reply);
  reply->retry_after = wait > 0 ? (long)ceil(wait) : 0;
}

/* A wait of more than an hour is a mistake, not a rate limit. */
static bool is_pause(double wait) { return wait > 0 && wait <= 3600; }

static void heed_rate_limit(exo_client *client, const exo_reply *reply, double now) {
  if (reply->status == 429 && is_pause((double)reply->retry_after))
    exo_budget_pause(&client->budget, now + (double)reply->retry_after);
  if (reply->rate_remaining < 0 || reply->rate_reset < 0) return;
  double wait = (double)reply->rate_reset - service_time(client, reply);
  if (!is_pause(wait)) return;
  exo_rate_limiter_tell(&client->limiter, (size_t)reply->rate_remaining, now + wait);
  if (reply->rate_remaining > 0) return;
  exo_rate_limiter_pause(&client->limiter, now + wait);
  exo_budget_pause(&client->budget, now + wait);
}

/* ---- one exchange ---- */

static void end_exchange(exo_client *client, exo_call *call) {
  double now = time_now(client);
  leave_under_way(client, call);
  exo_rate_limiter_end(&client->limiter, call->exchange.reply.sent, now);
  exo_budget_spend(&client->budget, call->lease, call->exchange.reply.sent, now);
}

static void receive_call(exo_client *client, exo_call *call) {
  double now = time_now(client);
  end_exchange(client, call);
  note_change(client);
  read_retry_date(client, &call->exchange.reply);
  heed_rate_limit(client, &call->exchange.reply, now);
  exo_decision decision = exo_call_receive(call, now, next_random(client));
  if (decision.step == EXO_WAIT) client->random = -1;
  if (call->exchange.reply.lacks_descriptors) client->lacked_descriptors = true;
  log_attempt(client, call, decision.reason, now);
  log_wait(client, call, &decision, now);
  exo_call_follow(call, &decision, now);
  if (exo_call_finished(call)) note_over(client, call);
  else wait_in_line(client, call);
}

static void send_call(exo_client *client, exo_call *call, double now) {
  leave_line(client, call);
  exo_call_begin(call, now);
  call->lease = exo_budget_take(&client->budget);
  if (!client->transport.send(client->transport.context, &call->exchange)) {
    exo_budget_spend(&client->budget, call->lease, false, now);
    exo_call_fail(call, now);
    note_over(client, call);
    return;
  }
  join_under_way(client, call);
  exo_rate_limiter_begin(&client->limiter);
  if (call->exchange.done) receive_call(client, call);
}

/* ---- after a fork ---- */

/* Requests under way may reach the service from now on. */
static void lose_call(exo_client *client, exo_call *call, double now) {
  if (call->state == EXO_CALL_SENT) {
    leave_under_way(client, call);
    exo_rate_limiter_end(&client->limiter, true, now);
  } else leave_line(client, call);
  exo_call_lose(call, now);
  note_finished(client);
}

/* Nothing that was inherited is ever sent: the parent does that. To be called first by whatever a user asks for. */
static void notice_fork(exo_client *client) {
  long here = client->platform.process(client->platform.context);
  if (client->process == here) return;
  client->process = here;
  exo_client_unwatch(client);
  exo_wakeup_release(client->wakeup);
  client->wakeup = NULL;
  if (client->transport.abandon != NULL) client->transport.abandon(client->transport.context);
  for (exo_call *call = some_call(client); call != NULL; call = some_call(client))
    lose_call(client, call, time_now(client));
  client->unread = false;
  client->random = -1; /* the parent has the same */
  exo_budget_forget(&client->budget);
  exo_events_clear(&client->events); /* the parent tells of what has happened there */
}

/* ---- what is due ---- */

static void take_due(exo_client *client, double now) {
  exo_call *call = exo_call_queue_first(&client->waiting);
  for (; call != NULL && call->wait_until <= now; call = exo_call_queue_first(&client->waiting)) {
    leave_line(client, call);
    line_up(client, call);
  }
}

static void expire(exo_client *client, exo_call *call, const char *reason, double now) {
  leave_line(client, call);
  exo_call_expire(call, reason, now);
  note_over(client, call);
}

/* Ends what can't be sent in time any more. `when`: the rate limiter's next time; INFINITY when something under way has
 * to end first. */
static void expire_late(exo_client *client, double when, double now) {
  double last = isfinite(when) && when > now ? when : now;
  exo_call *call = exo_call_queue_first(&client->deadlines);
  for (; call != NULL && call->retry.deadline <= last; call = exo_call_queue_first(&client->deadlines))
    expire(client, call,
           call->retry.deadline <= now ? "the deadline passed before the request could be sent"
                                       : "the rate limit leaves no room before the deadline",
           now);
}

/* Said once for each attempt, of the first in line: those behind it wait for it. */
static void hold(exo_client *client, exo_call *call, double when, const char *reason, double now) {
  if (call->held || when - now < STANDSTILL || !isfinite(when)) return;
  call->held = true;
  log_pacing(client, call, when, reason, now);
}

static bool has_connection(const exo_client *client) {
  return client->in_flight < (size_t)client->config.max_connections;
}

static bool is_granted(const exo_client *client, const exo_call *call, double now) {
  return exo_budget_allows(&client->budget, call->options.timeout, now);
}

/* Sends what may be sent, in the order of arrival, as far as the budget goes. → when the rate limiter allows the next
 * one: now or earlier, when there is none or it waits for something else. */
static double send_due(exo_client *client) {
  double now = time_now(client), when = now;
  while (!client->cut) {
    when = exo_rate_limiter_when(&client->limiter, now);
    expire_late(client, client->budget.is_alone ? now : when, now); /* the store may come back, with room */
    exo_call *call = exo_call_queue_first(&client->due);
    if (call == NULL) return now;
    if (when > now) {
      hold(client, call, when, exo_rate_limiter_reason(&client->limiter, now), now);
      return when;
    }
    if (!has_connection(client)) return now;
    if (!is_granted(client, call, now)) {
      hold(client, call, client->budget.ask_at, exo_budget_reason(&client->budget), now);
      return client->budget.ask_at;
    }
    send_call(client, call, now);
    now = time_now(client); /* sending takes a while */
    client->cut = now >= client->busy_until;
  }
  return now;
}

static double earlier(double a, double b) { return a < b ? a : b; }

/* ---- a shared rate limit ---- */

/* Calls that could leave now, if the store granted them. */
static size_t count_lacking(exo_client *client, double now) {
  const exo_call *call = exo_call_queue_first(&client->due);
  if (call == NULL || is_granted(client, call, now) || exo_rate_limiter_when(&client->limiter, now) > now) return 0;
  size_t most = less((size_t)client->config.max_connections, client->in_flight);
  size_t left = exo_rate_limiter_left(&client->limiter, now);
  if (left < most) most = left;
  return client->due.count < most ? client->due.count : most;
}

bool exo_client_asks(exo_client *client, exo_demand *demand) {
  const exo_budget *budget = &client->budget;
  if (!budget->is_shared) return false;
  double now = time_now(client);
  size_t lacking = count_lacking(client, now);
  *demand = (exo_demand){ .requests = lacking > budget->expected ? lacking : budget->expected,
                          .longest = budget->longest };
  if (budget->pause_is_news) return true;
  if (now < budget->ask_at) return false;
  return demand->requests > 0 || (budget->is_alone && client->unfinished > 0);
}

static bool asks(exo_client *client) {
  exo_demand demand;
  return exo_client_asks(client, &demand);
}

/* Moves on what doesn't depend on the network; when to look again, INFINITY when something under way has to end first.
 */
static double admit(exo_client *client) {
  take_due(client, time_now(client));
  double when = send_due(client), next = INFINITY;
  const exo_call *waiting = exo_call_queue_first(&client->waiting);
  const exo_call *last = exo_call_queue_first(&client->deadlines);
  if (waiting != NULL) next = waiting->wait_until;
  if (last != NULL) next = earlier(next, last->retry.deadline);
  if (last != NULL && (when > time_now(client) || asks(client))) next = earlier(next, when);
  if (client->budget.is_alone && client->unfinished > 0) next = earlier(next, client->budget.ask_at);
  client->poll_at = earlier(client->poll_at, next);
  return next;
}

/* Every poll reads one answer at least, whatever the transport left of its budget: many may come at once, and each
 * takes milliseconds where it is long. */
static void collect(exo_client *client) {
  exo_call *after;
  client->unread = false;
  for (exo_call *call = client->first; call != NULL && !client->unread; call = after) {
    after = call->after;
    if (!call->exchange.done) continue;
    receive_call(client, call);
    client->unread = time_now(client) >= client->busy_until;
  }
  if (client->unread) client->cut = true;
}

/* ---- polling ---- */

static void poll_transport(exo_client *client, double seconds) {
  double budget = client->busy_until - time_now(client);
  const exo_transport *transport = &client->transport;
  if (transport->poll(transport->context, seconds > 0 ? seconds : 0, budget > 0 ? budget : 0)) client->cut = true;
}

static size_t poll_calls(exo_client *client, double seconds) {
  double now = time_now(client), end = now + seconds;
  size_t before = client->unfinished;
  client->lacked_descriptors = false;
  client->poll_at = INFINITY;
  client->cut = false;
  if (before == 0) return 0;
  client->busy_until = seconds > 0 ? INFINITY : now + BUDGET;
  do {
    double next = admit(client);
    poll_transport(client, client->unfinished < before || client->unread ? 0 : earlier(end, next) - now);
    collect(client);
    now = time_now(client);
  } while (client->unfinished == before && client->unfinished > 0 && now < end && !client->lacked_descriptors &&
           !asks(client));
  send_due(client); /* to the places that have become free; a repetition is left to the next poll, once the log knows */
  if (client->cut) client->activity++;
  tell_watcher(client);
  return client->unfinished;
}

size_t exo_client_poll(exo_client *client, double seconds) {
  notice_fork(client);
  client->polls = true;
  size_t unfinished = poll_calls(client, seconds);
  client->polls = false;
  set_wakeup(client);
  return unfinished;
}

/* What waits when the network shows nothing; `network`: libcurl's own timer, in seconds. */
static double next_poll(const exo_client *client, double network) {
  double due = client->cut || client->unread ? 0 : client->poll_at - time_now(client);
  return due > 0 ? earlier(due, network) : 0;
}

double exo_client_timeout(exo_client *client) {
  double network = INFINITY;
  const exo_transport *transport = &client->transport;
  notice_fork(client);
  if (client->unfinished == 0) return INFINITY;
  bool seen = transport->watch != NULL && transport->watch(transport->context, &network) >= 0;
  return next_poll(client, seen && !client->wakeup_is_blind ? network : BLIND_INTERVAL);
}

/* Sees of the network what the transport's descriptor shows. */
static void open_wakeup(exo_client *client) {
  double network;
  const exo_transport *transport = &client->transport;
  client->wakeup = exo_wakeup_open();
  if (client->wakeup == NULL) return;
  int descriptor = transport->watch != NULL ? transport->watch(transport->context, &network) : -1;
  client->wakeup_is_blind = descriptor < 0 || !exo_wakeup_add(client->wakeup, descriptor);
  set_wakeup(client);
}

exo_wakeup *exo_client_wakeup(exo_client *client) {
  notice_fork(client);
  if (client->wakeup == NULL) open_wakeup(client);
  return client->wakeup;
}

bool exo_client_watch(exo_client *client, exo_notifier *notifier, double *seconds) {
  double network;
  const exo_transport *transport = &client->transport;
  notice_fork(client);
  int descriptor = transport->watch != NULL ? transport->watch(transport->context, &network) : -1;
  if (descriptor < 0 || !exo_notifier_watch(notifier, descriptor)) return false;
  exo_client_unwatch(client);
  client->watcher = exo_notifier_keep(notifier);
  *seconds = next_poll(client, network);
  return true;
}

bool exo_client_lacked_descriptors(const exo_client *client) { return client->lacked_descriptors; }

void exo_client_wait(exo_client *client, double seconds) {
  notice_fork(client);
  (void)client->transport.poll(client->transport.context, client->unread ? 0 : seconds, INFINITY);
}

size_t exo_client_activity(const exo_client *client) { return client->activity; }

/* To who asks whether a call may be started, and doesn't start one. */
static void note_standstill(exo_client *client, double when, const char *reason, double now) {
  if (when - now < STANDSTILL || !isfinite(when) || when < client->said_until + STANDSTILL) return;
  client->said_until = when;
  log_pacing(client, NULL, when, reason, now);
}

/* Beside the calls that are to be sent already. What is lacking is asked for. */
static void heed_budget(exo_client *client, exo_capacity *capacity, double now) {
  exo_budget *budget = &client->budget;
  if (!budget->is_shared || budget->is_alone || capacity->calls == 0) return;
  bool is_usable = exo_budget_allows(budget, client->config.timeout, now);
  size_t granted = is_usable ? less(budget->granted, client->unfinished - client->in_flight) : 0;
  budget->expected = granted == 0 ? capacity->calls : 0;
  if (granted < capacity->calls) capacity->calls = granted;
  if (granted == 0 && budget->ask_at > now) {
    capacity->wait = budget->ask_at - now;
    note_standstill(client, budget->ask_at, exo_budget_reason(budget), now);
  }
}

/* Every unfinished call that is not under way is to be sent before a new one. */
exo_capacity exo_client_capacity(exo_client *client) {
  notice_fork(client);
  double now = time_now(client), when = exo_rate_limiter_when(&client->limiter, now);
  size_t left = exo_rate_limiter_left(&client->limiter, now);
  exo_capacity capacity = { .left = left, .wait = when > now ? when - now : 0 };
  if (left != SIZE_MAX) capacity.left = less(left, client->unfinished - client->in_flight);
  capacity.told = exo_rate_limiter_told(&client->limiter, now);
  if (capacity.told != SIZE_MAX) capacity.told = less(capacity.told, client->unfinished - client->in_flight);
  capacity.calls = less((size_t)client->config.max_connections, client->unfinished);
  if (capacity.left < capacity.calls) capacity.calls = capacity.left;
  if (capacity.wait > 0) capacity.calls = 0;
  note_standstill(client, when, exo_rate_limiter_reason(&client->limiter, now), now);
  heed_budget(client, &capacity, now);
  return capacity;
}

void exo_client_defer(exo_client *client, double seconds) { client->budget.ask_at = time_now(client) + seconds; }

void exo_client_grant(exo_client *client, const exo_grant *grant) {
  exo_budget *budget = &client->budget;
  double now = time_now(client);
  exo_budget_return(budget, now);
  budget->granted = grant->requests;
  budget->lease = grant->lease;
  budget->usable_until = now + grant->usable;
  budget->reach = grant->reach;
  budget->ask_at = grant->wait > 0 ? now + grant->wait : -INFINITY;
  budget->service_says = grant->service_says;
  budget->is_awaited = budget->expected > 0;
  budget->expected = 0;
  note_change(client);
}

void exo_client_go_alone(exo_client *client, size_t limit, double seconds) {
  exo_budget *budget = &client->budget;
  exo_budget_return(budget, time_now(client));
  budget->is_alone = limit > 0;
  budget->ask_at = time_now(client) + seconds;
  budget->expected = 0;
  exo_rate_limiter_restrict(&client->limiter, limit);
  note_change(client);
}

exo_budget *exo_client_budget(exo_client *client) {
  notice_fork(client);
  return &client->budget;
}

size_t exo_client_history(exo_client *client, double *ages, size_t most) {
  return exo_rate_limiter_history(&client->limiter, time_now(client), ages, most);
}

exo_events *exo_client_events(exo_client *client) {
  notice_fork(client);
  return &client->events;
}

/* ---- calls ---- */

exo_call *exo_client_new_call(exo_client *client) { return exo_call_new(&client->config, &client->platform.allocator); }

bool exo_client_start(exo_client *client, exo_call *call, const exo_operation *operation, const exo_value *arguments,
                      const exo_call_options *options) {
  notice_fork(client);
  if (!reserve_lines(client, client->unfinished + 1)) return false;
  if (!exo_call_init(call, operation, arguments, options, time_now(client))) return false;
  if (exo_call_finished(call)) return true;
  if (call->options.timeout > client->budget.longest) client->budget.longest = call->options.timeout;
  call->number = client->arrivals++;
  client->unfinished++;
  line_up(client, call);
  note_change(client);
  return true;
}

bool exo_client_has_finished(exo_client *client, const exo_call *call) {
  if (!exo_call_finished(call)) notice_fork(client);
  return exo_call_finished(call);
}

void exo_client_cancel(exo_client *client, exo_call *call) {
  if (call->state == EXO_CALL_NEW || call->state == EXO_CALL_FINISHED) return;
  notice_fork(client);
  if (call->state == EXO_CALL_FINISHED) return;
  if (call->state == EXO_CALL_SENT) {
    if (!call->exchange.done) client->transport.cancel(client->transport.context, &call->exchange);
    end_exchange(client, call);
  } else leave_line(client, call);
  exo_call_cancel(call, time_now(client));
  note_over(client, call);
}

void exo_client_cancel_all(exo_client *client) {
  for (exo_call *call = some_call(client); call != NULL; call = some_call(client)) exo_client_cancel(client, call);
}

void exo_client_free_call(exo_client *client, exo_call *call) {
  if (call != NULL) exo_client_cancel(client, call);
  exo_call_free(call);
}

/* ---- the client itself ---- */

static exo_client *allocate_client(const exo_platform *platform) {
  exo_allocator allocator = platform->allocator.resize != NULL ? platform->allocator : exo_libc_allocator;
  exo_client *client = exo_allocate_zeroed(&allocator, sizeof *client);
  if (client == NULL) return NULL;
  client->platform = *platform;
  client->platform.allocator = allocator;
  client->process = platform->process(platform->context);
  client->random = -1;
  client->poll_at = INFINITY;
  exo_arena_init(&client->arena, &client->platform.allocator);
  init_lines(client);
  exo_events_init(&client->events, &client->platform.allocator);
  return client;
}

static exo_result configure(exo_client *client, const exo_config *given, exo_error *error) {
  exo_result result = exo_config_resolve(given, &client->arena, &client->config, error);
  if (result != EXO_RESULT_OK) return result;
  size_t limit = (size_t)client->config.rate_limit;
  exo_budget_init(&client->budget, &client->platform.allocator, client->config.timeout);
  bool good = exo_rate_limiter_init(&client->limiter, limit, &client->platform.allocator) &&
              reserve_lines(client, (size_t)client->config.max_connections);
  return good ? EXO_RESULT_OK : EXO_RESULT_NO_MEMORY;
}

exo_result exo_client_new(const exo_config *given, const exo_platform *platform, exo_client **client,
                          exo_error *error) {
  *client = allocate_client(platform);
  if (*client == NULL) return EXO_RESULT_NO_MEMORY;
  exo_result result = configure(*client, given, error);
  if (result == EXO_RESULT_OK) return result;
  exo_client_free(*client);
  *client = NULL;
  return result;
}

void exo_client_set_transport(exo_client *client, const exo_transport *transport) { client->transport = *transport; }

const exo_config *exo_client_config(const exo_client *client) { return &client->config; }
const exo_allocator *exo_client_allocator(const exo_client *client) { return &client->platform.allocator; }

void exo_client_free(exo_client *client) {
  if (client == NULL) return;
  notice_fork(client);
  exo_client_cancel_all(client);
  exo_client_unwatch(client);
  if (client->wakeup != NULL) exo_wakeup_set(client->wakeup, 0);
  exo_wakeup_release(client->wakeup);
  if (client->transport.close != NULL) client->transport.close(client->transport.context);
  free_lines(client);
  exo_rate_limiter_free(&client->limiter);
  exo_budget_free(&client->budget);
  exo_events_free(&client->events);
  exo_arena_free(&client->arena);
  exo_allocator allocator = client->platform.allocator;
  exo_free(&allocator, client);
}
