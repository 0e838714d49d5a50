package dev.gyre.bench;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One operation of a Transformer-base at a time. A graph holds the same operation many times, products each with a
 * weight of its own so that few rows find it in no cache; one element read at the end makes asynchronous devices finish.
 *
 * @param rows of products and norms
 * @param seconds for each measurement, at least five runs
 */
record OpsRun(int[] rows, double seconds) {

    private static final int WIDTH = 512;
    private static final int INNER = 2048;
    private static final int VOCABULARY = 32000;
    private static final int HEADS = 8;
    private static final int HEAD = WIDTH / HEADS;
    private static final int KEYS = 32;
    private static final int SLOTS = 32;
    private static final int BEAMS = 4;
    private static final int TOP = 8;
    private static final int LENGTH = 25;
    private static final int SEQUENCES = 32;
    /** Rows up to which a vocabulary is multiplied: no step has more. */
    private static final int MOST_PICKS = 128;

    private static final int MANY = 33;
    private static final long FAR = 96L << 20;
    private static final int LEAST_RUNS = 5;

    /**
     * What an operation took.
     *
     * @param seconds the median
     * @param operations float multiplications and additions; 0 where they are not what counts
     * @param bytes that have to be read and written at least, each once
     */
    record Figures(String operation, String shape, double seconds, double operations, double bytes) {

        double gflops() {
            return operations / seconds / 1e9;
        }

        double gigabytes() {
            return bytes / seconds / 1e9;
        }
    }

    /** Numbers cost nothing to make and are none that a product could leave out. */
    private static final WeightSource PATTERN = (weight, first, count, to, offset) -> {
        int columns = weight.shape().axes().size() == 1 ? 1 : weight.shape().columns();
        for (int i = 0; i < count * columns; i++) {
            to[offset + i] = (i % 61 - 30) / 64f;
        }
    };

    /** An operation that a graph is filled with. */
    private interface Filling {
        /** Adds it; what it computes, or something else that can be read. */
        Value into(List<Operation> operations, int index);
    }

    List<Figures> on(Device device) {
        List<Figures> all = new ArrayList<>();
        int[][] products = {{WIDTH, WIDTH}, {INNER, WIDTH}, {WIDTH, INNER}, {VOCABULARY, WIDTH}};
        for (int[] p : products) {
            for (int r : rows) {
                if (p[0] < VOCABULARY || r <= MOST_PICKS) {
                    all.add(product(device, r, p[0], p[1]));
                }
            }
        }
        all.add(decodeAttention(device, 1));
        all.add(decodeAttention(device, BEAMS));
        all.add(encodeAttention(device));
        for (int r : rows) {
            all.add(norm(device, r));
        }
        all.add(select(device));
        return all;
    }

    private static double weightBytes(ComputeType type) {
        return switch (type) {
            case FLOAT32 -> 4;
            case FLOAT16, BFLOAT16 -> 2;
            case INT8 -> 1;
            case AUTO -> throw new IllegalStateException("auto is no type of an open device");
        };
    }

    private Figures product(Device device, int rows, int n, int k) {
        State x = new State("x", ElementType.FLOAT32, Shape.of(rows, k));
        double weight = weightBytes(device.options().computeType()) * n * k;
        int copies = (int) Math.clamp((long) (FAR / weight), 2, rows > MOST_PICKS ? 8 : 64);
        double seconds = time(
                device,
                copies,
                (operations, i) -> {
                    Value out = floats("out" + i, rows, n);
                    operations.add(
                            new Operation.Linear(out, x, Weight.matrix("w" + i, n, k), null, Activation.NONE, null));
                    return out;
                },
                (_, _) -> {});
        return new Figures(
                "linear",
                rows + "x" + n + "x" + k,
                seconds,
                2.0 * rows * n * k,
                weight + 4.0 * rows * k + 4.0 * rows * n);
    }

    /** So many rows for each source, which share its memory. */
    private Figures decodeAttention(Device device, int beams) {
        int rows = SLOTS * beams;
        State q = new State("q", ElementType.FLOAT32, Shape.of(rows, WIDTH));
        State k = new State("k", ElementType.FLOAT32, Shape.of(SLOTS * KEYS, WIDTH));
        State v = new State("v", ElementType.FLOAT32, Shape.of(SLOTS * KEYS, WIDTH));
        Input first = ints("first", rows);
        Input end = ints("end", rows);
        double seconds = time(
                device,
                MANY,
                (operations, i) -> {
                    Value out = floats("out" + i, rows, WIDTH);
                    operations.add(attention(out, q, Columns.all(k), Columns.all(v), new Keys.Range(first, end)));
                    return out;
                },
                (input, values) -> Arrays.setAll(values, i -> (i / beams + (input.equals(first) ? 0 : 1)) * KEYS));
        double pairs = (double) rows * KEYS;
        return new Figures(
                "attention decode",
                rows + " rows, " + SLOTS + "x" + KEYS + " keys, " + HEADS + "x" + HEAD,
                seconds,
                4 * pairs * WIDTH,
                4.0 * WIDTH * (2 * rows + 2 * SLOTS * KEYS));
    }

