/**
 * Does every backend compute what {@code reference} computes? A {@link dev.gyre.conformance.Case} is a program, its
 * numbers and some runs; it knows no backend. A {@link dev.gyre.conformance.Target} is an open-able device with its
 * options; it knows no case. A backend joins by being on the class path.
 *
 * <p>{@code -Dgyre.conformance.devices=opencl:0,cpu:0} restricts the suite to some devices.
 */
@NullMarked
package dev.gyre.conformance;

import org.jspecify.annotations.NullMarked;
