// Many launches as one, for CPU devices. Between two launches a driver lets its threads sleep and wakes them again, which
// can take longer than the work of a small launch. Here every launch of before is a step of one kernel: its work-items
// are handed out by a counter, and a step begins when all items of the one before are done.
//
//   schedule, in the run block:  | steps | entry, items 0, items 1 | entry, items 0, items 1 | ...
//   entries:   | kernel | arguments: a number, a float as bits, or which of the bases | ...
//   progress:  | taken, done, ... | taken, done, ... | ...;  at STEPS: | groups that are through |
//
// A group waits only for items that others have begun, never for a group that has not: a device that runs its groups one
// after the other gets through as well, and so do two programs that share its threads. The last group to leave clears
// the counters for the next run.
//
// Before this file come the kernels, as functions.
//
// CASES: by the number of a kernel, how it is called with the arguments of an entry
// BASES: pointers that a launch takes, 1 to 120
// BASE_PARAMETERS, BASE_LIST: the parameters and their names
// STEPS: the most steps of a launch
// STRIDE: numbers from the counters of a step to those of the next, 16 for them never to share a line of the cache

// OpenCL 1.2 has no fence between groups; processors and their compilers have.
#if defined(__x86_64__) || defined(__aarch64__)
#define FENCE() __sync_synchronize()
#else
#define FENCE() mem_fence(CLK_GLOBAL_MEM_FENCE)
#endif
#ifdef __x86_64__
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE()
#endif

// Where other programs want the cores too, a thread may be taken off its core in the middle of an item. Who waits for it
// then has to leave its own core, for the thread to be put there: Linux moves threads to cores that are idle.
#if defined(__linux__) && defined(__x86_64__)
#define PATIENCE 2000
void nap() {
    const long time[2] = {0, 20000};   // 20 microseconds, and what Linux adds
    long answer;
    __asm__ volatile("syscall" : "=a"(answer) : "0"(35L), "D"(time), "S"(0L) : "rcx", "r11", "memory");
}
#else
#define PATIENCE INT_MAX
#define nap()
#endif

#define EACH_ITEM(one) \
    for (int i = from; i < end; i++) { \
        one; \
        if (++item_0 == items_0) { \
            item_0 = 0; \
            item_1++; \
        } \
    }

// Some items of a step.
void call(
    const int from, const int end, const int items_0, __global const int* run, __global const int* entry,
    __global void** bases) {
    int item_0 = from % items_0;
    int item_1 = from / items_0;
    switch (entry[0]) { CASES }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void steps(
    __global const int* run, const int schedule_at, __global const int* entries, __global volatile int* progress,
    BASE_PARAMETERS) {
    __global void* bases[BASES] = {BASE_LIST};
    const int groups = (int) get_num_groups(0);
    const int count = run[schedule_at];
    __global const int* schedule = run + schedule_at + 1;
    for (int s = 0; s < count; s++, schedule += 3) {
        const int items_0 = schedule[1];
        const int items = items_0 * schedule[2];
        __global volatile int* taken = progress + s * STRIDE;
        __global volatile int* done = taken + 1;
        for (int left = items - *taken; left > 0; left = items - *taken) {
            // Large ranges first, so that neighbours stay together, and small ones at the end, for all to end at once.
            const int want = max(1, left / (4 * groups));
            const int from = atomic_add(taken, want);
            if (from >= items) break;
            const int end = min(items, from + want);
            call(from, end, items_0, run, entries + schedule[0], bases);
            FENCE();
            atomic_add(done, end - from);
        }
        for (int waited = 0; *done < items; waited++) {
            PAUSE();
            if (waited >= PATIENCE) nap();
        }
        FENCE();
    }
    if (atomic_add(progress + STEPS * STRIDE, 1) == groups - 1) {
        for (int s = 0; s < count; s++) {
            progress[s * STRIDE] = 0;
            progress[s * STRIDE + 1] = 0;
        }
        progress[STEPS * STRIDE] = 0;
    }
}
