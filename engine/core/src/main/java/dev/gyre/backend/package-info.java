/**
 * What a device must offer to run graphs. A backend knows no model; whoever records graphs knows no device.
 *
 * <p>Backends are found through {@link java.util.ServiceLoader}. A device and everything made from it is used by one
 * thread at a time; the façade above is what many threads share.
 */
@NullMarked
package dev.gyre.backend;

import org.jspecify.annotations.NullMarked;
