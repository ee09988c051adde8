// A library to preload: the wall clock of a program is as many seconds off as the file SHIFTED_CLOCK
// says at that moment, a 64-bit number; the monotonic clocks are true, as on any machine. It calls
// the kernel alone, so that a sanitizer may ask for the time before the program has begun.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t shift(void) {
  static const volatile int64_t* mapped;
  const char* const path = mapped == NULL ? getenv("SHIFTED_CLOCK") : NULL;
  if (path != NULL) {
    const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    const long at = syscall(SYS_mmap, 0, sizeof *mapped, PROT_READ, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    mapped = at < 0 ? NULL : (const volatile int64_t*)at;
  }
  return mapped == NULL ? 0 : *mapped;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += shift();
  }
  return result;
}

time_t time(time_t* out) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) {
    *out = now.tv_sec;
  }
  return now.tv_sec;
}

int gettimeofday(struct timeval* out, void* zone) {
  (void)zone;
  struct timespec now = {0, 0};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return result;
}
