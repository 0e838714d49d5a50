/** Runs models on cases with known results: whether a device, a driver or a build computes right. */
@NullMarked
package dev.gyre.check;

import org.jspecify.annotations.NullMarked;
