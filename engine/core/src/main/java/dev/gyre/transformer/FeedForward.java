package dev.gyre.transformer;

import dev.gyre.graph.Activation;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Value;
import org.jspecify.annotations.Nullable;

/**
 * The position-wise network: {@code down(activation(up(x)))}, or gated {@code down(activation(gate(x)) ⊙ up(x))}.
 */
public record FeedForward(Projection up, @Nullable Projection gate, Projection down, Activation activation) {

    Value record(GraphBuilder graph, Tensor x) {
        Value inner;
        if (gate == null) {
            inner = graph.activate(graph.linear(x, up.weight(), up.bias()), activation);
        } else {
            Value gated = graph.linear(x, gate.weight(), gate.bias());
            inner = graph.gate(gated, graph.linear(x, up.weight(), up.bias()), activation);
        }
        return graph.linear(inner, down.weight(), down.bias());
    }
}
