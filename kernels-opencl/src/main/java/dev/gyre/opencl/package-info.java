/**
 * Graphs on OpenCL 1.2 devices: hand-written kernels in a variant per kind of device, through JOCL. Arguments are set
 * once when a program is compiled; a run is one small transfer and a row of launches on one in-order queue.
 */
@NullMarked
package dev.gyre.opencl;

import org.jspecify.annotations.NullMarked;
