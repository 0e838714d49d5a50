/**
 * The graphs as TornadoVM task graphs: every graph is one task graph, all graphs of a program are in one execution plan,
 * weights, caches and intermediates stay on the device between them.
 *
 * <p>Kernels are Java methods that TornadoVM compiles, or tasks made from the OpenCL C sources of the {@code opencl}
 * backend; a switch chooses per kind of operation.
 */
@NullMarked
package dev.gyre.tornado;

import org.jspecify.annotations.NullMarked;
