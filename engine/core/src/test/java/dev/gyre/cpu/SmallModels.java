package dev.gyre.cpu;

import dev.gyre.backend.Bindings;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Keys;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.PositionBias;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.Random;

/** Small encoders and decoder steps, recorded as a model would record them. */
final class SmallModels {

    static final Symbol TOKENS = new Symbol("TOKENS", 40);
    static final Symbol SEQUENCES = new Symbol("SEQUENCES", 8);
    static final Symbol ACTIVE = new Symbol("ACTIVE", 8);
    static final Symbol TOP = new Symbol("TOP", 6);
    static final Symbol EDITS = new Symbol("EDITS", 16);
    static final int SLOTS = 8;
    static final int POSITIONS = 12;
    static final int VOCABULARY = 53;

    final int heads;
    final int headSize;
    final int width;
    final boolean preNorm;
    final Activation activation;

    SmallModels(int heads, int headSize, boolean preNorm, Activation activation) {
        this.heads = heads;
        this.headSize = headSize;
        this.width = heads * headSize;
        this.preNorm = preNorm;
        this.activation = activation;
    }

    static Input ints(String name, Size... shape) {
        return new Input(name, ElementType.INT32, Shape.of(shape));
    }

    private Weight matrix(String name, int rows, int columns) {
        return Weight.matrix(name, rows, columns);
    }

    private Value norm(GraphBuilder g, Value x, String name) {
        return preNorm && name.endsWith("2")
                ? g.norm(x, NormKind.RMS, Weight.vector(name, width), null, 1e-5f)
                : g.norm(x, NormKind.LAYER, Weight.vector(name, width), Weight.vector(name + ".b", width), 1e-5f);
    }

    private Value product(GraphBuilder g, Value x, String name, int rows) {
        return g.linear(x, matrix(name, rows, x.shape().columns()), Weight.vector(name + ".b", rows));
    }

    private Value feedForward(GraphBuilder g, Value x, String name) {
        if (!preNorm) {
            return product(g, g.activate(product(g, x, name + "1", 2 * width), activation), name + "2", width);
        }
        Value gate = g.linear(x, matrix(name + "gate", 2 * width, width), null);
        Value up = g.linear(x, matrix(name + "up", 2 * width, width), null);
        return product(g, g.gate(gate, up, activation), name + "2", width);
    }

    Graph encoder() {
        GraphBuilder g = new GraphBuilder("encoder");
        Input offsets = ints("offsets", new Size.Plus(SEQUENCES, 1));
        Value x = g.embed(
                matrix("table", VOCABULARY, width),
                ints("ids", TOKENS),
                3,
                matrix("positions", POSITIONS, width),
                ints("positionIds", TOKENS),
                null,
                null);
        PositionBias bias = preNorm ? new PositionBias(matrix("bias", 7, heads), 3) : null;
        Value normed = preNorm ? norm(g, x, "n1") : x;
        Value attention = g.attention(
                product(g, normed, "q", width),
                Columns.all(product(g, normed, "k", width)),
                Columns.all(product(g, normed, "v", width)),
                heads,
                heads,
                headSize,
                0.4f,
                new Keys.Packed(offsets, false),
                bias);
        x = g.add(x, product(g, attention, "o", width));
        if (!preNorm) {
            x = norm(g, x, "n1");
            x = norm(g, g.add(feedForward(g, x, "f"), x), "n2");
        } else {
            x = g.add(x, feedForward(g, norm(g, x, "n2"), "f"));
        }
        g.output(x);
        return g.build();
    }

