package dev.gyre.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.List;
import org.junit.jupiter.api.Test;

class FusionTest {

    private static final Size.Symbol ROWS = new Size.Symbol("ROWS", 4);
    private static final Input X = new Input("x", ElementType.FLOAT32, Shape.of(ROWS, 8));

    private static Value value(String name) {
        return new Value(name, ElementType.FLOAT32, Shape.of(ROWS, 6));
    }

    private static long products(Activation ofFirst) {
        Graph graph = new Graph(
                "gated",
                List.of(
                        new Operation.Linear(value("gate"), X, Weight.matrix("g", 6, 8), null, ofFirst, null),
                        new Operation.Linear(value("up"), X, Weight.matrix("u", 6, 8), null, Activation.NONE, null),
                        new Operation.Gate(
                                value("out"), Columns.all(value("gate")), Columns.all(value("up")), Activation.SWISH)),
                List.of(value("out")));
        return Fusion.apply(graph).operations().stream()
                .filter(Operation.Linear.class::isInstance)
                .count();
    }

    @Test
    void productsOfTheSameRowsAreOne() {
        assertEquals(1, products(Activation.NONE));
    }

    @Test
    void whatFollowsAProductIsNotLost() {
        assertEquals(2, products(Activation.RELU));
    }
}
