package dev.gyre.scheduler;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.Seq2SeqProgram;
import dev.gyre.transformer.Transformer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * How probable given targets are: the decoder reads each whole, as in training, and the log-probability of every token
 * behind the first is taken. Pairs are sorted by length and run in packed groups; results come in the order of the input.
 * Safe for many threads, of which one at a time runs.
 */
public final class Scoring implements AutoCloseable {

    /**
     * A source and what is said to be its target.
     *
     * @param source nothing for a decoder-only model
     * @param target start token or prompt first; the probability of the first token is not asked for
     */
    public record Pair(int[] source, int[] target) {}

    private static final int USUAL_ROWS = 256;

    private final Device device;
    private final Seq2SeqProgram program;
    private final Executable executable;
    private final int vocabulary;
    private final int sourceVocabulary;
    private final boolean encodes;
    private final int maxSource;
    private final int maxTarget;
    private final Bindings bindings;
    private final Rows rows;
    private boolean closed;

    /** The arrays of a decoder run. */
    private record Rows(
            int[] tokens,
            int[] positions,
            int[] destination,
            int[] line,
            int[] length,
            int[] memoryFirst,
            int[] memoryEnd,
            int[] lines,
            int[] slots,
            int[] lengths,
            int[] picks) {

        static Rows of(int n) {
            return new Rows(
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n],
                    new int[n]);
        }
    }

    /**
     * Puts a model on a device. The device belongs to this object from here on, and is closed with it, also if this
     * fails.
     *
     * @param mostTokens tokens of a source and of a target at most; 0 for 256. Of more than 256 there is one pair in a run
     * @throws dev.gyre.backend.OutOfMemoryException if it does not fit, before anything is uploaded
     */
    public Scoring(Device device, Transformer model, WeightSource weights, int mostTokens) {
        this.device = device;
        try {
            if (mostTokens < 0 || mostTokens > CapacityPlan.MOST_TOKENS) {
                throw new IllegalArgumentException("tokens of a source and of a target are at most "
                        + CapacityPlan.MOST_TOKENS + ", and 0 is 256; not " + mostTokens);
            }
            int most = mostTokens > 0 ? mostTokens : USUAL_ROWS;
            encodes = model.encoder() != null;
            vocabulary = Objects.requireNonNull(model.output(), "a model that scores has an output layer")
                    .outputs();
            sourceVocabulary = encodes ? model.encoder().vocabulary() : vocabulary;
            maxSource = encodes ? Math.min(model.maxSource(), most) : 0;
            maxTarget = Math.min(model.maxTarget(), most);
            int n = Math.max(USUAL_ROWS, Math.max(maxSource, maxTarget));
            if (n > Integer.MAX_VALUE / vocabulary) {
                throw new IllegalArgumentException("the logits of " + n + " tokens, " + vocabulary
                        + " each, are too many: lower the most tokens of a text to " + Integer.MAX_VALUE / vocabulary);
            }
            Capacity capacity = new Capacity(n, n, n, USUAL_ROWS / 8, maxTarget, n, n, 1, 1);
            program = Seq2SeqProgram.of(model, capacity, AttentionMaps.NONE);
            executable = device.compile(program.program(), weights);
            rows = Rows.of(n);
            bindings = new Bindings(program.decode());
            bind(n);
        } catch (RuntimeException | Error e) {
            device.close();
            throw e;
        }
    }

    private void bind(int n) {
        Seq2SeqProgram.DecodeInputs in = program.decodeInputs();
        Bind.input(bindings, in.tokens(), rows.tokens);
        Bind.input(bindings, in.positions(), rows.positions);
        Bind.input(bindings, in.destination(), rows.destination);
        Bind.input(bindings, in.line(), rows.line);
        Bind.input(bindings, in.length(), rows.length);
        Bind.input(bindings, in.memoryFirst(), rows.memoryFirst);
        Bind.input(bindings, in.memoryEnd(), rows.memoryEnd);
        Bind.input(bindings, in.from(), rows.lines);
        Bind.input(bindings, in.to(), rows.lines);
        Bind.input(bindings, in.inherited(), new int[n]);
        Bind.input(bindings, in.hypothesisLength(), rows.lengths);
        Bind.input(bindings, in.slot(), rows.slots);
        Bind.input(bindings, in.picks(), rows.picks);
        for (Input zeros : List.of(in.normalise(), in.editOffsets(), in.editTokens(), in.editKinds())) {
            Bind.input(bindings, zeros, new int[n + 1]);
        }
        Bind.input(bindings, in.editAmounts(), new float[1]);
    }

    /** Tokens of a source at most. */
    public int maxSource() {
        return maxSource;
    }

    /** Tokens of a target at most; the last is not read, and does not count. */
    public int maxTarget() {
        return maxTarget;
    }

    public DeviceDescription device() {
        return device.description();
    }

    /**
     * Scores pairs.
     *
     * @return natural logarithms of the probabilities of every target's tokens behind its first
     * @throws SourceTooLongException if a source is too long
     * @throws IllegalArgumentException if a target is too long, or a token is not in the vocabulary
     * @throws dev.gyre.backend.DeviceException if the device fails
     * @throws IllegalStateException if this is closed
     */
    public synchronized List<float[]> score(List<Pair> pairs) {
        if (closed) {
            throw new IllegalStateException("this is closed");
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            check(pairs.get(i));
            if (pairs.get(i).target().length > 1) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparingInt((Integer i) -> pairs.get(i).target().length)
                .reversed());
        float[][] results = new float[pairs.size()][0];
        int next = 0;
        while (next < order.size()) {
            List<Integer> group = group(pairs, order, next);
            run(group.stream().map(pairs::get).toList(), group, results);
            next += group.size();
        }
        return List.of(results);
    }

    private void check(Pair pair) {
        int read = pair.target().length - 1;
        if (pair.source().length > maxSource) {
            throw new SourceTooLongException(pair.source().length, maxSource);
        }
        if (encodes && pair.source().length == 0) {
            throw new IllegalArgumentException("an empty source has no target");
        }
        if (read > maxTarget) {
            throw new IllegalArgumentException(
                    "a target has " + pair.target().length + " tokens; at most " + (maxTarget + 1) + " can be scored");
        }
        checkTokens(pair.source(), sourceVocabulary, "source");
        checkTokens(pair.target(), vocabulary, "target");
    }

    private static void checkTokens(int[] tokens, int vocabulary, String side) {
        for (int t : tokens) {
            if (t < 0 || t >= vocabulary) {
                throw new IllegalArgumentException(
                        "a " + side + " has token " + t + "; its vocabulary has " + vocabulary + " tokens");
            }
        }
    }

    private List<Integer> group(List<Pair> pairs, List<Integer> order, int next) {
        Capacity capacity = program.capacity();
        List<Integer> group = new ArrayList<>();
        int source = 0;
        int target = 0;
        for (int i = next; i < order.size() && group.size() < capacity.slots(); i++) {
            Pair p = pairs.get(order.get(i));
            source += p.source().length;
            target += p.target().length - 1;
            if (source > capacity.tokens() || target > capacity.rows()) {
                break;
            }
            group.add(order.get(i));
        }
        return group;
    }

    private void run(List<Pair> pairs, List<Integer> indices, float[][] results) {
        if (encodes) {
            Encoding encoding = new Encoding(program);
            int memory = 0;
            for (Pair p : pairs) {
                encoding.add(p.source(), memory);
                memory += p.source().length;
            }
            encoding.run(executable);
        }
        int row = 0;
        int memory = 0;
        for (int s = 0; s < pairs.size(); s++) {
            Pair p = pairs.get(s);
            int n = p.target().length - 1;
            for (int t = 0; t < n; t++) {
                rows.tokens[row] = p.target()[t];
                rows.positions[row] = t;
                rows.destination[row] = s * program.capacity().positions() + t;
                rows.line[row] = 2 * s;
                rows.length[row] = t + 1;
                rows.memoryFirst[row] = memory;
                rows.memoryEnd[row] = memory + p.source().length;
                rows.picks[row] = row;
                row++;
            }
            memory += p.source().length;
            rows.lines[s] = 2 * s;
            rows.slots[s] = s;
            rows.lengths[s] = n;
        }
        executable.run(bindings.size(program.rows(), row)
                .size(program.hypotheses(), pairs.size())
                .size(program.picks(), row)
                .size(program.scored(), row)
                .size(program.edits(), 0)
                .size(program.top(), 1));
        float[] sums = new float[row];
        executable.read(program.selection().logSum(), sums, row);
        float[] logits = new float[Math.multiplyExact(row, vocabulary)];
        executable.read(program.selection().logits(), logits, logits.length);
        row = 0;
        for (int s = 0; s < pairs.size(); s++) {
            int[] target = pairs.get(s).target();
            float[] scores = new float[target.length - 1];
            for (int t = 0; t < scores.length; t++) {
                scores[t] = logits[row * vocabulary + target[t + 1]] - sums[row];
                row++;
            }
            results[indices.get(s)] = scores;
        }
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
