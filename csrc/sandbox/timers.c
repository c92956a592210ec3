#include "sandbox/timers.h"

#include <math.h>
#include <time.h>

static double monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct timespec to_timespec(double seconds) {
  return (struct timespec){ .tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9) };
}

/* Resumes what is due by `now`. Returns when the next one is, HUGE_VAL when none is left with a time. */
static double resume_due(sbx_timers *timers, double now) {
  double next = HUGE_VAL;
  sbx_timer **link = &timers->first;
  while (*link != NULL) {
    sbx_timer *timer = *link;
    if (timer->due <= now) {
      *link = timer->next;
      MHD_resume_connection(timer->connection);
    } else {
      if (timer->due < next) next = timer->due;
      link = &timer->next;
    }
  }
  return next;
}

static void *run(void *argument) {
  sbx_timers *timers = argument;
  pthread_mutex_lock(&timers->lock);
  while (!timers->closed) {
    double next = resume_due(timers, monotonic_now());
    if (next < 1e9) {
      struct timespec until = to_timespec(next);
      pthread_cond_timedwait(&timers->changed, &timers->lock, &until);
    } else {
      pthread_cond_wait(&timers->changed, &timers->lock);
    }
  }
  pthread_mutex_unlock(&timers->lock);
  return NULL;
}

static int init_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  int failure = pthread_condattr_init(&attributes);
  if (failure != 0) return failure;
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  failure = pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
  return failure;
}

int sbx_timers_open(sbx_timers *timers) {
  int failure = pthread_mutex_init(&timers->lock, NULL);
  if (failure != 0) return failure;
  failure = init_condition(&timers->changed);
  if (failure == 0) {
    failure = pthread_create(&timers->thread, NULL, run, timers);
    if (failure != 0) pthread_cond_destroy(&timers->changed);
  }
  if (failure != 0) pthread_mutex_destroy(&timers->lock);
  return failure;
}

bool sbx_timers_suspend(sbx_timers *timers, sbx_timer *timer, struct MHD_Connection *connection, double seconds) {
  pthread_mutex_lock(&timers->lock);
  bool open = !timers->closed;
  if (open) {
    *timer = (sbx_timer){ .connection = connection, .due = monotonic_now() + seconds, .next = timers->first };
    timers->first = timer;
    MHD_suspend_connection(connection);
    pthread_cond_signal(&timers->changed);
  }
  pthread_mutex_unlock(&timers->lock);
  return open;
}

bool sbx_timers_closed(sbx_timers *timers) {
  pthread_mutex_lock(&timers->lock);
  bool closed = timers->closed;
  pthread_mutex_unlock(&timers->lock);
  return closed;
}

void sbx_timers_close(sbx_timers *timers) {
  pthread_mutex_lock(&timers->lock);
  timers->closed = true;
  resume_due(timers, HUGE_VAL);
  pthread_cond_signal(&timers->changed);
  pthread_mutex_unlock(&timers->lock);
  pthread_join(timers->thread, NULL);
}

void sbx_timers_free(sbx_timers *timers) {
  pthread_cond_destroy(&timers->changed);
  pthread_mutex_destroy(&timers->lock);
}
