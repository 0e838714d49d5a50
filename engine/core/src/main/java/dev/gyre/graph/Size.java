package dev.gyre.graph;

/** The length of one axis of a tensor: known when the graph is recorded, or bound anew for every run. */
public sealed interface Size {

    /** The largest length this axis can have; buffers are planned with it. */
    int limit();

    /** An axis whose length never changes, such as {@code d_model}. */
    record Fixed(int length) implements Size {
        public Fixed {
            if (length < 0) {
                throw new IllegalArgumentException("a size cannot be negative: " + length);
            }
        }

        @Override
        public int limit() {
            return length;
        }

        @Override
        public String toString() {
            return Integer.toString(length);
        }
    }

    /** An axis whose length each run binds, between 0 and {@code limit}. Two symbols are the same if their names are. */
    record Symbol(String name, int limit) implements Size {
        public Symbol {
            if (limit < 1) {
                throw new IllegalArgumentException("symbol " + name + " needs a limit of at least 1, not " + limit);
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** A symbol plus a constant, as row offsets need: one more than there are sequences. */
    record Plus(Symbol symbol, int extra) implements Size {
        @Override
        public int limit() {
            return symbol.limit() + extra;
        }

        @Override
        public String toString() {
            return symbol + "+" + extra;
        }
    }

    static Size of(int length) {
        return new Fixed(length);
    }
}
