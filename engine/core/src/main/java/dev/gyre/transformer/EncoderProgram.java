package dev.gyre.transformer;

import dev.gyre.graph.ElementType;
import dev.gyre.graph.Fusion;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An encoder-only model as one graph {@code encode}: packed tokens in, encoder rows out, and what the model's
 * {@link Head} makes of them.
 */
public final class EncoderProgram {

    private final Symbol tokens;
    private final Symbol sequences;
    private final Symbol keys;
    private final Input tokenIds;
    private final Input positions;
    private final @Nullable Input types;
    private final Input offsets;
    private final @Nullable Input firstRows;
    private final Value encoded;
    private final @Nullable Value pooled;
    private final @Nullable Value scores;
    private final List<Value> maps;
    private final Program recorded;
    private final Program program;

    private EncoderProgram(Transformer model, int maxTokens, int maxSequences, AttentionMaps wanted) {
        Stack encoder = Objects.requireNonNull(model.encoder(), "an encoder-only model has an encoder");
        Head head = model.head();
        tokens = new Symbol("TOKENS", maxTokens);
        sequences = new Symbol("SEQUENCES", maxSequences);
        keys = new Symbol("KEYS", Math.min(model.maxSource(), maxTokens));
        tokenIds = ints("source_tokens", tokens);
        positions = ints("source_positions", tokens);
        types = encoder.embedding().types() == null ? null : ints("source_types", tokens);
        offsets = ints("source_offsets", new Size.Plus(sequences, 1));

        GraphBuilder graph = new GraphBuilder("encode");
        StackRecorder recorder = new StackRecorder(graph, positions, keys);
        encoded = graph.output(recorder.encoder(
                encoder, tokenIds, types, new Keys.Packed(offsets, false), wanted == AttentionMaps.ALL));
        maps = List.copyOf(recorder.selfMaps());

        boolean perSequence = head != null && !(head.perToken() && head.pooler() == null);
        firstRows = perSequence ? ints("first_rows", sequences) : null;
        Value first = firstRows == null ? null : graph.gather(encoded, firstRows);
        if (head != null && head.pooler() != null) {
            first = graph.activate(
                    graph.linear(
                            Objects.requireNonNull(first),
                            head.pooler().weight(),
                            head.pooler().bias()),
                    head.activation());
            pooled = graph.output(first);
        } else {
            pooled = null;
        }
        if (head != null && head.classifier() != null) {
            Value rows = head.perToken() ? encoded : Objects.requireNonNull(first);
            scores = graph.output(graph.linear(
                    rows, head.classifier().weight(), head.classifier().bias()));
        } else {
            scores = null;
        }
        recorded = new Program(model.family(), List.of(graph.build()));
        program = new Program(
                model.family(), recorded.graphs().stream().map(Fusion::apply).toList());
    }

    /**
     * Records and fuses the graph of a model.
     *
     * @param maxTokens tokens that one run takes
     * @param maxSequences sequences that one run takes
     */
    public static EncoderProgram of(Transformer model, int maxTokens, int maxSequences, AttentionMaps maps) {
        return new EncoderProgram(model, maxTokens, maxSequences, maps);
    }

    /** What a device compiles. */
    public Program program() {
        return program;
    }

    /** The same graph before fusion, for people and for tests. */
    public Program recorded() {
        return recorded;
    }

    public Graph encode() {
        return program.graph("encode");
    }

    /** Token ids, positions from 0 in every sequence, and offsets; there is no destination. */
    public Input tokenIds() {
        return tokenIds;
    }

    public Input positions() {
        return positions;
    }

    /** Token types, where the model has them. */
    public @Nullable Input types() {
        return types;
    }

    public Input offsets() {
        return offsets;
    }

    /** The first row of every sequence, where the head asks for it. */
    public @Nullable Input firstRows() {
        return firstRows;
    }

    /** {@code [TOKENS, d_model]}. */
    public Value encoded() {
        return encoded;
    }

    /** {@code [SEQUENCES, d]}, where the head pools. */
    public @Nullable Value pooled() {
        return pooled;
    }

    /** {@code [SEQUENCES, labels]} or {@code [TOKENS, labels]}, where the head classifies. */
    public @Nullable Value scores() {
        return scores;
    }

    /** {@code [TOKENS, heads, KEYS]} per layer, with {@link AttentionMaps#ALL}. */
    public List<Value> maps() {
        return maps;
    }

    public Symbol tokens() {
        return tokens;
    }

    public Symbol sequences() {
        return sequences;
    }

    /** The width of attention maps. */
    public Symbol keys() {
        return keys;
    }

    private static Input ints(String name, Size size) {
        return new Input(name, ElementType.INT32, Shape.of(size));
    }
}
