package dev.gyre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gyre.graph.Activation;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.List;
import org.junit.jupiter.api.Test;

class BindingsTest {

    /** Symbols are the same by their names: what the caller's own allows is no matter. */
    @Test
    void theGraphsLimitCounts() {
        Symbol rows = new Symbol("ROWS", 8);
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(rows, 2));
        Value y = new Value("y", ElementType.FLOAT32, Shape.of(rows, 3));
        Graph graph = new Graph(
                "product",
                List.of(new Operation.Linear(y, x, Weight.matrix("w", 3, 2), null, Activation.NONE, null)),
                List.of(y));
        Symbol wide = new Symbol("ROWS", 100_000);
        assertEquals(8, new Bindings(graph).size(wide, 8).length(rows));
        assertEquals(
                wide + " is 12, which is not between 0 and its limit 8",
                assertThrows(IllegalArgumentException.class, () -> new Bindings(graph).size(wide, 12))
                        .getMessage());
    }
}
