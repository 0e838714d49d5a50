package dev.gyre.conformance;

import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.List;

/** Puts a {@link Case} together; its numbers depend on its name only. */
final class CaseBuilder {

    private final String name;
    private final long seed;
    private final RandomWeights weights;
    private final List<Graph> graphs = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private double tolerance = Case.TOLERANCE;

    CaseBuilder(String name) {
        this.name = name;
        this.seed = name.hashCode();
        this.weights = new RandomWeights(seed);
    }

    RandomWeights weights() {
        return weights;
    }

    CaseBuilder tolerance(double relative) {
        tolerance = relative;
        return this;
    }

    Graph graph(Graph graph) {
        graphs.add(graph);
        return graph;
    }

    /** A graph of one operation whose values are all outputs. */
    Graph graph(Operation operation) {
        return graph("only", operation);
    }

    /** A graph whose values are all outputs. */
    Graph graph(String name, Operation... operations) {
        List<Value> outputs = List.of(operations).stream()
                .flatMap(o -> o.writes().stream())
                .filter(Value.class::isInstance)
                .map(Value.class::cast)
                .distinct()
                .toList();
        return graph(new Graph(name, List.of(operations), outputs));
    }

    Run run(Graph graph) {
        Run run = new Run(graph, seed + 31L * runs.size());
        runs.add(run);
        return run;
    }

    Case build() {
        return new Case(name, new Program("conformance", graphs), weights, runs, tolerance);
    }

    static Input ints(String name, Size... axes) {
        return new Input(name, ElementType.INT32, Shape.of(axes));
    }

    static Input floats(String name, Size... axes) {
        return new Input(name, ElementType.FLOAT32, Shape.of(axes));
    }

    static Input floats(String name, Size rows, int columns) {
        return new Input(name, ElementType.FLOAT32, Shape.of(rows, columns));
    }

    static Value value(String name, Size rows, int columns) {
        return new Value(name, ElementType.FLOAT32, Shape.of(rows, columns));
    }

    static Symbol symbol(String name, int limit) {
        return new Symbol(name, limit);
    }
}
