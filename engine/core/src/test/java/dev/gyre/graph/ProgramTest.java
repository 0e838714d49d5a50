package dev.gyre.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProgramTest {

    private static final State KEYS = floats("keys");
    private static final State VALUES = floats("values");
    private static final State LINES = new State("lines", ElementType.INT32, Shape.of(4, 4));
    private static final Graph DECODE = graph(
            "decode",
            new Operation.AppendCache(KEYS, Columns.all(x()), ints("to")),
            new Operation.AppendCache(VALUES, Columns.all(x()), ints("to")),
            new Operation.Attention(
                    value("mixed"),
                    null,
                    Columns.all(x()),
                    Columns.all(KEYS),
                    Columns.all(VALUES),
                    2,
                    2,
                    8,
                    1,
                    new Keys.Ancestry(LINES, ints("line"), ints("length")),
                    null));

    @Test
    void whatOnlyAttentionReadsAsKeysAndValuesIsAttended() {
        assertEquals(Set.of(KEYS, VALUES), new Program("p", List.of(DECODE)).attended());
    }

    @Test
    void whatAnotherGraphReadsOtherwiseIsNot() {
        Graph look = graph("look", new Operation.Gather(value("seen"), KEYS, ints("rows")));
        assertEquals(Set.of(VALUES), new Program("p", List.of(DECODE, look)).attended());
    }

    private static Graph graph(String name, Operation... operations) {
        List<Operation> all = List.of(operations);
        return new Graph(
                name,
                all,
                all.stream()
                        .flatMap(o -> o.writes().stream())
                        .filter(Value.class::isInstance)
                        .map(Value.class::cast)
                        .toList());
    }

    private static State floats(String name) {
        return new State(name, ElementType.FLOAT32, Shape.of(4, 16));
    }

    private static Value value(String name) {
        return new Value(name, ElementType.FLOAT32, Shape.of(4, 16));
    }

    private static Input x() {
        return new Input("x", ElementType.FLOAT32, Shape.of(4, 16));
    }

    private static Input ints(String name) {
        return new Input(name, ElementType.INT32, Shape.of(Size.of(4)));
    }
}
