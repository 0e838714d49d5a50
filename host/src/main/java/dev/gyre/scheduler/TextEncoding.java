package dev.gyre.scheduler;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.EncoderProgram;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An encoder-only model on a device: token ids in, rows, pooled rows and scores out. Sequences are sorted by length and
 * run in packed groups under a budget of tokens; results come in the order of the input. Safe for many threads, of which
 * one at a time runs.
 */
public final class TextEncoding implements AutoCloseable {

    /** What is brought back from the device. */
    public enum Wanted {
        ROWS,
        POOLED,
        SCORES
    }

    /**
     * One sequence.
     *
     * @param tokens ids, special ones included
     * @param types token types, one each; null for zeros
     */
    public record Sequence(int[] tokens, int @Nullable [] types) {

        public static Sequence of(int... tokens) {
            return new Sequence(tokens, null);
        }
    }

    private static final int USUAL_TOKENS = 2048;

    private final Device device;
    private final EncoderProgram program;
    private final Executable executable;
    private final Bindings bindings;
    private final int vocabulary;
    private final int typeRows;
    private final int maxLength;
    private final int[] ids;
    private final int[] positions;
    private final int[] types;
    private final int[] offsets;
    private final int[] firstRows;
    private boolean closed;

    /**
     * Puts a model on a device. The device belongs to this object from here on, and is closed with it, also if this
     * fails.
     *
     * @param batchTokens tokens of one run, and so the most of one sequence; 0 for the usual 2048
     * @throws dev.gyre.backend.OutOfMemoryException if it does not fit, before anything is uploaded
     */
    public TextEncoding(Device device, Transformer model, WeightSource weights, int batchTokens) {
        this.device = device;
        try {
            int budget = batchTokens > 0 ? batchTokens : USUAL_TOKENS;
            Stack encoder = Objects.requireNonNull(model.encoder(), "an encoder-only model has an encoder");
            Weight typeTable = encoder.embedding().types();
            maxLength = Math.min(model.maxSource(), budget);
            vocabulary = encoder.vocabulary();
            typeRows = typeTable == null ? 1 : typeTable.shape().rows().limit();
            program = EncoderProgram.of(model, budget, budget, AttentionMaps.NONE);
            executable = device.compile(program.program(), weights);
            ids = new int[budget];
            positions = new int[budget];
            types = new int[budget];
            firstRows = new int[budget];
            offsets = new int[budget + 1];
            bindings = new Bindings(program.encode());
            Bind.input(bindings, program.tokenIds(), ids);
            Bind.input(bindings, program.positions(), positions);
            Bind.input(bindings, program.types(), types);
            Bind.input(bindings, program.offsets(), offsets);
            Bind.input(bindings, program.firstRows(), firstRows);
        } catch (RuntimeException | Error e) {
            device.close();
            throw e;
        }
    }

    /** Tokens that a sequence can have. */
    public int maxLength() {
        return maxLength;
    }

    /** Whether tokens of a second text can be told from those of the first. */
    public boolean hasTypes() {
        return typeRows > 1;
    }

    /** Columns of a row. */
    public int width() {
        return program.encoded().shape().columns();
    }

    /** Labels of the classifier; 0 without one. */
    public int labels() {
        return columns(program.scores());
    }

    /** Whether the scores are of every token. */
    public boolean perToken() {
        Value scores = program.scores();
        return scores != null && scores.shape().rows().equals(program.tokens());
    }

    /** Whether the model has a pooler of its own. */
    public boolean pools() {
        return program.pooled() != null;
    }

    public DeviceDescription device() {
        return device.description();
    }

    /**
     * Encodes sequences.
     *
     * @return one for each sequence, in their order. A sequence without tokens has no numbers
     * @throws SourceTooLongException if a sequence is longer than {@link #maxLength}
     * @throws IllegalArgumentException if a token or a type is not in the model
     * @throws dev.gyre.backend.DeviceException if the device fails
     * @throws IllegalStateException if this is closed
     */
    public synchronized List<EncodedText> encode(List<Sequence> sequences, Set<Wanted> wanted) {
        if (closed) {
            throw new IllegalStateException("this is closed");
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < sequences.size(); i++) {
            check(sequences.get(i));
            if (sequences.get(i).tokens().length > 0) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparingInt((Integer i) -> sequences.get(i).tokens().length)
                .reversed());
        EncodedText[] results = new EncodedText[sequences.size()];
        Arrays.fill(results, EncodedText.NOTHING);
        int next = 0;
        while (next < order.size()) {
            int rows = 0;
            int end = next;
            while (end < order.size() && rows + sequences.get(order.get(end)).tokens().length <= ids.length) {
                rows = add(sequences.get(order.get(end)), rows, end - next);
                end++;
            }
            executable.run(bindings.size(program.tokens(), rows).size(program.sequences(), end - next));
            read(order.subList(next, end), rows, wanted, results);
            next = end;
        }
        return List.of(results);
    }

    private void check(Sequence sequence) {
        int n = sequence.tokens().length;
        if (n > maxLength) {
            throw new SourceTooLongException(n, maxLength);
        }
        for (int t : sequence.tokens()) {
            if (t < 0 || t >= vocabulary) {
                throw new IllegalArgumentException(
                        "a sequence has token " + t + "; the vocabulary has " + vocabulary + " tokens");
            }
        }
        int[] given = sequence.types();
        if (given == null) {
            return;
        }
        if (given.length != n) {
            throw new IllegalArgumentException(
                    "a sequence has " + n + " tokens and " + given.length + " token types; it must have as many");
        }
        for (int t : given) {
            if (t < 0 || t >= typeRows) {
                throw new IllegalArgumentException(
                        "a sequence has token type " + t + "; this model takes 0 to " + (typeRows - 1));
            }
        }
    }

    private int add(Sequence sequence, int row, int index) {
        int n = sequence.tokens().length;
        System.arraycopy(sequence.tokens(), 0, ids, row, n);
        int[] given = sequence.types();
        for (int i = 0; i < n; i++) {
            positions[row + i] = i;
            types[row + i] = given == null ? 0 : given[i];
        }
        firstRows[index] = row;
        offsets[index + 1] = row + n;
        return row + n;
    }

    private void read(List<Integer> indices, int rows, Set<Wanted> wanted, EncodedText[] results) {
        int count = indices.size();
        boolean each = perToken();
        float[] encoded = wanted.contains(Wanted.ROWS) ? read(program.encoded(), rows) : null;
        float[] pooled = wanted.contains(Wanted.POOLED) ? read(program.pooled(), count) : null;
        float[] scores = wanted.contains(Wanted.SCORES) ? read(program.scores(), each ? rows : count) : null;
        for (int i = 0; i < count; i++) {
            results[indices.get(i)] = new EncodedText(
                    part(encoded, width(), offsets[i], offsets[i + 1]),
                    part(pooled, columns(program.pooled()), i, i + 1),
                    part(scores, labels(), each ? offsets[i] : i, each ? offsets[i + 1] : i + 1));
        }
    }

    private float @Nullable [] read(@Nullable Value value, int rows) {
        if (value == null) {
            return null;
        }
        float[] all = new float[Math.multiplyExact(rows, columns(value))];
        executable.read(value, all, all.length);
        return all;
    }

    private static int columns(@Nullable Value value) {
        return value == null ? 0 : value.shape().columns();
    }

    private static float @Nullable [] part(float @Nullable [] all, int columns, int from, int to) {
        return all == null ? null : Arrays.copyOfRange(all, from * columns, to * columns);
    }

    /** Frees the device. Closing twice is no error. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            try {
                executable.close();
            } finally {
                device.close();
            }
        }
    }
}
