package dev.gyre.transformer;

import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Records the layers of one stack into a graph, in the order of the paper's figure 1. */
final class StackRecorder {

    private final GraphBuilder graph;
    private final Input positions;
    private final Size keysWritten;
    private final List<Value> selfMaps = new ArrayList<>();
    private final List<Value> crossMaps = new ArrayList<>();

    /** @param keysWritten the width of attention weights, where they are written */
    StackRecorder(GraphBuilder graph, Input positions, Size keysWritten) {
        this.graph = graph;
        this.positions = positions;
        this.keysWritten = keysWritten;
    }

    /** Attention weights of the layers that wrote them. */
    List<Value> selfMaps() {
        return selfMaps;
    }

    List<Value> crossMaps() {
        return crossMaps;
    }

    /** A whole encoder: embedding, layers, and the final norm where there is one. */
    Value encoder(Stack stack, Input tokens, @Nullable Input types, Keys.Packed keys, boolean maps) {
        Value x = stack.embedding().record(graph, tokens, positions, types);
        for (Layer layer : stack.layers()) {
            x = encoderLayer(layer, x, keys, maps);
        }
        return stack.finalNorm() == null ? x : stack.finalNorm().record(graph, x);
    }

    /** An encoder layer: every token sees its own sequence. */
    private Value encoderLayer(Layer layer, Value x, Keys.Packed keys, boolean maps) {
        Value attended = sublayer(layer.placement(), layer.selfNorm(), x, h -> {
            AttentionBlock a = layer.self();
            Value query = query(a, h);
            Value key = rotated(a, graph.linear(h, a.key().weight(), a.key().bias()), a.keyHeads());
            Value value = graph.linear(h, a.value().weight(), a.value().bias());
            return attend(a, query, Columns.all(key), Columns.all(value), keys, maps ? selfMaps : null);
        });
        return feedForward(layer, attended);
    }

    /** A decoder layer over its slot cache and, where there is an encoder, over the memory. */
    Value decoderLayer(
            Layer layer,
            Value x,
            Cache cache,
            Input destination,
            Keys.Ancestry past,
            @Nullable Cache memory,
            Keys.@Nullable Range source,
            boolean selfMap,
            boolean crossMap) {
        Value attended = sublayer(layer.placement(), layer.selfNorm(), x, h -> {
            AttentionBlock a = layer.self();
            Value query = query(a, h);
            append(a, h, cache, destination);
            return attend(a, query, cache.key(), cache.value(), past, selfMap ? selfMaps : null);
        });
        AttentionBlock cross = layer.cross();
        if (cross != null) {
            Cache read = Objects.requireNonNull(memory);
            attended = sublayer(
                    layer.placement(),
                    Objects.requireNonNull(layer.crossNorm()),
                    attended,
                    h -> attend(
                            cross,
                            query(cross, h),
                            read.key(),
                            read.value(),
                            Objects.requireNonNull(source),
                            crossMap ? crossMaps : null));
        }
        return feedForward(layer, attended);
    }

    /** Writes the keys and values of rows into a cache. */
    void append(AttentionBlock a, Value x, Cache cache, Input destination) {
        if (cache.joint()) {
            Projection both = Projection.stack(a.key(), a.value());
            graph.appendCache(cache.keys(), graph.linear(x, both.weight(), both.bias()), destination);
        } else {
            Value key = rotated(a, graph.linear(x, a.key().weight(), a.key().bias()), a.keyHeads());
            graph.appendCache(cache.keys(), key, destination);
            graph.appendCache(
                    cache.values(),
                    graph.linear(x, a.value().weight(), a.value().bias()),
                    destination);
        }
    }

    private Value feedForward(Layer layer, Value x) {
        return sublayer(
                layer.placement(),
                layer.feedForwardNorm(),
                x,
                h -> layer.feedForward().record(graph, h));
    }

    private Value sublayer(NormPlacement placement, Normalization norm, Value x, UnaryOperator<Value> body) {
        return switch (placement) {
            case POST -> norm.record(graph, graph.add(body.apply(x), x));
            case PRE -> graph.add(body.apply(norm.record(graph, x)), x);
        };
    }

    private Value query(AttentionBlock a, Value x) {
        return rotated(a, graph.linear(x, a.query().weight(), a.query().bias()), a.heads());
    }

    private Value rotated(AttentionBlock a, Value x, int heads) {
        return a.rope() == null ? x : graph.rope(x, heads, a.headSize(), a.rope(), positions);
    }

    private Value attend(
            AttentionBlock a, Tensor query, Columns key, Columns value, Keys keys, @Nullable List<Value> maps) {
        Value mixed;
        if (maps == null) {
            mixed = graph.attention(
                    query, key, value, a.heads(), a.keyHeads(), a.headSize(), a.scale(), keys, a.bias());
        } else {
            GraphBuilder.Attended attended = graph.attentionWithWeights(
                    query, key, value, a.heads(), a.keyHeads(), a.headSize(), a.scale(), keys, a.bias(), keysWritten);
            maps.add(attended.weights());
            mixed = attended.out();
        }
        return graph.linear(mixed, a.output().weight(), a.output().bias());
    }

    /**
     * Keys and values of one layer, in one state side by side, or in two where keys are rotated on their way.
     *
     * @param keys {@code [rows, keys + values]} if joint, else {@code [rows, keys]}
     * @param values the same state if joint
     */
    record Cache(State keys, State values, int columns) {

        static Cache of(String name, int rows, AttentionBlock a) {
            int columns = a.keyColumns();
            if (a.rope() == null) {
                State both = new State(name, ElementType.FLOAT32, Shape.of(rows, 2 * columns));
                return new Cache(both, both, columns);
            }
            return new Cache(
                    new State(name + ".keys", ElementType.FLOAT32, Shape.of(rows, columns)),
                    new State(name + ".values", ElementType.FLOAT32, Shape.of(rows, columns)),
                    columns);
        }

        boolean joint() {
            return keys.equals(values);
        }

        Columns key() {
            return new Columns(keys, 0, columns);
        }

        Columns value() {
            return new Columns(values, joint() ? columns : 0, columns);
        }
    }
}
