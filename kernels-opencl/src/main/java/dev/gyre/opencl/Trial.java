package dev.gyre.opencl;

import java.util.Optional;

/** A candidate on a device. */
interface Trial extends AutoCloseable {

    /** What is timed. */
    sealed interface Point {}

    /** A product with so many rows. */
    record Product(int columns, int inner, int rows) implements Point {

        ShapeClass shape() {
            return ShapeClass.of(ShapeClass.Rows.of(rows), columns, inner);
        }
    }

    /** Attention within packed sequences. */
    record Attention(int headSize) implements Point {}

    /** The first wrong result; empty if all are right. */
    Optional<String> fault();

    /** The least seconds of several runs. */
    double seconds(Point point);

    @Override
    void close();
}
