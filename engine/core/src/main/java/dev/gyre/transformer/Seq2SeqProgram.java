package dev.gyre.transformer;

import dev.gyre.graph.ElementType;
import dev.gyre.graph.Fusion;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation.SelectTop;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.transformer.StackRecorder.Cache;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model that generates, as graphs, with the names of everything that the scheduler binds and reads: {@code encode}
 * and {@code decode} of an encoder-decoder, {@code decode} alone of a decoder-only model.
 *
 * <p>{@code encode} takes packed source tokens and leaves the keys and values of every decoder layer in the memory
 * states, at the rows that {@code destination} names. {@code decode} takes one row per new target token: it appends to
 * the slot caches, looks at the past through ancestry and at the memory through row ranges, and selects the best next
 * tokens of the rows that {@code picks} names.
 */
public final class Seq2SeqProgram {

    /** Inputs of the graph {@code encode}, all int32. */
    public record EncodeInputs(Input tokens, Input positions, Input offsets, Input destination) {}

    /**
     * Inputs of the graph {@code decode}. Per row: token, its position, the cache row it is written to
     * ({@code slot·positions + position}), the line of ancestry and the length to look at, the memory rows of its
     * source (absent in a decoder-only model). Per hypothesis: see {@link dev.gyre.graph.Operation.AdvanceAncestry}. Per pick: the row, and see
     * {@link SelectTop}.
     */
    public record DecodeInputs(
            Input tokens,
            Input positions,
            Input destination,
            Input line,
            Input length,
            @Nullable Input memoryFirst,
            @Nullable Input memoryEnd,
            Input from,
            Input to,
            Input inherited,
            Input hypothesisLength,
            Input slot,
            Input picks,
            Input normalise,
            Input editOffsets,
            Input editTokens,
            Input editKinds,
            Input editAmounts) {}

    private final Capacity capacity;
    private final Symbol tokens;
    private final Symbol sequences;
    private final Symbol rows;
    private final Symbol hypotheses;
    private final Symbol picks;
    private final Symbol scored;
    private final Symbol edits;
    private final Symbol top;
    private final Symbol keys;
    private final @Nullable EncodeInputs encodeInputs;
    private final DecodeInputs decodeInputs;
    private final @Nullable Value encoded;
    private final SelectTop selection;
    private final List<Value> encoderMaps;
    private final List<Value> selfMaps;
    private final List<Value> crossMaps;
    private final Program recorded;
    private final Program program;

    private Seq2SeqProgram(Transformer model, Capacity capacity, AttentionMaps maps) {
        this.capacity = capacity;
        Stack encoder = model.encoder();
        Stack decoder = Objects.requireNonNull(model.decoder(), "a model that generates has a decoder");
        Projection output = Objects.requireNonNull(model.output(), "a model that generates has an output layer");

        tokens = new Symbol("TOKENS", capacity.tokens());
        sequences = new Symbol("SEQUENCES", capacity.sequences());
        rows = new Symbol("ROWS", capacity.rows());
        hypotheses = new Symbol("HYPOTHESES", capacity.slots());
        picks = new Symbol("PICKS", capacity.picks());
        scored = new Symbol("SCORED", capacity.picks());
        edits = new Symbol("EDITS", capacity.edits());
        top = new Symbol("TOP", capacity.top());
        keys = new Symbol("KEYS", Math.max(Math.min(model.maxSource(), capacity.tokens()), capacity.positions()));

        List<Cache> memories = new ArrayList<>();
        List<Cache> caches = new ArrayList<>();
        for (int i = 0; i < decoder.layers().size(); i++) {
            Layer layer = decoder.layers().get(i);
            if (layer.cross() != null) {
                memories.add(Cache.of("memory." + i, capacity.memoryRows(), layer.cross()));
            }
            caches.add(
                    Cache.of("cache." + i, Math.multiplyExact(capacity.slots(), capacity.positions()), layer.self()));
        }

        decodeInputs = new DecodeInputs(
                ints("tokens", rows),
                ints("positions", rows),
                ints("destination", rows),
                ints("line", rows),
                ints("length", rows),
                encoder == null ? null : ints("memory_first", rows),
                encoder == null ? null : ints("memory_end", rows),
                ints("from_line", hypotheses),
                ints("to_line", hypotheses),
                ints("inherited", hypotheses),
                ints("hypothesis_length", hypotheses),
                ints("slot", hypotheses),
                ints("picks", picks),
                ints("normalise", picks),
                ints("edit_offsets", new Size.Plus(picks, 1)),
                ints("edit_tokens", edits),
                ints("edit_kinds", edits),
                new Input("edit_amounts", ElementType.FLOAT32, Shape.of(edits)));

        List<Graph> graphs = new ArrayList<>();
        if (encoder == null) {
            encodeInputs = null;
            encoded = null;
            encoderMaps = List.of();
        } else {
            encodeInputs = new EncodeInputs(
                    ints("source_tokens", tokens),
                    ints("source_positions", tokens),
                    ints("source_offsets", new Size.Plus(sequences, 1)),
                    ints("memory_rows", tokens));
            GraphBuilder encode = new GraphBuilder("encode");
            StackRecorder encoding = new StackRecorder(encode, encodeInputs.positions(), keys);
            Keys.Packed own = new Keys.Packed(encodeInputs.offsets(), false);
            encoded = encode.output(
                    encoding.encoder(encoder, encodeInputs.tokens(), null, own, maps == AttentionMaps.ALL));
            for (int i = 0; i < memories.size(); i++) {
                AttentionBlock cross =
                        Objects.requireNonNull(decoder.layers().get(i).cross());
                encoding.append(cross, encoded, memories.get(i), encodeInputs.destination());
            }
            encoderMaps = List.copyOf(encoding.selfMaps());
            graphs.add(encode.build());
        }

        GraphBuilder decode = new GraphBuilder("decode");
        DecodeInputs in = decodeInputs;
        State ancestry = new State("ancestry", ElementType.INT32, Shape.of(capacity.lines(), capacity.positions()));
        decode.advanceAncestry(ancestry, in.from(), in.to(), in.inherited(), in.hypothesisLength(), in.slot());
        StackRecorder decoding = new StackRecorder(decode, in.positions(), keys);
        Keys.Range source = in.memoryFirst() == null || in.memoryEnd() == null
                ? null
                : new Keys.Range(in.memoryFirst(), in.memoryEnd());
        Value y = decoder.embedding().record(decode, in.tokens(), in.positions(), null);
        for (int i = 0; i < decoder.layers().size(); i++) {
            boolean last = i == decoder.layers().size() - 1;
            y = decoding.decoderLayer(
                    decoder.layers().get(i),
                    y,
                    caches.get(i),
                    in.destination(),
                    new Keys.Ancestry(ancestry, in.line(), in.length()),
                    source == null ? null : memories.get(i),
                    source,
                    maps == AttentionMaps.ALL,
                    maps == AttentionMaps.ALL || maps == AttentionMaps.LAST_CROSS && last);
        }
        Value picked = decode.gather(y, in.picks());
        if (decoder.finalNorm() != null) {
            picked = decoder.finalNorm().record(decode, picked);
        }
        Value logits = decode.linear(picked, output.weight(), output.bias());
        selection = decode.selectTop(
                logits,
                top,
                scored,
                in.normalise(),
                in.editOffsets(),
                in.editTokens(),
                in.editKinds(),
                in.editAmounts());
        selfMaps = List.copyOf(decoding.selfMaps());
        crossMaps = List.copyOf(decoding.crossMaps());

        graphs.add(decode.build());
        recorded = new Program(model.family(), graphs);
        program = new Program(
                model.family(), recorded.graphs().stream().map(Fusion::apply).toList());
    }