    private Figures encodeAttention(Device device) {
        int tokens = SEQUENCES * LENGTH;
        State x = new State("x", ElementType.FLOAT32, Shape.of(tokens, 3 * WIDTH));
        Input offsets = new Input("offsets", ElementType.INT32, Shape.vector(SEQUENCES + 1));
        State q = new State("q", ElementType.FLOAT32, Shape.of(tokens, WIDTH));
        double seconds = time(
                device,
                MANY,
                (operations, i) -> {
                    Value out = floats("out" + i, tokens, WIDTH);
                    operations.add(attention(
                            out,
                            q,
                            new Columns(x, WIDTH, WIDTH),
                            new Columns(x, 2 * WIDTH, WIDTH),
                            new Keys.Packed(offsets, false)));
                    return out;
                },
                (_, values) -> Arrays.setAll(values, i -> i * LENGTH));
        return new Figures(
                "attention encode",
                SEQUENCES + " sequences of " + LENGTH + ", " + HEADS + "x" + HEAD,
                seconds,
                4.0 * tokens * LENGTH * WIDTH,
                4.0 * 4 * tokens * WIDTH);
    }

    private Figures norm(Device device, int rows) {
        State x = new State("x", ElementType.FLOAT32, Shape.of(rows, WIDTH));
        double seconds = time(
                device,
                MANY,
                (operations, i) -> {
                    Value out = floats("out" + i, rows, WIDTH);
                    operations.add(new Operation.Norm(
                            out,
                            null,
                            x,
                            null,
                            NormKind.LAYER,
                            Weight.vector("gamma", WIDTH),
                            Weight.vector("beta", WIDTH),
                            1e-5f));
                    return out;
                },
                (_, _) -> {});
        return new Figures("layer norm", rows + "x" + WIDTH, seconds, 8.0 * rows * WIDTH, 8.0 * rows * WIDTH);
    }

    private Figures select(Device device) {
        Size slots = Size.of(SLOTS);
        State x = new State("x", ElementType.FLOAT32, Shape.of(SLOTS, 8));
        Input normalise = ints("normalise", SLOTS);
        Input offsets = ints("edit_offsets", SLOTS + 1);
        Input tokens = ints("edit_tokens", 1);
        Input kinds = ints("edit_kinds", 1);
        Input amounts = new Input("edit_amounts", ElementType.FLOAT32, Shape.vector(1));
        Value logits = floats("logits", SLOTS, VOCABULARY);
        double seconds = time(
                device,
                MANY,
                (operations, i) -> {
                    if (i == 0) {
                        operations.add(new Operation.Linear(
                                logits, x, Weight.matrix("w", VOCABULARY, 8), null, Activation.NONE, null));
                    }
                    operations.add(new Operation.SelectTop(
                            new Value("ids" + i, ElementType.INT32, Shape.of(slots, Size.of(TOP))),
                            new Value("values" + i, ElementType.FLOAT32, Shape.of(slots, Size.of(TOP))),
                            new Value("sums" + i, ElementType.FLOAT32, Shape.of(slots)),
                            logits,
                            normalise,
                            offsets,
                            tokens,
                            kinds,
                            amounts));
                    return logits;
                },
                (input, values) -> Arrays.fill(values, input.equals(normalise) ? 1 : 0));
        return new Figures("select top " + TOP, SLOTS + "x" + VOCABULARY, seconds, 0, 4.0 * SLOTS * VOCABULARY);
    }

    private static Operation attention(Value out, State query, Columns key, Columns value, Keys keys) {
        return new Operation.Attention(
                out, null, Columns.all(query), key, value, HEADS, HEADS, HEAD, 0.125f, keys, null);
    }

    private static Value floats(String name, int rows, int columns) {
        return new Value(name, ElementType.FLOAT32, Shape.of(rows, columns));
    }

    private static Input ints(String name, int length) {
        return new Input(name, ElementType.INT32, Shape.vector(length));
    }

    /** Median seconds of one operation. */
    private double time(Device device, int copies, Filling filling, BiConsumer<Tensor, int[]> inputs) {
        Graph graph = graph("many", copies, filling);
        try (Executable executable = device.compile(new Program("ops", List.of(graph)), PATTERN)) {
            return median(executable, graph, inputs) / copies;
        }
    }

    private static Graph graph(String name, int copies, Filling filling) {
        List<Operation> operations = new ArrayList<>();
        Value last = filling.into(operations, 0);
        for (int i = 1; i < copies; i++) {
            last = filling.into(operations, i);
        }
        return new Graph(name, operations, List.of(last));
    }

    private double median(Executable executable, Graph graph, BiConsumer<Tensor, int[]> inputs) {
        Bindings bindings = new Bindings(graph);
        for (Input input : graph.inputs()) {
            int length = (int) input.shape().limit();
            if (input.type() == ElementType.INT32) {
                int[] values = new int[length];
                inputs.accept(input, values);
                bindings.input(input, values);
            } else {
                bindings.input(input, new float[length]);
            }
        }
        List<Long> nanos = new ArrayList<>();
        float[] element = new float[1];
        long begin = System.nanoTime();
        // The first half is not counted: the JVM compiles meanwhile.
        while (nanos.size() < LEAST_RUNS || System.nanoTime() - begin < seconds * 1e9) {
            long start = System.nanoTime();
            executable.run(bindings);
            executable.read(graph.outputs().getFirst(), element, 1);
            long end = System.nanoTime();
            if (end - begin > seconds * 5e8) {
                nanos.add(end - start);
            }
        }
        return Median.of(nanos.stream().mapToDouble(n -> n / 1e9).toArray());
    }
}
