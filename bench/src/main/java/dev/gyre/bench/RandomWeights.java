package dev.gyre.bench;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Weight;
import java.util.Random;

/**
 * Seeded weights that keep activations in the range of trained ones: matrices N(0, 1/columns), norms near the identity,
 * small biases. The same name and row always give the same numbers.
 */
record RandomWeights(long seed) implements WeightSource {

    @Override
    public void read(Weight weight, int firstRow, int rows, float[] destination, int offset) {
        int columns = weight.shape().columns();
        int partStart = 0;
        for (Weight.Part part : weight.parts()) {
            for (int r = Math.max(firstRow, partStart); r < Math.min(firstRow + rows, partStart + part.rows()); r++) {
                int row = part.firstRow() + r - partStart;
                Random random = new Random(seed ^ (31L * part.tensor().hashCode() + row) * 0x9E3779B97F4A7C15L);
                boolean vector = weight.shape().axes().size() == 1;
                boolean gamma = vector && part.tensor().endsWith("norm.weight");
                double deviation = vector ? 0.02 : 1 / Math.sqrt(columns);
                for (int c = 0; c < columns; c++) {
                    destination[offset + (r - firstRow) * columns + c] =
                            (float) ((gamma ? 1 : 0) + deviation * random.nextGaussian());
                }
            }
            partStart += part.rows();
        }
    }
}
