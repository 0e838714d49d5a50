package dev.gyre.backend;

import dev.gyre.graph.Edit;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the inputs of a graph must satisfy so that no operation reaches outside its tables and caches: found once when
 * the graph is compiled, looked at before every run, O(rows). Only inputs are checked; what operations compute or
 * states hold is made from them.
 */
public final class InputChecks {

    private final List<Check> checks = new ArrayList<>();
    private final String graph;
    private final List<Size.Symbol> symbols;

    /** One condition. */
    private interface Check {
        void run(Bindings bindings);
    }

    private InputChecks(Graph graph) {
        this.graph = graph.name();
        symbols = List.copyOf(graph.symbols());
    }

    /** Finds the conditions of a graph. */
    public static InputChecks of(Graph graph) {
        InputChecks all = new InputChecks(graph);
        for (Operation operation : graph.operations()) {
            all.add(operation, graph);
        }
        return all;
    }

    /**
     * Looks at the inputs of a run.
     *
     * @throws IllegalArgumentException with the input, the element and the bound
     */
    public void run(Bindings bindings) {
        for (Size.Symbol symbol : symbols) {
            bindings.length(symbol);
        }
        for (Check check : checks) {
            check.run(bindings);
        }
    }

    private void add(Operation operation, Graph in) {
        switch (operation) {
            case Operation.Embed e -> {
                below(e.ids(), e.table());
                below(e.positionIds(), e.positions());
                below(e.typeIds(), e.types());
            }
            case Operation.Attention a -> {
                switch (a.keys()) {
                    case Keys.Packed p ->
                        ascending(p.offsets(), a.query().tensor().shape().rows(), true);
                    case Keys.Range r -> ranges(r, a.key().tensor());
                    case Keys.Ancestry y -> {
                        below(y.line(), y.ancestry());
                        within(y.length(), Size.of(y.positions()), 1);
                    }
                }
            }
            case Operation.AppendCache c -> below(c.destination(), c.cache());
            case Operation.AdvanceAncestry a -> {
                int positions = a.ancestry().shape().columns();
                below(a.from(), a.ancestry());
                below(a.to(), a.ancestry());
                within(a.inherited(), Size.of(positions), 1);
                within(a.length(), Size.of(positions), 1);
                within(a.slot(), Size.of(slots(a.ancestry(), in)), 0);
            }
            case Operation.Gather g -> below(g.rows(), g.x());
            case Operation.Rope r -> below(r.positionIds(), r.table());
            case Operation.SelectTop s -> {
                ascending(s.editOffsets(), s.editTokens().shape().rows(), false);
                within(s.editTokens(), Size.of(s.logits().shape().columns()), 0);
                within(s.editKinds(), Size.of(Edit.values().length), 0);
                scored(s);
            }
            case Operation.Linear _, Operation.Norm _, Operation.Gate _, Operation.Activate _, Operation.Add _ -> {}
        }
    }

    /** A selection without log-sums is one of the best token alone. */
    private void scored(Operation.SelectTop select) {
        Size rows = select.logits().shape().rows();
        Size scored = select.logSum().shape().rows();
        if (scored.equals(rows)) {
            return;
        }
        Size top = select.ids().shape().axes().getLast();
        checks.add(bindings -> {
            int count = bindings.length(scored);
            if (count != 0 && count != bindings.length(rows)) {
                throw new IllegalArgumentException("graph " + graph + ": " + scored + " is " + count
                        + ", which is neither 0 nor " + rows + ", " + bindings.length(rows));
            }
            if (count == 0 && bindings.length(rows) > 0 && bindings.length(top) != 1) {
                throw new IllegalArgumentException("graph " + graph + ": " + scored + " is 0 and " + top + " is "
                        + bindings.length(top) + ", which must be 1 then");
            }
            if (count == 0 && select.normalise() instanceof Input normalise) {
                int[] values = bindings.ints(normalise);
                for (int r = 0; r < bindings.length(rows); r++) {
                    if (values[r] != 0) {
                        throw new IllegalArgumentException("graph " + graph + ": " + scored + " is 0 and row " + r
                                + " of " + normalise.name() + " is " + values[r] + ", which must be 0 then");
                    }
                }
            }
        });
    }

    /** Slots of the smallest cache that is read through an ancestry in the same graph. */
    private static int slots(Tensor ancestry, Graph graph) {
        int slots = Integer.MAX_VALUE;
        for (Operation operation : graph.operations()) {
            if (operation instanceof Operation.Attention a
                    && a.keys() instanceof Keys.Ancestry y
                    && y.ancestry().equals(ancestry)) {
                slots = Math.min(slots, a.key().tensor().shape().rows().limit() / Math.max(1, y.positions()));
            }
        }
        return slots;
    }

    /** Every element is a row of a table. */
    private void below(@Nullable Tensor ids, @Nullable Tensor table) {
        if (ids != null && table != null) {
            Size rows = table.shape().rows();
            within(ids, table instanceof Tensor.State ? Size.of(rows.limit()) : rows, 0);
        }
    }

    /** Every element is from 0 to {@code bound + extra - 1}. */
    private void within(Tensor ids, Size bound, int extra) {
        if (!(ids instanceof Input input)) {
            return;
        }
        checks.add(bindings -> {
            int[] values = bindings.ints(input);
            int end = bindings.length(bound) + extra;
            int count = bindings.elements(input);
            for (int i = 0; i < count; i++) {
                if (values[i] < 0 || values[i] >= end) {
                    throw new IllegalArgumentException("graph " + graph + ": element " + i + " of input " + input.name()
                            + " is " + values[i] + ", which is not between 0 and " + (end - 1));
                }
            }
        });
    }

    private void ascending(Tensor offsets, Size rows, boolean whole) {
        if (!(offsets instanceof Input input)) {
            return;
        }
        checks.add(bindings -> {
            int[] values = bindings.ints(input);
            int end = bindings.length(rows);
            int last = bindings.elements(input) - 1;
            for (int i = 0; i <= last; i++) {
                if (values[i] < (i == 0 ? 0 : values[i - 1]) || values[i] > end) {
                    throw new IllegalArgumentException("graph " + graph + ": element " + i + " of offsets "
                            + input.name() + " is " + values[i] + ", which does not ascend from 0 to " + end);
                }
            }
            if (whole && (values[0] != 0 || values[last] != end)) {
                throw new IllegalArgumentException("graph " + graph + ": offsets " + input.name() + " go from "
                        + values[0] + " to " + values[last] + "; they must go from 0 to the " + end + " rows");
            }
        });
    }

    private void ranges(Keys.Range range, Tensor keys) {
        if (!(range.first() instanceof Input first) || !(range.end() instanceof Input end)) {
            return;
        }
        checks.add(bindings -> {
            int[] from = bindings.ints(first);
            int[] to = bindings.ints(end);
            // A cache may be longer than what this run's symbols say; its rows are all there.
            int rows = keys instanceof Tensor.State
                    ? keys.shape().rows().limit()
                    : bindings.length(keys.shape().rows());
            int count = Math.min(bindings.elements(first), bindings.elements(end));
            for (int r = 0; r < count; r++) {
                if (from[r] < 0 || to[r] < from[r] || to[r] > rows) {
                    throw new IllegalArgumentException("graph " + graph + ": row " + r + " has keys " + from[r] + " to "
                            + to[r] + " (" + first.name() + ", " + end.name() + "), but there are " + rows);
                }
            }
        });
    }
}
