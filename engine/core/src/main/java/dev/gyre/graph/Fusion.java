package dev.gyre.graph;

import dev.gyre.graph.Operation.Activate;
import dev.gyre.graph.Operation.Add;
import dev.gyre.graph.Operation.Linear;
import dev.gyre.graph.Operation.Norm;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Joins what belongs together, so that a device reads and writes less and launches less:
 *
 * <ol>
 *   <li>neighbouring products of the same rows become one product with the weights under one another (query, key and
 *       value; key and value of the memory; gate and up),
 *   <li>an activation moves into the product before it,
 *   <li>an addition moves into the norm behind it, which then also writes the sum if anybody else reads that,
 *   <li>any other addition moves into the product before it, as its residual.
 * </ol>
 *
 * A value that is an output of the graph is never fused away. The meaning stays the same to the bit, but for the order
 * of the two operands of an addition.
 */
public final class Fusion {

    private final List<Operation> operations;
    private final List<Value> outputs;

    private Fusion(Graph graph) {
        operations = new ArrayList<>(graph.operations());
        outputs = graph.outputs();
    }

    public static Graph apply(Graph graph) {
        Fusion fusion = new Fusion(graph);
        fusion.joinProducts();
        fusion.joinActivations();
        fusion.joinAdditionsIntoNorms();
        fusion.joinAdditionsIntoProducts();
        return new Graph(graph.name(), fusion.operations, graph.outputs());
    }

    private void joinProducts() {
        for (int i = 0; i < operations.size(); i++) {
            List<Linear> run = productsOfTheSameRows(i);
            if (run.size() < 2) {
                continue;
            }
            Linear first = run.getFirst();
            Weight weight = Weight.stack(run.stream().map(Linear::weight).toList());
            Weight bias = first.bias() == null
                    ? null
                    : Weight.stack(run.stream()
                            .map(l -> Objects.requireNonNull(l.bias()))
                            .toList());
            Value out = new Value(
                    first.out().name(),
                    ElementType.FLOAT32,
                    Shape.of(first.x().shape().rows(), weight.shape().rows().limit()));
            operations.set(i, new Linear(out, first.x(), weight, bias, Activation.NONE, null));
            operations.subList(i + 1, i + run.size()).clear();
            Map<Tensor, Columns> moved = new HashMap<>();
            int column = 0;
            for (Linear part : run) {
                int count = part.out().shape().columns();
                moved.put(part.out(), new Columns(out, column, count));
                column += count;
            }
            for (int j = i + 1; j < operations.size(); j++) {
                operations.set(j, readingColumns(operations.get(j), moved));
            }
        }
    }

    /** From operation i on: bare products of one tensor whose results are only read as columns, all with a bias or none. */
    private List<Linear> productsOfTheSameRows(int i) {
        List<Linear> run = new ArrayList<>();
        for (int j = i; j < operations.size() && operations.get(j) instanceof Linear next; j++) {
            boolean fits = run.isEmpty()
                    || next.x().equals(run.getFirst().x())
                            && (next.bias() == null) == (run.getFirst().bias() == null);
            boolean plain = next.activation() == Activation.NONE && next.residual() == null;
            if (!fits || !plain || outputs.contains(next.out()) || !onlyReadAsColumns(next.out())) {
                break;
            }
            run.add(next);
        }
        return run;
    }

    private boolean onlyReadAsColumns(Value value) {
        return operations.stream()
                .filter(o -> o.reads().contains(value))
                .allMatch(o -> o instanceof Operation.Attention
                        || o instanceof Operation.AppendCache
                        || o instanceof Operation.Rope
                        || o instanceof Operation.Gate);
    }

    private static Operation readingColumns(Operation operation, Map<Tensor, Columns> moved) {
        UnaryOperator<Columns> move = c -> {
            Columns to = moved.get(c.tensor());
            return to == null ? c : new Columns(to.tensor(), to.first() + c.first(), c.count());
        };
        return switch (operation) {
            case Operation.Attention a ->
                new Operation.Attention(
                        a.out(),
                        a.weights(),
                        move.apply(a.query()),
                        move.apply(a.key()),
                        move.apply(a.value()),
                        a.heads(),
                        a.keyHeads(),
                        a.headSize(),
                        a.scale(),
                        a.keys(),
                        a.bias());
            case Operation.AppendCache c ->
                new Operation.AppendCache(c.cache(), move.apply(c.source()), c.destination());
            case Operation.Rope r ->
                new Operation.Rope(r.out(), move.apply(r.x()), r.heads(), r.headSize(), r.table(), r.positionIds());
            case Operation.Gate g ->
                new Operation.Gate(g.out(), move.apply(g.gate()), move.apply(g.up()), g.activation());
            default -> operation;
        };
    }

    private void joinActivations() {
        for (int i = 1; i < operations.size(); i++) {
            if (operations.get(i) instanceof Activate a
                    && operations.get(i - 1) instanceof Linear l
                    && l.out().equals(a.x())
                    && l.activation() == Activation.NONE
                    && l.residual() == null
                    && readOnlyBy(l.out(), a)) {
                operations.set(i - 1, new Linear(a.out(), l.x(), l.weight(), l.bias(), a.activation(), null));
                operations.remove(i--);
            }
        }
    }

    private void joinAdditionsIntoNorms() {
        for (int i = 0; i + 1 < operations.size(); i++) {
            if (operations.get(i) instanceof Add add
                    && operations.get(i + 1) instanceof Norm norm
                    && norm.x().equals(add.out())
                    && norm.residual() == null) {
                Value sum = readOnlyBy(add.out(), norm) ? null : add.out();
                operations.set(
                        i,
                        new Norm(
                                norm.out(),
                                sum,
                                add.a(),
                                add.b(),
                                norm.normKind(),
                                norm.gamma(),
                                norm.beta(),
                                norm.epsilon()));
                operations.remove(i + 1);
            }
        }
    }

    private void joinAdditionsIntoProducts() {
        for (int i = 1; i < operations.size(); i++) {
            if (operations.get(i) instanceof Add add && operations.get(i - 1) instanceof Linear l) {
                Tensor other = other(add, l.out());
                if (other != null && l.residual() == null && readOnlyBy(l.out(), add)) {
                    operations.set(i - 1, new Linear(add.out(), l.x(), l.weight(), l.bias(), l.activation(), other));
                    operations.remove(i--);
                }
            }
        }
    }

    private static @Nullable Tensor other(Add add, Tensor one) {
        if (add.a().equals(one)) {
            return add.b().equals(one) ? null : add.b();
        }
        return add.b().equals(one) ? add.a() : null;
    }

    private boolean readOnlyBy(Value value, Operation reader) {
        return !outputs.contains(value)
                && operations.stream().filter(o -> o.reads().contains(value)).allMatch(o -> o.equals(reader));
    }
}
