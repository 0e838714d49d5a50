// How every kernel finds its arrays. Included first.
//
// Arguments are set once, when a program is compiled; what changes from run to run lies in the run block, the first
// argument of every kernel:
//
//   run:  | lengths of the sizes | places of the inputs | input 0 | input 1 | ...      (int32; float inputs as bits)
//
// An array is a buffer and a place in it, counted in elements. A place below zero means: the place is run[~place],
// since inputs are packed anew for every run.

// Under TornadoVM the same kernels are prebuilt tasks: four parameters of its own come first, and every array, the run
// block too, begins with TORNADO_HEADER bytes that are not data.

// Fused, kernels are functions of one kernel, which tells them the work-item that they are: see steps.cl.

#ifdef FUSED
#define KERNEL_OF(lanes) void
#define ITEM(d) item_##d
#else
#define KERNEL_OF(lanes) __kernel __attribute__((reqd_work_group_size(lanes, 1, 1))) void
#define ITEM(d) ((int) get_global_id(d))
#endif
#define SINGLE KERNEL_OF(1)

#ifdef TORNADO_HEADER
#define RUN \
    __global long* tornado_context, __constant uchar* tornado_constants, __local uchar* tornado_local, \
    __global int* tornado_atomics, __global const int* run_array
#define RUN_BLOCK (run_array + TORNADO_HEADER / sizeof(int))
// A launch there has at least one group, also for no rows.
#define ONLY_ROWS(r) if ((r) >= LENGTH(rows)) return
#else
#define TORNADO_HEADER 0
#ifdef FUSED
#define RUN const int item_0, const int item_1, __global const int* run
#else
#define RUN __global const int* run
#endif
#define RUN_BLOCK run
// A launch covers the rows exactly, and a return before a barrier makes PoCL 3.1 compile wrong code.
#define ONLY_ROWS(r)
#endif

#define SIZE(name) const int name##_at
#define LENGTH(name) RUN_BLOCK[name##_at]

#define IN(type, name) __global const type* name##_buffer, const int name##_at
#define OUT(type, name) __global type* name##_buffer, const int name##_at
#define PLACE(at) ((size_t) ((at) < 0 ? RUN_BLOCK[~(at)] : (at)))
#define ARRAY(name) (name##_buffer + TORNADO_HEADER / sizeof(*name##_buffer) + PLACE(name##_at))
