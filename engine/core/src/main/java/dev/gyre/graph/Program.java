package dev.gyre.graph;

import dev.gyre.graph.Tensor.State;
import dev.gyre.graph.Tensor.Weight;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Graphs that share weights and states, compiled together: the encoder and the decoder of a model. */
public record Program(String name, List<Graph> graphs) {

    public Program {
        graphs = List.copyOf(graphs);
        if (graphs.stream().map(Graph::name).distinct().count() != graphs.size()) {
            throw new IllegalArgumentException("two graphs of program " + name + " have the same name");
        }
    }

    public Graph graph(String name) {
        return graphs.stream()
                .filter(g -> g.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no graph " + name + " in program " + this.name));
    }

    /** Every weight once. */
    public List<Weight> weights() {
        return union(Graph::weights);
    }

    /** Every state once. */
    public List<State> states() {
        return union(Graph::states);
    }

    /** States that nothing reads but attention, as keys and values. Of these it sees rows that were written, and no others. */
    public Set<State> attended() {
        Set<State> attended = new LinkedHashSet<>(states());
        for (Graph graph : graphs) {
            for (Operation operation : graph.operations()) {
                operation.reads().stream()
                        .filter(read -> read instanceof State && !isAttended(operation, read))
                        .forEach(attended::remove);
            }
        }
        return attended;
    }

    private static boolean isAttended(Operation operation, Tensor read) {
        return operation instanceof Operation.Attention a
                && (read.equals(a.key().tensor()) || read.equals(a.value().tensor()));
    }

    private <T> List<T> union(Function<Graph, List<T>> of) {
        LinkedHashSet<T> all = new LinkedHashSet<>();
        graphs.forEach(g -> all.addAll(of.apply(g)));
        return List.copyOf(all);
    }
}
