package dev.gyre.graph;

import java.util.ArrayList;
import java.util.List;

/** Something an operation reads or writes. The four kinds differ in who fills them and how long they live. */
public sealed interface Tensor {

    String name();

    ElementType type();

    Shape shape();

    /**
     * A constant of the model, uploaded once. It is made of whole or partial rows of the checkpoint's tensors, one
     * part under the other, so that a fused matrix (query, key and value) needs no copy in the checkpoint.
     *
     * @param name unique within a program
     * @param shape {@code [rows, columns]}, or {@code [length]} for a bias
     */
    record Weight(String name, Shape shape, List<Part> parts) implements Tensor {
        public Weight {
            parts = List.copyOf(parts);
            int rows = parts.stream().mapToInt(Part::rows).sum();
            if (rows != shape.rows().limit()) {
                throw new IllegalArgumentException(
                        "weight " + name + " has shape " + shape + " but its parts have " + rows + " rows");
            }
        }

        /** A whole matrix of the checkpoint under its own name. */
        public static Weight matrix(String name, int rows, int columns) {
            return new Weight(name, Shape.of(rows, columns), List.of(new Part(name, 0, rows, false)));
        }

        /** A whole vector of the checkpoint under its own name. */
        public static Weight vector(String name, int length) {
            return new Weight(name, Shape.vector(length), List.of(new Part(name, 0, length, false)));
        }

        /** {@code rows} rows of a tensor, from {@code firstRow} on; a vector if {@code columns} is 0. */
        public static Weight rows(String tensor, int firstRow, int rows, int columns) {
            Shape shape = columns == 0 ? Shape.vector(rows) : Shape.of(rows, columns);
            return new Weight(
                    tensor + "[" + firstRow + ":" + (firstRow + rows) + "]",
                    shape,
                    List.of(new Part(tensor, firstRow, rows, false)));
        }

        /** A matrix that the checkpoint holds as {@code [columns, rows]}. */
        public static Weight transposed(String name, int rows, int columns) {
            return new Weight(name + "^T", Shape.of(rows, columns), List.of(new Part(name, 0, rows, true)));
        }

        /** {@code rows} rows, from {@code firstRow} on, of a matrix that the checkpoint holds transposed. */
        public static Weight transposedRows(String tensor, int firstRow, int rows, int columns) {
            return new Weight(
                    tensor + "^T[" + firstRow + ":" + (firstRow + rows) + "]",
                    Shape.of(rows, columns),
                    List.of(new Part(tensor, firstRow, rows, true)));
        }

        /** These weights under one another. All must have the same columns. */
        public static Weight stack(List<Weight> weights) {
            List<Part> parts = new ArrayList<>();
            int rows = 0;
            for (Weight w : weights) {
                if (w.shape().columns() != weights.getFirst().shape().columns()) {
                    throw new IllegalArgumentException("cannot stack " + weights.getFirst() + " and " + w);
                }
                rows += w.shape().rows().limit();
                for (Part p : w.parts()) {
                    Part last = parts.isEmpty() ? null : parts.getLast();
                    if (last != null && last.joins(p)) {
                        parts.set(
                                parts.size() - 1,
                                new Part(p.tensor(), last.firstRow(), last.rows() + p.rows(), p.transposed()));
                    } else {
                        parts.add(p);
                    }
                }
            }
            Shape first = weights.getFirst().shape();
            Shape shape = first.axes().size() == 1 ? Shape.vector(rows) : Shape.of(rows, first.columns());
            String name = String.join("|", weights.stream().map(Weight::name).toList());
            return new Weight(name, shape, parts);
        }

        @Override
        public ElementType type() {
            return ElementType.FLOAT32;
        }

        /** Rows {@code [firstRow, firstRow + rows)} of a checkpoint's tensor, or of its transpose. */
        public record Part(String tensor, int firstRow, int rows, boolean transposed) {
            boolean joins(Part next) {
                return tensor.equals(next.tensor) && transposed == next.transposed && firstRow + rows == next.firstRow;
            }
        }
    }

    /**
     * Memory of the device that outlives a run and is shared by the graphs of a program: a cache. Zero at first, except for
     * {@link Program#attended()}, which may hold anything until it is written.
     */
    record State(String name, ElementType type, Shape shape) implements Tensor {}

    /** What the host gives anew for every run: token ids, offsets, slots. Small: O(rows). */
    record Input(String name, ElementType type, Shape shape) implements Tensor {}

    /** What an operation computes. It lives in the arena from the operation that writes it to the last that reads it. */
    record Value(String name, ElementType type, Shape shape) implements Tensor {}
}
