package dev.gyre.opencl;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Products that share their settings: {@code [rows, inner] × [inner, columns]}. The bounds lie between the sizes that
 * Transformers have: heads' projections, feed-forward networks, vocabularies.
 */
record ShapeClass(Rows rows, Inner inner, Columns columns) {

    /** One sentence, a decode step, or an encoder's tokens. */
    enum Rows {
        ONE(1),
        FEW(32),
        MANY(Integer.MAX_VALUE);

        /** The most rows of the class. */
        final int most;

        Rows(int most) {
            this.most = most;
        }

        static Rows of(int rows) {
            return rows <= ONE.most ? ONE : rows <= FEW.most ? FEW : MANY;
        }
    }

    /** Whether a panel of weights is short enough for the first caches. */
    enum Inner {
        SHORT,
        LONG;

        static Inner of(int inner) {
            return inner <= 1024 ? SHORT : LONG;
        }
    }

    enum Columns {
        NARROW,
        WIDE,
        VOCABULARY;

        static Columns of(int columns) {
            return columns <= 1024 ? NARROW : columns <= 8192 ? WIDE : VOCABULARY;
        }
    }

    static final Set<ShapeClass> ALL = Arrays.stream(Rows.values())
            .flatMap(rows -> Arrays.stream(Inner.values())
                    .flatMap(inner -> Arrays.stream(Columns.values()).map(c -> new ShapeClass(rows, inner, c))))
            .collect(Collectors.toUnmodifiableSet());

    static ShapeClass of(Rows rows, int columns, int inner) {
        return new ShapeClass(rows, Inner.of(inner), Columns.of(columns));
    }

    @Override
    public String toString() {
        return (rows + " rows, " + inner + " inner, " + columns + " columns").toLowerCase(Locale.ROOT);
    }
}
