package dev.gyre.cpu;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Weight;
import java.util.SplittableRandom;

/** Numbers that depend on the checkpoint's tensor and row alone: a stacked weight has those of its parts. */
final class RandomWeights implements WeightSource {

    private final long seed;

    RandomWeights(long seed) {
        this.seed = seed;
    }

    @Override
    public void read(Weight weight, int firstRow, int rows, float[] destination, int offset) {
        int columns = weight.shape().columns();
        int row = 0;
        for (Weight.Part part : weight.parts()) {
            for (int r = 0; r < part.rows(); r++, row++) {
                if (row >= firstRow && row < firstRow + rows) {
                    SplittableRandom random = new SplittableRandom(
                            seed * 31 + part.tensor().hashCode() * 1_000_003L + part.firstRow() + r);
                    for (int c = 0; c < columns; c++) {
                        destination[offset + (row - firstRow) * columns + c] = (float) random.nextDouble(-1, 1);
                    }
                }
            }
        }
    }
}
