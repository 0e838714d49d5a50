package dev.gyre.graph;

/** Some neighbouring columns of a tensor's rows: the query part of a fused query-key-value product, say. */
public record Columns(Tensor tensor, int first, int count) {

    public Columns {
        if (first < 0 || count < 0 || first + count > tensor.shape().columns()) {
            throw new IllegalArgumentException("columns " + first + " to " + (first + count) + " of " + tensor.name()
                    + " " + tensor.shape() + " do not exist");
        }
    }

    public static Columns all(Tensor tensor) {
        return new Columns(tensor, 0, tensor.shape().columns());
    }
}
