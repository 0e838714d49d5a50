package dev.gyre.graph;

import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records a graph, one plain operation at a time; {@link Fusion} joins them afterwards. */
public final class GraphBuilder {

    private final String name;
    private final List<Operation> operations = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();

    public GraphBuilder(String name) {
        this.name = name;
    }

    public Value embed(
            Weight table,
            Input ids,
            float scale,
            @Nullable Weight positions,
            @Nullable Input positionIds,
            @Nullable Weight types,
            @Nullable Input typeIds) {
        Value out = value("embed", ids.shape().rows(), table.shape().columns());
        operations.add(new Operation.Embed(out, table, ids, scale, positions, positionIds, types, typeIds));
        return out;
    }

    public Value linear(Tensor x, Weight weight, @Nullable Weight bias) {
        if (x.shape().columns() != weight.shape().columns()) {
            throw new IllegalArgumentException(
                    "x " + x.shape() + " does not fit weight " + weight.name() + " " + weight.shape());
        }
        Value out = value("linear", x.shape().rows(), weight.shape().rows().limit());
        operations.add(new Operation.Linear(out, x, weight, bias, Activation.NONE, null));
        return out;
    }

    public Value activate(Tensor x, Activation activation) {
        Value out = value("activate", x.shape().rows(), x.shape().columns());
        operations.add(new Operation.Activate(out, x, activation));
        return out;
    }

    public Value add(Tensor a, Tensor b) {
        Value out = value("add", a.shape().rows(), a.shape().columns());
        operations.add(new Operation.Add(out, a, b));
        return out;
    }

    public Value norm(Tensor x, NormKind kind, Weight gamma, @Nullable Weight beta, float epsilon) {
        Value out = value("norm", x.shape().rows(), x.shape().columns());
        operations.add(new Operation.Norm(out, null, x, null, kind, gamma, beta, epsilon));
        return out;
    }

    /** Attention without its weights written out. */
    public Value attention(
            Tensor query,
            Columns key,
            Columns value,
            int heads,
            int keyHeads,
            int headSize,
            float scale,
            Keys keys,
            @Nullable PositionBias bias) {
        Value out = value("attention", query.shape().rows(), heads * headSize);
        operations.add(new Operation.Attention(
                out, null, Columns.all(query), key, value, heads, keyHeads, headSize, scale, keys, bias));
        return out;
    }

    /** Attention that also writes its weights, cut at {@code width} keys; they are an output of the graph. */
    public Attended attentionWithWeights(
            Tensor query,
            Columns key,
            Columns value,
            int heads,
            int keyHeads,
            int headSize,
            float scale,
            Keys keys,
            @Nullable PositionBias bias,
            Size width) {
        Value out = value("attention", query.shape().rows(), heads * headSize);
        Value weights = new Value(
                "attention_weights" + operations.size(),
                ElementType.FLOAT32,
                Shape.of(query.shape().rows(), Size.of(heads), width));
        operations.add(new Operation.Attention(
                out, weights, Columns.all(query), key, value, heads, keyHeads, headSize, scale, keys, bias));
        outputs.add(weights);
        return new Attended(out, weights);
    }

    /** Mixed values and the weights they were mixed with. */
    public record Attended(Value out, Value weights) {}

    public void appendCache(State cache, Tensor source, Input destination) {
        operations.add(new Operation.AppendCache(cache, Columns.all(source), destination));
    }

    public void advanceAncestry(State ancestry, Input from, Input to, Input inherited, Input length, Input slot) {
        operations.add(new Operation.AdvanceAncestry(ancestry, from, to, inherited, length, slot));
    }

    public Value gather(Tensor x, Input rows) {
        Value out = value("gather", rows.shape().rows(), x.shape().columns());
        operations.add(new Operation.Gather(out, x, rows));
        return out;
    }

    public Value rope(Tensor x, int heads, int headSize, Weight table, Input positionIds) {
        Value out = value("rope", x.shape().rows(), heads * headSize);
        operations.add(new Operation.Rope(out, Columns.all(x), heads, headSize, table, positionIds));
        return out;
    }

    public Value gate(Tensor gate, Tensor up, Activation activation) {
        Value out = value("gate", gate.shape().rows(), gate.shape().columns());
        operations.add(new Operation.Gate(out, Columns.all(gate), Columns.all(up), activation));
        return out;
    }

    /** The selection of the best tokens with the log-sum of every row. */
    public Operation.SelectTop selectTop(
            Value logits,
            Size top,
            Input normalise,
            Input editOffsets,
            Input editTokens,
            Input editKinds,
            Input editAmounts) {
        return selectTop(
                logits, top, logits.shape().rows(), normalise, editOffsets, editTokens, editKinds, editAmounts);
    }

    /**
     * The selection of the best tokens; ids, values, log-sums and the logits are outputs of the graph.
     *
     * @param scored rows of log-sums: those of logits, or a symbol that is 0 in runs that want nothing but the best token
     */
    public Operation.SelectTop selectTop(
            Value logits,
            Size top,
            Size scored,
            Input normalise,
            Input editOffsets,
            Input editTokens,
            Input editKinds,
            Input editAmounts) {
        Size rows = logits.shape().rows();
        Operation.SelectTop select = new Operation.SelectTop(
                new Value("top_ids", ElementType.INT32, Shape.of(rows, top)),
                new Value("top_values", ElementType.FLOAT32, Shape.of(rows, top)),
                new Value("log_sum", ElementType.FLOAT32, Shape.of(scored)),
                logits,
                normalise,
                editOffsets,
                editTokens,
                editKinds,
                editAmounts);
        operations.add(select);
        outputs.addAll(List.of(select.ids(), select.values(), select.logSum(), logits));
        return select;
    }

    /** Keeps a value readable until the graph runs again. */
    public <T extends Value> T output(T value) {
        outputs.add(value);
        return value;
    }

    /** The graph as recorded. */
    public Graph build() {
        return new Graph(name, operations, outputs);
    }

    private Value value(String kind, Size rows, int columns) {
        return new Value(kind + operations.size(), ElementType.FLOAT32, Shape.of(rows, columns));
    }
}
