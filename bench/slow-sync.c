/* Preloaded into a program, it makes each sync to the disk take longer: sleeps first, then syncs as before.
   How long is told while the program runs, in the file that SLOW_SYNC_FILE names: 32 bits, microseconds.
   The one thing to know: the bench compiles it (bench/slow-sync.ts); nothing of Signalbox knows of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile uint32_t *told;

__attribute__((constructor)) static void look(void) {
  const char *path = getenv("SLOW_SYNC_FILE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *page = mmap(0, sizeof(uint32_t), PROT_READ, MAP_SHARED, file, 0);
  if (page != MAP_FAILED) told = page;
  close(file);
}

static void wait_first(void) {
  uint32_t us = told ? *told : 0;
  struct timespec left = {us / 1000000, (long)(us % 1000000) * 1000};
  while (us && nanosleep(&left, &left) != 0) continue;
}

int fsync(int file) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_first();
  return next(file);
}

int fdatasync(int file) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_first();
  return next(file);
}