    /** Records and fuses the graphs of a model. */
    public static Seq2SeqProgram of(Transformer model, Capacity capacity, AttentionMaps maps) {
        return new Seq2SeqProgram(model, capacity, maps);
    }

    /** What a device compiles. */
    public Program program() {
        return program;
    }

    /** The same graphs before fusion, for people and for tests. */
    public Program recorded() {
        return recorded;
    }

    /** Whether there is an encoder; without one, {@code encode}, its inputs and its values are absent. */
    public boolean hasEncoder() {
        return encodeInputs != null;
    }

    /** @throws IllegalArgumentException in a decoder-only model */
    public Graph encode() {
        return program.graph("encode");
    }

    public Graph decode() {
        return program.graph("decode");
    }

    public Capacity capacity() {
        return capacity;
    }

    /** @throws NullPointerException in a decoder-only model */
    public EncodeInputs encodeInputs() {
        return Objects.requireNonNull(encodeInputs, "a decoder-only model has no encoder inputs");
    }

    public DecodeInputs decodeInputs() {
        return decodeInputs;
    }

    /** Packed encoder rows, {@code [TOKENS, d_model]}. */
    public Value encoded() {
        return Objects.requireNonNull(encoded, "a decoder-only model has no encoder rows");
    }

    /** Logits and the selection from them, {@code [PICKS, ...]}. */
    public SelectTop selection() {
        return selection;
    }

    /** {@code [TOKENS, heads, KEYS]} per encoder layer, with {@link AttentionMaps#ALL}. */
    public List<Value> encoderMaps() {
        return encoderMaps;
    }

    /** {@code [ROWS, heads, KEYS]} per decoder layer over its own past, with {@link AttentionMaps#ALL}. */
    public List<Value> selfMaps() {
        return selfMaps;
    }

    /** {@code [ROWS, heads, KEYS]} per decoder layer over the memory; only the last with LAST_CROSS. */
    public List<Value> crossMaps() {
        return crossMaps;
    }

    public Symbol tokens() {
        return tokens;
    }

    public Symbol sequences() {
        return sequences;
    }

    public Symbol rows() {
        return rows;
    }

    public Symbol hypotheses() {
        return hypotheses;
    }

    public Symbol picks() {
        return picks;
    }

    /** As many as {@link #picks}, or 0 where only the best token of each row is wanted: see {@link SelectTop}. */
    public Symbol scored() {
        return scored;
    }

    public Symbol edits() {
        return edits;
    }

    public Symbol top() {
        return top;
    }

    /** The width of attention maps. */
    public Symbol keys() {
        return keys;
    }

    private static Input ints(String name, Size size) {
        return new Input(name, ElementType.INT32, Shape.of(size));
    }
}
