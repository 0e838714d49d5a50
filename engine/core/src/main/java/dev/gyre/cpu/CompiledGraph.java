package dev.gyre.cpu;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.InputChecks;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import java.util.List;

/** One graph of a program with its own arena, so that its outputs stay while other graphs run. */
final class CompiledGraph {

    private final Graph graph;
    private final Compilation unit;
    private final InputChecks checks;
    private final List<Input> inputs;
    private final Step[] steps;
    /** Which of all runs of the program was its last; 0 before the first. */
    private long lastRun;

    CompiledGraph(Graph graph, Compilation unit) {
        this.graph = graph;
        this.unit = unit;
        checks = InputChecks.of(graph);
        inputs = graph.inputs();
        steps = graph.operations().stream().map(unit::step).toArray(Step[]::new);
    }

    Graph graph() {
        return graph;
    }

    Scratch.Need need() {
        Scratch.Need need = Scratch.Need.NONE;
        for (Step step : steps) {
            need = need.max(step.need());
        }
        return need;
    }

    void use(Scratch scratch) {
        unit.use(scratch);
    }

    long lastRun() {
        return lastRun;
    }

    void run(Bindings bindings, long number, CpuDevice device) {
        checks.run(bindings);
        lastRun = 0;
        unit.sizes().bind(bindings);
        for (Input input : inputs) {
            int count = bindings.elements(input);
            if (input.type() == ElementType.INT32) {
                System.arraycopy(bindings.ints(input), 0, unit.ints(input), 0, count);
            } else {
                Floats to = unit.floats(input);
                System.arraycopy(bindings.floats(input), 0, to.array(), to.start(), count);
            }
            device.countUp((long) count * ElementType.BYTES);
        }
        for (Step step : steps) {
            step.run();
        }
        lastRun = number;
    }

    /** Elements of a value in the last run. */
    int elements(Value value) {
        int elements = 1;
        for (Size axis : value.shape().axes()) {
            elements *= unit.length(axis).get();
        }
        return elements;
    }

    void read(Value output, float[] destination, int count) {
        Floats from = unit.floats(output);
        System.arraycopy(from.array(), from.start(), destination, 0, count);
    }

    void read(Value output, int[] destination, int count) {
        System.arraycopy(unit.ints(output), 0, destination, 0, count);
    }
}
