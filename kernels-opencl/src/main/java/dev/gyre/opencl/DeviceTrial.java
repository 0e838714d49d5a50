package dev.gyre.opencl;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Keys;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A candidate on an open device: exact small products first, then the shapes that count, one graph for each. */
final class DeviceTrial implements Trial {

    /** Columns and inner: below a tile, across panels, odd, deeper than a step of k. */
    private static final int[][] SMALL = {{5, 3}, {83, 37}, {129, 70}, {3, 1030}};

    /** Up to more than the largest block. */
    private static final int[] ROWS = {1, 2, 3, 5, 7, 11, 13, 33, 47, 229};

    private static final int MOST_ROWS = 230;
    /** Weights of one sentence's step come from memory: so many bytes are gone through in turn. */
    private static final long FAR = 24L << 20;

    private static final int LEAST_RUNS = 2;
    private static final long ENOUGH_NANOS = 15_000_000;

    private final Device device;
    private final boolean int8;
    private final List<Point> points;
    private Optional<Executable> executable = Optional.empty();
    private final Map<Point, Graph> graphs = new HashMap<>();

    DeviceTrial(Device device, boolean int8, List<Point> points) {
        this.device = device;
        this.int8 = int8;
        this.points = points;
    }

    @Override
    public Optional<String> fault() {
        if (int8) {
            return Int8Trial.fault(device).or(() -> Int8Trial.wideFault(device)).or(this::attentionFault);
        }
        for (int[] shape : SMALL) {
            Optional<String> fault = productFault(shape[0], shape[1]);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return attentionFault();
    }

    /** Numbers are multiples of 1/16 up to 1, so that every sum is exact in whatever order and type. */
    private static float number(int i, int j) {
        return ((i * 31 + j * 17 + i * j % 13) % 33 - 16) / 16f;
    }

    private Optional<String> productFault(int n, int k) {
        Size.Symbol size = new Size.Symbol("ROWS", MOST_ROWS);
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(size, k));
        Input residual = new Input("residual", ElementType.FLOAT32, Shape.of(size, n));
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(size, n));
        Graph graph = new Graph(
                "check",
                List.of(new Operation.Linear(
                        out, x, Weight.matrix("w", n, k), Weight.vector("b", n), Activation.RELU, residual)),
                List.of(out));
        WeightSource weights = (weight, first, rows, to, offset) -> {
            int columns = weight.shape().columns();
            for (int i = 0; i < rows * columns; i++) {
                to[offset + i] = number(first + i / columns, i % columns);
            }
        };
        try (Executable small = device.compile(new Program("check", List.of(graph)), weights)) {
            float[] xs = new float[MOST_ROWS * k];
            float[] residuals = new float[MOST_ROWS * n];
            for (int i = 0; i < xs.length; i++) {
                xs[i] = number(i % k, i / k + 5);
            }
            for (int i = 0; i < residuals.length; i++) {
                residuals[i] = number(i / n, i % n + 3);
            }
            for (int rows : ROWS) {
                small.run(new Bindings(graph).size(size, rows).input(x, xs).input(residual, residuals));
                float[] got = new float[rows * n];
                small.read(out, got, got.length);
                for (int i = 0; i < got.length; i++) {
                    double sum = number(i % n, 0);
                    for (int c = 0; c < k; c++) {
                        sum += (double) xs[i / n * k + c] * number(i % n, c);
                    }
                    float expected = (float) (Math.max(0, sum) + residuals[i]);
                    if (got[i] != expected) {
                        return Optional.of("a product of " + rows + "x" + n + "x" + k + " has " + got[i]
                                + " where it should have " + expected);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> attentionFault() {
        List<AttentionTrial> trials = IntStream.concat(
                        IntStream.of(AttentionTrial.HEADS),
                        points.stream()
                                .mapToInt(p -> p instanceof Attention a ? a.headSize() : AttentionTrial.HEADS[0]))
                .distinct()
                .mapToObj(AttentionTrial::of)
                .toList();
        return trials.stream().flatMap(t -> t.fault(device).stream()).findFirst();
    }

    private static WeightSource none() {
        return (weight, first, rows, to, offset) -> {
            throw new IllegalStateException("no weight was declared");
        };
    }

    @Override
    public double seconds(Point point) {
        if (executable.isEmpty()) {
            List<Graph> all = new ArrayList<>();
            for (Point p : points) {
                Graph graph = graph(p, all.size());
                graphs.put(p, graph);
                all.add(graph);
            }
            // Zeros cost as much as other numbers.
            executable = Optional.of(device.compile(
                    new Program("tune", all),
                    (weight, first, rows, to, offset) -> java.util.Arrays.fill(
                            to, offset, offset + rows * weight.shape().columns(), 0f)));
        }
        Executable ready = executable.orElseThrow();
        Graph graph = graphs.get(point);
        Bindings bindings = new Bindings(graph);
        for (Input input : graph.inputs()) {
            bindings.input(input, offsets(input.shape().rows().limit()));
        }
        float[] one = new float[1];
        long least = Long.MAX_VALUE;
        long start = System.nanoTime();
        for (int run = -1; run < LEAST_RUNS || System.nanoTime() - start < ENOUGH_NANOS; run++) {
            long from = System.nanoTime();
            ready.run(bindings);
            ready.read(graph.outputs().getFirst(), one, 1);
            if (run >= 0) {
                least = Math.min(least, System.nanoTime() - from);
            }
        }
        return Math.max(1, least) / 1e9;
    }

    private static final int LENGTH = 25;

    private static int[] offsets(int count) {
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = i * LENGTH;
        }
        return offsets;
    }

    private static Graph graph(Point point, int index) {
        GraphBuilder builder = new GraphBuilder("point" + index);
        switch (point) {
            case Product p -> {
                Tensor x = new State("x" + index, ElementType.FLOAT32, Shape.of(p.rows(), p.inner()));
                long bytes = 4L * p.columns() * p.inner();
                int copies = p.rows() > ShapeClass.Rows.FEW.most ? 1 : (int) Math.clamp(FAR / bytes, 1, 12);
                Value last = null;
                for (int i = 0; i < copies; i++) {
                    last = builder.linear(
                            x,
                            Weight.matrix("w" + p.columns() + "x" + p.inner() + "." + i, p.columns(), p.inner()),
                            null);
                }
                builder.output(java.util.Objects.requireNonNull(last));
            }
            case Attention a -> {
                int sequences = 16;
                int heads = 8;
                Tensor x =
                        new State("x" + index, ElementType.FLOAT32, Shape.of(sequences * LENGTH, heads * a.headSize()));
                Input offsets = new Input("offsets", ElementType.INT32, Shape.vector(sequences + 1));
                builder.output(builder.attention(
                        x,
                        Columns.all(x),
                        Columns.all(x),
                        heads,
                        heads,
                        a.headSize(),
                        0.125f,
                        new Keys.Packed(offsets, false),
                        null));
            }
        }
        return builder.build();
    }

    @Override
    public void close() {
        device.close();
    }
}
