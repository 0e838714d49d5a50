/**
 * Keeps a device busy: groups sources for the encoder, holds running sentences in slots, refills a slot as soon as it is
 * free, and builds each decoder run from whatever is running.
 */
@NullMarked
package dev.gyre.scheduler;

import org.jspecify.annotations.NullMarked;
