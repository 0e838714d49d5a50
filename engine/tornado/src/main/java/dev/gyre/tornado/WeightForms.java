package dev.gyre.tornado;

import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Weight;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * In which form the device holds each weight: packed for products, as it is for everything else. An embedding reads the
 * packed form of a table that a product needs too, so that a tied table is there once.
 */
record WeightForms(Set<Weight> packed, Set<Weight> plain) {

    static WeightForms of(Program program) {
        Set<Weight> packed = new LinkedHashSet<>();
        Set<Weight> plain = new LinkedHashSet<>();
        program.graphs().stream().flatMap(g -> g.operations().stream()).forEach(operation -> {
            if (operation instanceof Operation.Linear l) {
                packed.add(l.weight());
            }
        });
        program.graphs().stream().flatMap(g -> g.operations().stream()).forEach(operation -> {
            Tensor alone = operation instanceof Operation.Linear l ? l.weight() : null;
            Tensor table = operation instanceof Operation.Embed e && packed.contains(e.table()) ? e.table() : null;
            long tables =
                    operation.reads().stream().filter(t -> t.equals(table)).count();
            for (Tensor t : operation.reads()) {
                // A table that also gives the positions of its own embedding is needed in both forms.
                if (t instanceof Weight w && !w.equals(alone) && (!w.equals(table) || tables > 1)) {
                    plain.add(w);
                }
            }
        });
        return new WeightForms(packed, plain);
    }

    /** Elements on the device. */
    long elements() {
        return packed.stream().mapToLong(PackedWeight::elements).sum()
                + plain.stream().mapToLong(w -> w.shape().limit()).sum();
    }
}
