package dev.gyre.opencl;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Fusion;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Keys;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation.SelectTop;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/** One decoder layer with a slot cache, a tied output matrix and the choice of the best: all that a run needs. */
final class SmallDecoder {

    static final int ROWS = 24;
    static final int POSITIONS = 8;
    static final int TOP = 5;

    final Symbol rows = new Symbol("ROWS", ROWS);
    final Symbol top;
    final Symbol edits = new Symbol("EDITS", 32);
    final int width;
    final int vocabulary;
    final SelectTop select;
    final Graph graph;

    SmallDecoder(int heads, int headSize, int vocabulary) {
        this(heads, headSize, vocabulary, 16);
    }

    /** @param most candidates of a row that may be asked for */
    SmallDecoder(int heads, int headSize, int vocabulary, int most) {
        top = new Symbol("TOP", most);
        this.width = heads * headSize;
        this.vocabulary = vocabulary;
        GraphBuilder g = new GraphBuilder("decode");
        State cache = new State("cache", ElementType.FLOAT32, Shape.of(ROWS * POSITIONS, 2 * width));
        State ancestry = new State("ancestry", ElementType.INT32, Shape.of(2 * ROWS, POSITIONS));
        Input line = ints("line");
        Input length = ints("length");
        g.advanceAncestry(ancestry, ints("from"), line, ints("inherited"), length, ints("slot"));
        Value x = g.embed(
                matrix("table", vocabulary, width),
                ints("ids"),
                2,
                matrix("positions", POSITIONS, width),
                ints("at"),
                null,
                null);
        g.appendCache(cache, product(g, x, "kv", 2 * width), ints("destination"));
        Value attended = g.attention(
                product(g, x, "q", width),
                new Columns(cache, 0, width),
                new Columns(cache, width, width),
                heads,
                heads,
                headSize,
                0.3f,
                new Keys.Ancestry(ancestry, line, length),
                null);
        x = norm(g, g.add(product(g, attended, "o", width), x), "n1");
        Value inner = g.activate(product(g, x, "f1", 3 * width), Activation.GELU);
        x = norm(g, g.add(product(g, inner, "f2", width), x), "n2");
        Value logits = g.linear(x, matrix("table", vocabulary, width), null);
        select = g.selectTop(
                logits,
                top,
                ints("normalise"),
                new Input("editOffsets", ElementType.INT32, Shape.of(new Size.Plus(rows, 1))),
                new Input("editTokens", ElementType.INT32, Shape.of(edits)),
                new Input("editKinds", ElementType.INT32, Shape.of(edits)),
                new Input("editAmounts", ElementType.FLOAT32, Shape.of(edits)));
        graph = Fusion.apply(g.build());
    }

    Program program() {
        return new Program("small", List.of(graph));
    }

    /** The first step for so many hypotheses: each has its slot, its line and its own token. */
    Bindings step(int count) {
        Bindings bindings = new Bindings(graph).size(rows, count).size(top, TOP).size(edits, Math.min(count, 3));
        for (Input input : graph.inputs()) {
            if (input.type() == ElementType.FLOAT32) {
                bindings.input(input, new float[] {0, 1.5f, 3});
                continue;
            }
            bindings.input(
                    input,
                    switch (input.name()) {
                        case "ids" -> fill(count, i -> (17 * i + 3) % vocabulary);
                        case "length" -> fill(count, _ -> 1);
                        case "inherited", "at" -> new int[count];
                        case "destination" -> fill(count, i -> i * POSITIONS);
                        case "normalise" -> fill(count, i -> i % 2);
                        case "editOffsets" -> fill(count + 1, i -> Math.min(i, 3));
                        case "editTokens" -> new int[] {1, 2, 3};
                        case "editKinds" -> new int[] {0, 1, 2};
                        default -> fill(count, i -> i);
                    });
        }
        return bindings;
    }

    /** Numbers between -1 and 1 from the name, the row and the column. */
    static final WeightSource WEIGHTS = (weight, firstRow, rows, destination, offset) -> {
        int columns = weight.shape().columns();
        int row = 0;
        for (Weight.Part part : weight.parts()) {
            for (int r = 0; r < part.rows(); r++, row++) {
                if (row >= firstRow && row < firstRow + rows) {
                    SplittableRandom random =
                            new SplittableRandom(part.tensor().hashCode() * 1_000_003L + part.firstRow() + r);
                    for (int c = 0; c < columns; c++) {
                        destination[offset + (row - firstRow) * columns + c] = (float) random.nextDouble(-1, 1);
                    }
                }
            }
        }
    };

    static List<Float> floats(float[] values) {
        List<Float> list = new ArrayList<>();
        for (float v : values) {
            list.add(v);
        }
        return list;
    }

    private static int[] fill(int count, IntUnaryOperator value) {
        int[] all = new int[count];
        java.util.Arrays.setAll(all, value);
        return all;
    }

    private Input ints(String name) {
        return new Input(name, ElementType.INT32, Shape.of(rows));
    }

    private static Weight matrix(String name, int rows, int columns) {
        return Weight.matrix(name, rows, columns);
    }

    private static Value product(GraphBuilder g, Value x, String name, int rows) {
        return g.linear(x, matrix(name, rows, x.shape().columns()), Weight.vector(name + ".b", rows));
    }

    private Value norm(GraphBuilder g, Value x, String name) {
        return g.norm(x, NormKind.LAYER, Weight.vector(name, width), Weight.vector(name + ".b", width), 1e-5f);
    }
}