    /** One step with a slot cache, read back through an ancestry, and the choice of the best tokens. */
    Graph decoder() {
        GraphBuilder g = new GraphBuilder("decoder");
        State keys = new State("keys", ElementType.FLOAT32, Shape.of(SLOTS * POSITIONS, width));
        State values = new State("values", ElementType.FLOAT32, Shape.of(SLOTS * POSITIONS, width));
        State ancestry = new State("ancestry", ElementType.INT32, Shape.of(SLOTS, POSITIONS));
        Input line = ints("line", ACTIVE);
        Input length = ints("length", ACTIVE);
        Input destination = ints("destination", ACTIVE);
        g.advanceAncestry(
                ancestry, ints("from", ACTIVE), line, ints("inherited", ACTIVE), length, ints("slot", ACTIVE));
        Value x = g.embed(matrix("table", VOCABULARY, width), ints("ids", ACTIVE), 3, null, null, null, null);
        Value k = product(g, x, "k", width);
        Value v = product(g, x, "v", width);
        Value q = product(g, x, "q", width);
        g.appendCache(keys, k, destination);
        g.appendCache(values, v, destination);
        Value attention = g.attention(
                q,
                Columns.all(keys),
                Columns.all(values),
                heads,
                heads,
                headSize,
                0.3f,
                new Keys.Ancestry(ancestry, line, length),
                null);
        x = norm(g, g.add(product(g, attention, "o", width), x), "n1");
        Value logits = g.linear(x, matrix("table", VOCABULARY, width), null);
        g.selectTop(
                logits,
                TOP,
                ints("normalise", ACTIVE),
                ints("editOffsets", new Size.Plus(ACTIVE, 1)),
                ints("editTokens", EDITS),
                ints("editKinds", EDITS),
                new Input("editAmounts", ElementType.FLOAT32, Shape.of(EDITS)));
        return g.build();
    }

    /** A batch of sequences of these lengths; sequence s has the tokens of seed + s wherever it stands. */
    static Bindings encoderBatch(Graph graph, int[] seeds, int... lengths) {
        int[] offsets = new int[lengths.length + 1];
        for (int s = 0; s < lengths.length; s++) {
            offsets[s + 1] = offsets[s] + lengths[s];
        }
        int tokens = offsets[lengths.length];
        int[] ids = new int[tokens];
        int[] positions = new int[tokens];
        for (int s = 0; s < lengths.length; s++) {
            Random random = new Random(seeds[s]);
            for (int p = 0; p < lengths[s]; p++) {
                ids[offsets[s] + p] = random.nextInt(VOCABULARY);
                positions[offsets[s] + p] = p;
            }
        }
        Bindings bindings = new Bindings(graph).size(TOKENS, tokens).size(SEQUENCES, lengths.length);
        for (Input input : graph.inputs()) {
            switch (input.name()) {
                case "ids" -> bindings.input(input, ids);
                case "positionIds" -> bindings.input(input, positions);
                default -> bindings.input(input, offsets);
            }
        }
        return bindings;
    }

    /** A step at a position for hypotheses that each stay in their slot, with a few edits on the first. */
    static Bindings decoderStep(Graph graph, int position, int... slots) {
        int n = slots.length;
        int[] ids = new int[n];
        int[] lengths = new int[n];
        int[] inherited = new int[n];
        int[] destination = new int[n];
        int[] normalise = new int[n];
        int[] offsets = new int[n + 1];
        for (int i = 0; i < n; i++) {
            ids[i] = (17 * slots[i] + 5 * position) % VOCABULARY;
            lengths[i] = position + 1;
            inherited[i] = position;
            destination[i] = slots[i] * POSITIONS + position;
            normalise[i] = slots[i] % 2;
            offsets[i + 1] = slots[i] == 0 || offsets[i] > 0 ? 3 : 0;
        }
        int edits = offsets[n];
        Bindings bindings = new Bindings(graph).size(ACTIVE, n).size(TOP, 5).size(EDITS, edits);
        for (Input input : graph.inputs()) {
            switch (input.name()) {
                case "ids" -> bindings.input(input, ids);
                case "length" -> bindings.input(input, lengths);
                case "inherited" -> bindings.input(input, inherited);
                case "destination" -> bindings.input(input, destination);
                case "normalise" -> bindings.input(input, normalise);
                case "editOffsets" -> bindings.input(input, offsets);
                case "editTokens" -> bindings.input(input, new int[] {3, 4, 5});
                case "editKinds" -> bindings.input(input, new int[] {0, 1, 2});
                case "editAmounts" -> bindings.input(input, new float[] {0, 1.5f, 7});
                default -> bindings.input(input, slots);
            }
        }
        return bindings;
    }
}
