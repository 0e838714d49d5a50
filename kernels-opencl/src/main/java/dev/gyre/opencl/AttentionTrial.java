package dev.gyre.opencl;

import dev.gyre.backend.Backends;
import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Attention with every kind of keys, by the kernels that a model takes, against the reference.
 *
 * @param questions a graph of each kind
 */
record AttentionTrial(int headSize, List<Question> questions) {

    /** One that vectors of 16 lanes do not divide, and one that they do. */
    static final int[] HEADS = {24, 64};

    /** A graph with its inputs of whole numbers. */
    record Question(Graph graph, Input x, Map<Input, int[]> numbers) {}

    private static final int HEAD_COUNT = 2;
    private static final int ROWS = 51;
    private static final int[] SEQUENCES = {0, 1, 18, 20, ROWS};
    private static final int POSITIONS = 12;
    private static final int LINES = 5;
    private static final int SLOTS = ROWS / POSITIONS;
    private static final double BOUND = 1e-5;

    static AttentionTrial of(int headSize) {
        List<Question> questions = new ArrayList<>();
        for (boolean causal : new boolean[] {false, true}) {
            Input offsets = ints(causal ? "causal_offsets" : "offsets", SEQUENCES.length);
            questions.add(question(
                    causal ? "causal" : "packed",
                    headSize,
                    new Keys.Packed(offsets, causal),
                    Map.of(offsets, SEQUENCES)));
        }
        Input first = ints("first", ROWS);
        Input end = ints("end", ROWS);
        // Beams of a source are neighbours with equal ranges: five of them, then one alone.
        questions.add(question(
                "range",
                headSize,
                new Keys.Range(first, end),
                Map.of(
                        first,
                        each(r -> r / 6 * 4 + r % 6 / 5),
                        end,
                        each(r -> r / 6 * 4 + 1 + r % 6 / 5 + r / 6 * 2))));
        Input ancestry = new Input("ancestry", ElementType.INT32, Shape.of(LINES, POSITIONS));
        Input line = ints("line", ROWS);
        Input length = ints("length", ROWS);
        int[] slots = new int[LINES * POSITIONS];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = (i / POSITIONS + i % POSITIONS / 3) % SLOTS;
        }
        // Prompts are neighbours of one line, each with a key more; then hypotheses with a line each.
        questions.add(question(
                "ancestry",
                headSize,
                new Keys.Ancestry(ancestry, line, length),
                Map.of(
                        ancestry,
                        slots,
                        line,
                        each(r -> r < 30 ? r / 6 : r % LINES),
                        length,
                        each(r -> r < 30 ? r % 6 + 1 : r % POSITIONS + 1))));
        return new AttentionTrial(headSize, questions);
    }

    private static Question question(String name, int headSize, Keys keys, Map<Input, int[]> numbers) {
        int width = HEAD_COUNT * headSize;
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(ROWS, 3 * width));
        Value out = new Value("out_" + name, ElementType.FLOAT32, Shape.of(ROWS, width));
        Graph graph = new Graph(
                name,
                List.of(new Operation.Attention(
                        out,
                        null,
                        new Columns(x, 0, width),
                        new Columns(x, width, width),
                        new Columns(x, 2 * width, width),
                        HEAD_COUNT,
                        HEAD_COUNT,
                        headSize,
                        0.25f,
                        keys,
                        null)),
                List.of(out));
        return new Question(graph, x, numbers);
    }

    private static Input ints(String name, int count) {
        return new Input(name, ElementType.INT32, Shape.vector(count));
    }

    private static int[] each(IntUnaryOperator number) {
        return IntStream.range(0, ROWS).map(number).toArray();
    }

    /** The first wrong result; empty if all are right. */
    Optional<String> fault(Device device) {
        Map<Question, float[]> expected;
        try (Device reference = Backends.named("reference").open(0, DeviceOptions.DEFAULTS)) {
            expected = answers(reference);
        }
        Map<Question, float[]> got = answers(device);
        for (Question question : questions) {
            float[] right = expected.get(question);
            float[] there = got.get(question);
            for (int i = 0; i < right.length; i++) {
                if (!(Math.abs(there[i] - right[i]) <= BOUND)) {
                    return Optional.of("attention (" + question.graph.name() + " keys, heads of " + headSize
                            + ") of row " + i / (HEAD_COUNT * headSize) + " has " + there[i] + " where it should have "
                            + right[i]);
                }
            }
        }
        return Optional.empty();
    }

    private Map<Question, float[]> answers(Device device) {
        WeightSource none = (weight, first, rows, to, offset) -> {
            throw new IllegalStateException("no weight was declared");
        };
        Program program =
                new Program("check", questions.stream().map(Question::graph).toList());
        try (Executable executable = device.compile(program, none)) {
            return questions.stream().collect(Collectors.toMap(q -> q, q -> answer(q, executable)));
        }
    }

    private float[] answer(Question question, Executable executable) {
        float[] x = new float[ROWS * 3 * HEAD_COUNT * headSize];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i * 31 % 67 * 17 % 33 - 16) / 16f;
        }
        Bindings bindings = new Bindings(question.graph).input(question.x, x);
        question.numbers.forEach(bindings::input);
        executable.run(bindings);
        float[] out = new float[x.length / 3];
        executable.read(question.graph.outputs().getFirst(), out, out.length);
        return out;
    }
}
