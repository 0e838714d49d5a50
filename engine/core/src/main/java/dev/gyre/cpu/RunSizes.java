package dev.gyre.cpu;

import dev.gyre.backend.Bindings;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Size;
import java.util.List;

/** The bound lengths of the run that is going on, by the number of each symbol: operations look them up without maps. */
final class RunSizes {

    private final List<Size.Symbol> symbols;
    private final int[] bound;

    RunSizes(Graph graph) {
        symbols = List.copyOf(graph.symbols());
        bound = new int[symbols.size()];
    }

    void bind(Bindings bindings) {
        for (int i = 0; i < bound.length; i++) {
            bound[i] = bindings.length(symbols.get(i));
        }
    }

    /** How to get the length of an axis in each run. */
    Length length(Size size) {
        return switch (size) {
            case Size.Fixed f -> new Length(-1, f.length());
            case Size.Symbol s -> new Length(number(s), 0);
            case Size.Plus p -> new Length(number(p.symbol()), p.extra());
        };
    }

    private int number(Size.Symbol symbol) {
        for (int i = 0; i < symbols.size(); i++) {
            if (symbols.get(i).name().equals(symbol.name())) {
                return i;
            }
        }
        throw new IllegalArgumentException("symbol " + symbol + " is not in the graph");
    }

    /** A fixed length, or a symbol's with something added. */
    final class Length {
        private final int number;
        private final int extra;

        Length(int number, int extra) {
            this.number = number;
            this.extra = extra;
        }

        int get() {
            return number < 0 ? extra : bound[number] + extra;
        }
    }
}
