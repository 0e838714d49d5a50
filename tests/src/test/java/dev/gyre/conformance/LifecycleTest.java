package dev.gyre.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.Executable;
import dev.gyre.backend.OutOfMemoryException;
import dev.gyre.backend.Traffic;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.transformer.AttentionMaps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Opening, running, failing and closing, on every device. */
class LifecycleTest {

    private static final Symbol N = new Symbol("ROWS", 8);
    private static final Input X = CaseBuilder.floats("x", N, 6);
    private static final Value Y = CaseBuilder.value("y", N, 5);
    private static final Graph PRODUCT = new Graph(
            "product",
            List.of(new Operation.Linear(Y, X, Weight.matrix("w", 5, 6), Weight.vector("b", 5), Activation.RELU, null)),
            List.of(Y));
    private static final Program PROGRAM = new Program("small", List.of(PRODUCT));

    static List<Target> targets() {
        return Target.all();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void twoExecutablesOnOneDeviceDoNotMeet(Target target) {
        Case a = SearchScript.whole(Models.postNorm(), AttentionMaps.NONE, true);
        Case b = SearchScript.whole(Models.modern(), AttentionMaps.NONE, true);
        try (Device device = target.open();
                Executable first = device.compile(a.program(), a.weights());
                Executable second = device.compile(b.program(), b.weights())) {
            interleave(a, first, b, second);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void twoDevicesAtOnceDoNotMeet(Target target) {
        Case a = SearchScript.whole(Models.preNorm(), AttentionMaps.NONE, true);
        Case b = SearchScript.whole(Models.postNorm(), AttentionMaps.NONE, true);
        try (Device one = target.open();
                Device other = target.open();
                Executable first = one.compile(a.program(), a.weights());
                Executable second = other.compile(b.program(), b.weights())) {
            interleave(a, first, b, second);
        }
    }

    /** One thread at a time uses a device, but two devices may be used at once. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void twoThreadsWithADeviceEachDoNotMeet(Target target) throws Exception {
        Case a = SearchScript.whole(Models.wide(), AttentionMaps.NONE, true);
        Case b = SearchScript.whole(Models.modern(), AttentionMaps.NONE, true);
        List<Outcome> ofA = Yardstick.of(a);
        List<Outcome> ofB = Yardstick.of(b);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<?> one = threads.submit(() -> requireOften(target, a, ofA));
            Future<?> other = threads.submit(() -> requireOften(target, b, ofB));
            one.get();
            other.get();
        }
    }

    private static void requireOften(Target target, Case c, List<Outcome> expected) {
        try (Device device = target.open()) {
            for (int i = 0; i < 5; i++) {
                Agreement.require(c, expected, Outcome.of(c, device));
            }
        }
    }

    /** Both have as many runs; every run is enqueued before the other's results are read. */
    private static void interleave(Case a, Executable first, Case b, Executable second) {
        List<Outcome> ofA = new ArrayList<>();
        List<Outcome> ofB = new ArrayList<>();
        for (int i = 0; i < a.runs().size(); i++) {
            Bindings forA = a.runs().get(i).bindings();
            Bindings forB = b.runs().get(i).bindings();
            first.run(forA);
            second.run(forB);
            ofA.add(Outcome.read(forA, first));
            ofB.add(Outcome.read(forB, second));
        }
        Agreement.require(a, Yardstick.of(a), ofA);
        Agreement.require(b, Yardstick.of(b), ofB);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void opensAndClosesFiftyTimes(Target target) {
        Case c = LinearCases.of(33, 65, Activation.GELU, true, true, 5);
        for (int i = 0; i < 50; i++) {
            Device device = target.open();
            Agreement.require(c, Yardstick.of(c), Outcome.of(c, device));
            device.close();
            device.close();
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void closesExecutablesWithTheirDevice(Target target) {
        Device device = target.open();
        Executable executable = device.compile(PROGRAM, new RandomWeights(1));
        executable.run(bindings(2));
        device.close();
        requireOneLine(assertThrows(DeviceException.class, () -> executable.run(bindings(2))));
        requireOneLine(assertThrows(DeviceException.class, () -> executable.read(Y, new float[10], 10)));
        requireOneLine(assertThrows(DeviceException.class, () -> device.compile(PROGRAM, new RandomWeights(1))));
        executable.close();
        device.close();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void aClosedExecutableLeavesItsDeviceOpen(Target target) {
        try (Device device = target.open()) {
            Executable executable = device.compile(PROGRAM, new RandomWeights(1));
            executable.close();
            executable.close();
            requireOneLine(assertThrows(DeviceException.class, () -> executable.run(bindings(2))));
            try (Executable next = device.compile(PROGRAM, new RandomWeights(1))) {
                next.run(bindings(2));
                next.read(Y, new float[10], 10);
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void aProgramThatDoesNotFitFailsBeforeAnythingGoesUp(Target target) {
        try (Device device = target.backend()
                .open(target.description().index(), target.options().withMemoryLimit(300))) {
            OutOfMemoryException e =
                    assertThrows(OutOfMemoryException.class, () -> device.compile(PROGRAM, new RandomWeights(1)));
            requireOneLine(e);
            assertEquals(300, e.limit());
            assertTrue(e.plan().total() > 300, e.getMessage());
            assertTrue(e.getMessage().contains(Long.toString(e.plan().total() - 300)), e.getMessage());
            assertEquals(Traffic.NONE, device.traffic());
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void whatARunLacksIsNamedAndNothingBreaks(Target target) {
        try (Device device = target.open();
                Executable executable = device.compile(PROGRAM, new RandomWeights(1))) {
            assertThrows(IllegalArgumentException.class, () -> executable.read(Y, new float[5], 5), "nothing has run");
            float[] x = new float[48];
            requireNames("ROWS", executable, new Bindings(PRODUCT).input(X, x));
            requireNames("x", executable, new Bindings(PRODUCT).size(N, 2));
            requireNames("x", executable, new Bindings(PRODUCT).size(N, 2).input(X, new float[11]));
            assertThrows(IllegalArgumentException.class, () -> new Bindings(PRODUCT).size(N, 9));
            Value stranger = CaseBuilder.value("stranger", N, 5);
            Graph other = new Graph("other", List.of(new Operation.Activate(stranger, X, Activation.RELU)), List.of());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> executable.run(new Bindings(other).size(N, 1).input(X, x)));
            executable.run(bindings(2));
            assertThrows(IllegalArgumentException.class, () -> executable.read(stranger, new float[5], 5));
            assertThrows(IllegalArgumentException.class, () -> executable.read(Y, new int[10], 10));
            assertThrows(IllegalArgumentException.class, () -> executable.read(Y, new float[40], 11));
            executable.read(Y, new float[10], 10);
        }
    }

    private static void requireNames(String what, Executable executable, Bindings bindings) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> executable.run(bindings));
        requireOneLine(e);
        assertTrue(e.getMessage().contains(what), e.getMessage());
    }

    /** Ids, offsets and slots that point outside would be a wild read or write on a device. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void inputsThatPointOutsideAreRefused(Target target) {
        Input ids = CaseBuilder.ints("ids", N);
        Value row = CaseBuilder.value("row", N, 6);
        State cache = new State("cache", ElementType.FLOAT32, Shape.of(10, 6));
        Input to = CaseBuilder.ints("to", N);
        Graph graph = new Graph(
                "pointers",
                List.of(
                        new Operation.Embed(row, Weight.matrix("table", 7, 6), ids, 1, null, null, null, null),
                        new Operation.AppendCache(cache, Columns.all(row), to)),
                List.of(row));
        try (Device device = target.open();
                Executable executable = device.compile(new Program("pointers", List.of(graph)), new RandomWeights(1))) {
            for (int wrong : new int[] {-1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                requireNames(
                        "ids",
                        executable,
                        new Bindings(graph)
                                .size(N, 2)
                                .input(ids, new int[] {0, wrong})
                                .input(to, new int[2]));
            }
            for (int wrong : new int[] {-1, 10}) {
                requireNames(
                        "to",
                        executable,
                        new Bindings(graph).size(N, 2).input(ids, new int[2]).input(to, new int[] {wrong, 0}));
            }
            executable.run(
                    new Bindings(graph).size(N, 1).input(ids, new int[] {6}).input(to, new int[] {9}));
            float[] seen = new float[6];
            executable.read(row, seen, 6);
            assertArrayEquals(
                    Arrays.copyOfRange(new RandomWeights(1).read(Weight.matrix("table", 7, 6)), 36, 42), seen);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void inputsAreCopiedBeforeRunReturns(Target target) {
        try (Device device = target.open();
                Executable executable = device.compile(PROGRAM, new RandomWeights(1))) {
            float[] x = Noise.floats(4, 48, 1);
            Bindings bindings = new Bindings(PRODUCT).size(N, 8).input(X, x);
            executable.run(bindings);
            float[] before = new float[40];
            executable.read(Y, before, 40);
            executable.run(bindings);
            Arrays.fill(x, Float.NaN);
            float[] after = new float[40];
            executable.read(Y, after, 40);
            assertArrayEquals(before, after);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void ofEqualOutputsTheOneThatRanLastIsRead(Target target) {
        Graph other = new Graph(
                "other",
                List.of(new Operation.Linear(Y, X, Weight.matrix("v", 5, 6), null, Activation.NONE, null)),
                List.of(Y));
        float[] x = new float[6];
        Arrays.fill(x, 1);
        try (Device device = target.open();
                Executable alone = device.compile(new Program("alone", List.of(other)), new RandomWeights(1));
                Executable both = device.compile(new Program("both", List.of(PRODUCT, other)), new RandomWeights(1))) {
            float[] expected = row(alone, other, x);
            float[] product = row(both, PRODUCT, x);
            assertArrayEquals(expected, row(both, other, x));
            assertArrayEquals(product, row(both, PRODUCT, x));
            assertFalse(Arrays.equals(product, expected));
        }
    }

    private static float[] row(Executable executable, Graph graph, float[] x) {
        executable.run(new Bindings(graph).size(N, 1).input(X, x));
        float[] y = new float[5];
        executable.read(Y, y, 5);
        return y;
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void whatIsNoNumberIsSeen(Target target) {
        float[] x = new float[6];
        x[4] = Float.NaN;
        try (Device device = target.open();
                Executable executable = device.compile(PROGRAM, new RandomWeights(1))) {
            for (float y : row(executable, PRODUCT, x)) {
                assertTrue(Float.isNaN(y), () -> target + ": " + y + " behind ReLU");
            }
        }
    }

    /** Many runs without a look in between: they happen in order, and states keep what each of them did. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void runsHappenInOrder(Target target) {
        State total = new State("total", ElementType.FLOAT32, Shape.of(1, 3));
        Size one = Size.of(1);
        Input rows = CaseBuilder.ints("rows", one);
        Input x = CaseBuilder.floats("x", one, 3);
        Value before = CaseBuilder.value("before", one, 3);
        Value sum = CaseBuilder.value("sum", one, 3);
        Graph graph = new Graph(
                "accumulate",
                List.of(
                        new Operation.Gather(before, total, rows),
                        new Operation.Add(sum, before, x),
                        new Operation.AppendCache(total, Columns.all(sum), rows)),
                List.of(sum));
        try (Device device = target.open();
                Executable executable =
                        device.compile(new Program("accumulate", List.of(graph)), new RandomWeights(1))) {
            float[] expected = new float[3];
            for (int i = 0; i < 300; i++) {
                float[] step = {i, 2 * i + 1, i % 7};
                executable.run(new Bindings(graph).input(rows, new int[1]).input(x, step));
                for (int j = 0; j < 3; j++) {
                    expected[j] += step[j];
                }
            }
            float[] seen = new float[3];
            executable.read(sum, seen, 3);
            assertArrayEquals(expected, seen);
        }
    }

    /** What goes up and down in a run is its inputs and what is read: never rows of the model's width. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("targets")
    void trafficOfAStepIsItsInputsAndWhatIsRead(Target target) {
        SearchScript script = new SearchScript(Models.wide(), AttentionMaps.NONE, true, 0, 1, 2);
        Case c = script.build();
        try (Device device = target.open();
                Executable executable = device.compile(c.program(), c.weights())) {
            for (Run run : c.runs()) {
                Bindings bindings = run.bindings();
                Traffic before = device.traffic();
                executable.run(bindings);
                int top = bindings.graph().name().equals("decode")
                        ? bindings.elements(script.program().selection().ids())
                        : 0;
                if (top > 0) {
                    executable.read(script.program().selection().ids(), new int[top], top);
                    executable.read(script.program().selection().values(), new float[top], top);
                }
                Traffic step = device.traffic().since(before);
                long inputs =
                        bindings.inputs().stream().mapToLong(bindings::elements).sum() * ElementType.BYTES;
                // Sizes and the padding of staging may come on top; rows of the model (160 wide) would be far more.
                assertTrue(
                        step.bytesUp() >= inputs && step.bytesUp() <= 2 * inputs + 1024,
                        () -> bindings.graph().name() + " took up " + step.bytesUp() + " bytes for inputs of "
                                + inputs);
                assertEquals(2L * top * ElementType.BYTES, step.bytesDown());
            }
        }
    }

    private static Bindings bindings(int rows) {
        return new Bindings(PRODUCT).size(N, rows).input(X, new float[48]);
    }

    private static void requireOneLine(Exception e) {
        assertTrue(e.getMessage() != null && e.getMessage().lines().count() == 1, () -> "one line: " + e.getMessage());
    }
}
