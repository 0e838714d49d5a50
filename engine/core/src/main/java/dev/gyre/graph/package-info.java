/**
 * A Transformer recorded once: operations over tensors with symbolic sizes, the fusions that join what belongs
 * together, and the plan that gives every intermediate its place in one arena.
 *
 * <p>The graph is data. It knows no device and no model; builders in {@code dev.gyre.transformer} record it, backends
 * compile it.
 */
@NullMarked
package dev.gyre.graph;

import org.jspecify.annotations.NullMarked;
