package dev.gyre.opencl;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Weight;
import java.util.LinkedHashSet;
import java.util.Set;

/** A weight in the layout that some operation wants. A table that a product uses too is stored once, in panels. */
record WeightUse(Weight weight, Layout layout) {

    /** Everything a program needs, each once. */
    static Set<WeightUse> of(Program program) {
        Set<WeightUse> products = new LinkedHashSet<>();
        for (Graph graph : program.graphs()) {
            for (Operation operation : graph.operations()) {
                if (operation instanceof Operation.Linear l) {
                    products.add(new WeightUse(l.weight(), Layout.PANELS));
                }
            }
        }
        Set<WeightUse> all = new LinkedHashSet<>(products);
        for (Graph graph : program.graphs()) {
            for (Operation operation : graph.operations()) {
                for (Tensor t : operation.reads()) {
                    if (t instanceof Weight weight && !inPanels(operation, weight, products)) {
                        all.add(new WeightUse(weight, Layout.ROWS));
                    }
                }
            }
        }
        return all;
    }

    private static boolean inPanels(Operation operation, Weight weight, Set<WeightUse> products) {
        boolean asked = switch (operation) {
            case Operation.Linear l -> l.weight().equals(weight);
            // A table that is also the operation's positions is needed in rows for those.
            case Operation.Embed e ->
                e.table().equals(weight) && !weight.equals(e.positions()) && !weight.equals(e.types());
            default -> false;
        };
        return asked && products.contains(new WeightUse(weight, Layout.PANELS));
    }
}
