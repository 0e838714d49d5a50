package dev.gyre.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OperationTest {

    private static final PositionBias BIAS = new PositionBias(Weight.matrix("distances", 15, 2), 7);

    private static Operation.Attention attention(Keys keys, @Nullable PositionBias bias) {
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(4, 16));
        Columns all = Columns.all(new Input("x", ElementType.FLOAT32, Shape.of(4, 16)));
        return new Operation.Attention(out, null, all, all, all, 2, 2, 8, 1, keys, bias);
    }

    private static Input ints(String name) {
        return new Input(name, ElementType.INT32, Shape.of(Size.of(4)));
    }

    @Test
    void aBiasNeedsAPositionOfTheQuery() {
        Keys memory = new Keys.Range(ints("first"), ints("end"));
        assertEquals(
                "a position bias (distances) needs a query that has a position among its keys, which one over a memory"
                        + " has not",
                assertThrows(IllegalArgumentException.class, () -> attention(memory, BIAS))
                        .getMessage());
        assertTrue(
                attention(memory, null).reads().stream().anyMatch(t -> t.name().equals("first")));
    }

    @Test
    void aBiasIsReadWhereTheQueryHasItsPlace() {
        assertTrue(
                attention(new Keys.Packed(ints("offsets"), true), BIAS).reads().contains(BIAS.table()));
    }
}
