package dev.gyre.scheduler;

import dev.gyre.backend.Bindings;
import dev.gyre.graph.Tensor.Input;
import org.jspecify.annotations.Nullable;

/** Binds inputs that a graph may not have: a decoder without position table takes no positions. */
public final class Bind {

    private Bind() {}

    public static void input(Bindings bindings, @Nullable Input input, int[] values) {
        if (input != null && bindings.inputs().contains(input)) {
            bindings.input(input, values);
        }
    }

    public static void input(Bindings bindings, @Nullable Input input, float[] values) {
        if (input != null && bindings.inputs().contains(input)) {
            bindings.input(input, values);
        }
    }
}
