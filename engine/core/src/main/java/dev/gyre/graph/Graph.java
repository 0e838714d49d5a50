package dev.gyre.graph;

import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Stream;

/**
 * Operations in the order in which they run, and the values that somebody reads back.
 *
 * @param name unique within a program
 * @param outputs values that stay readable until the graph runs again
 */
public record Graph(String name, List<Operation> operations, List<Value> outputs) {

    public Graph {
        operations = List.copyOf(operations);
        outputs = List.copyOf(outputs);
    }

    /** The inputs in the order of their first use. */
    public List<Input> inputs() {
        return only(Input.class);
    }

    /** The weights in the order of their first use. */
    public List<Weight> weights() {
        return only(Weight.class);
    }

    /** The states that are read or written. */
    public List<State> states() {
        return only(State.class);
    }

    /** Every symbol that a run must bind. */
    public SequencedSet<Size.Symbol> symbols() {
        SequencedSet<Size.Symbol> symbols = new LinkedHashSet<>();
        tensors().flatMap(t -> t.shape().axes().stream()).forEach(size -> {
            switch (size) {
                case Size.Symbol s -> symbols.add(s);
                case Size.Plus p -> symbols.add(p.symbol());
                case Size.Fixed f -> {}
            }
        });
        return symbols;
    }

    private <T extends Tensor> List<T> only(Class<T> kind) {
        return tensors().filter(kind::isInstance).map(kind::cast).distinct().toList();
    }

    private Stream<Tensor> tensors() {
        return operations.stream()
                .map(o -> List.of(o.reads(), o.writes()))
                .flatMap(Collection::stream)
                .flatMap(Collection::stream);
    }
}
