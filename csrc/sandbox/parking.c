#include "parking.h"

#include <math.h>
#include <time.h>

static double monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct timespec to_timespec(double seconds) {
  struct timespec time;
  time.tv_sec = (time_t)seconds;
  time.tv_nsec = (long)((seconds - floor(seconds)) * 1e9);
  return time;
}

/* Resumes what is due by `now` and returns when the next one is, HUGE_VAL when none is left with a time. */
static double resume_due(struct parking *parking, double now) {
  double next = HUGE_VAL;
  struct parked **link = &parking->first;

  while (*link) {
    struct parked *slot = *link;
    if (slot->due <= now) {
      *link = slot->next;
      MHD_resume_connection(slot->connection);
    } else {
      if (slot->due < next) next = slot->due;
      link = &slot->next;
    }
  }
  return next;
}

static void *watch(void *argument) {
  struct parking *parking = argument;

  pthread_mutex_lock(&parking->lock);
  while (!parking->closed) {
    double next = resume_due(parking, monotonic_now());
    if (next < 1e9) {
      struct timespec until = to_timespec(next);
      pthread_cond_timedwait(&parking->changed, &parking->lock, &until);
    } else {
      pthread_cond_wait(&parking->changed, &parking->lock);
    }
  }
  pthread_mutex_unlock(&parking->lock);
  return NULL;
}

static int make_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  int failure = pthread_condattr_init(&attributes);
  if (failure) return failure;
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  failure = pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
  return failure;
}

int parking_open(struct parking *parking) {
  int failure = pthread_mutex_init(&parking->lock, NULL);
  if (failure) return failure;
  failure = make_condition(&parking->changed);
  if (!failure) {
    failure = pthread_create(&parking->thread, NULL, watch, parking);
    if (failure) pthread_cond_destroy(&parking->changed);
  }
  if (failure) pthread_mutex_destroy(&parking->lock);
  return failure;
}

bool parking_park(struct parking *parking, struct parked *slot, struct MHD_Connection *connection, double seconds) {
  bool open;

  pthread_mutex_lock(&parking->lock);
  open = !parking->closed;
  if (open) {
    slot->connection = connection;
    slot->due = monotonic_now() + seconds;
    slot->next = parking->first;
    parking->first = slot;
    MHD_suspend_connection(connection);
    pthread_cond_signal(&parking->changed);
  }
  pthread_mutex_unlock(&parking->lock);
  return open;
}

bool parking_is_closed(struct parking *parking) {
  bool closed;
  pthread_mutex_lock(&parking->lock);
  closed = parking->closed;
  pthread_mutex_unlock(&parking->lock);
  return closed;
}

void parking_close(struct parking *parking) {
  pthread_mutex_lock(&parking->lock);
  parking->closed = true;
  resume_due(parking, HUGE_VAL);
  pthread_cond_signal(&parking->changed);
  pthread_mutex_unlock(&parking->lock);
  pthread_join(parking->thread, NULL);
}

void parking_free(struct parking *parking) {
  pthread_cond_destroy(&parking->changed);
  pthread_mutex_destroy(&parking->lock);
}
