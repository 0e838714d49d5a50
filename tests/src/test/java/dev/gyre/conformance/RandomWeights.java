package dev.gyre.conformance;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.graph.Tensor.Weight.Part;
import java.util.HashMap;
import java.util.Map;

/**
 * A checkpoint that was never written: an element is a function of its tensor's name, row and column, so that a stacked
 * or transposed weight holds the same numbers as its parts. Rows have about unit length, so that products keep the
 * magnitude of their input. Some tensors may be given by hand.
 */
final class RandomWeights implements WeightSource {

    private final long seed;
    private final Map<String, float[]> given = new HashMap<>();

    RandomWeights(long seed) {
        this.seed = seed;
    }

    /** The elements of a tensor of the checkpoint, row-major. */
    RandomWeights give(String tensor, float... elements) {
        given.put(tensor, elements);
        return this;
    }

    @Override
    public void read(Weight weight, int firstRow, int rows, float[] destination, int offset) {
        int columns = weight.shape().columns();
        int partStart = 0;
        for (Part part : weight.parts()) {
            int from = Math.max(firstRow, partStart);
            int end = Math.min(firstRow + rows, partStart + part.rows());
            for (int r = from; r < end; r++) {
                for (int c = 0; c < columns; c++) {
                    destination[offset + (r - firstRow) * columns + c] =
                            element(weight, part, part.firstRow() + r - partStart, c);
                }
            }
            partStart += part.rows();
        }
    }

    private float element(Weight weight, Part part, int row, int column) {
        int columns = weight.shape().columns();
        float[] elements = given.get(part.tensor());
        if (elements != null) {
            return elements[part.transposed() ? column * part.rows() + row : row * columns + column];
        }
        long tensor = seed + 0x9E37L * part.tensor().hashCode();
        double u = part.transposed() ? Noise.at(tensor, column, row) : Noise.at(tensor, row, column);
        return (float)
                (weight.shape().axes().size() == 1 ? vectorElement(part.tensor(), u) : u * Math.sqrt(3.0 / columns));
    }

    /** Gains of norms lie around one; biases are small. */
    private static double vectorElement(String tensor, double u) {
        return tensor.contains("gamma") ? 1 + 0.3 * u : 0.5 * u;
    }
}
