// How every kernel finds its arrays. Included first.
//
// Arguments are set once, when a program is compiled; what changes from run to run lies in the run block, the first
// argument of every kernel:
//
//   run:  | lengths of the sizes | places of the inputs | input 0 | input 1 | ...      (int32; float inputs as bits)
//
// An array is a buffer and a place in it, counted in elements. A place below zero means: the place is run[~place],
// since inputs are packed anew for every run.

#define SIZE(name) const int name##_at
#define LENGTH(name) run[name##_at]

#define IN(type, name) __global const type* name##_buffer, const int name##_at
#define OUT(type, name) __global type* name##_buffer, const int name##_at
#define PLACE(at) ((size_t) ((at) < 0 ? run[~(at)] : (at)))
#define ARRAY(name) (name##_buffer + PLACE(name##_at))
