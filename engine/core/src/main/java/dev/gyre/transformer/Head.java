package dev.gyre.transformer;

import dev.gyre.graph.Activation;
import org.jspecify.annotations.Nullable;

/**
 * What stands on an encoder-only model.
 *
 * @param pooler {@code activation(pooler(row))} of the first row of every sequence, where the model has one
 * @param activation of the pooler: tanh in most models
 * @param classifier rows → scores of the labels: of the pooled (or first) row of every sequence, or of every row
 * @param perToken the classifier scores every row, not one row per sequence
 */
public record Head(
        @Nullable Projection pooler,
        Activation activation,
        @Nullable Projection classifier,
        boolean perToken) {}
