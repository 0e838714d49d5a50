package dev.gyre.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BufferPlanTest {

    private static final Size.Symbol ROWS = new Size.Symbol("ROWS", 13);

    static Stream<Graph> graphs() {
        return IntStream.range(0, 60).mapToObj(BufferPlanTest::random);
    }

    /** Additions and products of what there is, a few of them outputs. */
    private static Graph random(int seed) {
        Random random = new Random(seed);
        GraphBuilder g = new GraphBuilder("random " + seed);
        List<Tensor> there = new ArrayList<>();
        there.add(new Input("x", ElementType.FLOAT32, Shape.of(ROWS, 4)));
        for (int i = 0; i < 3 + random.nextInt(30); i++) {
            Tensor a = there.get(random.nextInt(there.size()));
            Value made;
            if (random.nextBoolean()) {
                Tensor b = there.get(random.nextInt(there.size()));
                made = a.shape().equals(b.shape()) ? g.add(a, b) : g.activate(a, Activation.RELU);
            } else {
                int rows = 1 + random.nextInt(90);
                made = g.linear(a, Weight.matrix("w" + i, rows, a.shape().columns()), null);
            }
            there.add(made);
            if (random.nextInt(5) == 0) {
                g.output(made);
            }
        }
        return g.build();
    }

    /** By running through the operations and noting who owns each byte: what is read must still be the reader's. */
    @ParameterizedTest
    @MethodSource("graphs")
    void nobodyOverwritesWhatIsStillRead(Graph graph) {
        BufferPlan plan = BufferPlan.of(graph);
        Value[] owner = new Value[Math.toIntExact(plan.bytes())];
        for (Operation operation : graph.operations()) {
            for (Tensor written : operation.writes()) {
                fill(owner, plan, (Value) written);
            }
            for (Tensor read : operation.reads()) {
                if (read instanceof Value value) {
                    assertOwned(owner, plan, value, operation + " reads");
                }
            }
        }
        for (Value output : graph.outputs()) {
            assertOwned(owner, plan, output, "output");
        }
    }

    private static void fill(Value[] owner, BufferPlan plan, Value value) {
        long offset = plan.offset(value);
        assertEquals(0, offset % BufferPlan.ALIGNMENT);
        for (long b = offset; b < offset + value.shape().limit() * ElementType.BYTES; b++) {
            owner[(int) b] = value;
        }
    }

    private static void assertOwned(Value[] owner, BufferPlan plan, Value value, String what) {
        long offset = plan.offset(value);
        for (long b = offset; b < offset + value.shape().limit() * ElementType.BYTES; b++) {
            assertEquals(value, owner[(int) b], what);
        }
    }

    @Test
    void memoryIsUsedAgain() {
        GraphBuilder g = new GraphBuilder("chain");
        Tensor x = new Input("x", ElementType.FLOAT32, Shape.of(ROWS, 64));
        for (int i = 0; i < 20; i++) {
            x = g.activate(x, Activation.RELU);
        }
        g.output((Value) x);
        long one = x.shape().limit() * ElementType.BYTES;
        assertTrue(BufferPlan.of(g.build()).bytes() <= 2 * (one + BufferPlan.ALIGNMENT), "a chain needs two buffers");
    }

    @Test
    void readingWhatNobodyWroteIsAnError() {
        Value never = new Value("never", ElementType.FLOAT32, Shape.of(ROWS, 4));
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(ROWS, 4));
        Graph graph = new Graph("wrong", List.of(new Operation.Activate(out, never, Activation.RELU)), List.of(out));
        String message = assertThrows(IllegalArgumentException.class, () -> BufferPlan.of(graph))
                .getMessage();
        assertTrue(message.contains("never"), message);
    }
}
