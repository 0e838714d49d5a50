package dev.gyre.weights;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.graph.Tensor.Weight.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a program from a checkpoint. Making one checks that every tensor the program names is there with the
 * shape the program gives it and in numbers that are weights, so that reading can no longer fail for the model's sake.
 */
public final class CheckpointWeights implements WeightSource {

    private final Checkpoint checkpoint;
    private final List<String> unused;

    /**
     * Checks the checkpoint against the program.
     *
     * @throws ModelFormatException if tensors are missing, have other shapes or are whole numbers without scales
     */
    public CheckpointWeights(Program program, Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        Map<String, Expected> expected = expected(program);
        requireTensors(expected, program.name(), checkpoint);
        this.unused = checkpoint.names().stream()
                .filter(name -> !expected.containsKey(name))
                .toList();
    }

    /** Tensors of the checkpoint that the program does not read. */
    public List<String> unused() {
        return unused;
    }

    @Override
    public void read(Weight weight, int firstRow, int rows, float[] destination, int offset) {
        int columns = weight.shape().columns();
        int end = firstRow + rows;
        if (firstRow < 0 || rows < 0 || end > weight.shape().rows().limit()) {
            throw new IndexOutOfBoundsException(
                    "rows " + firstRow + " to " + end + " of weight " + weight.name() + " " + weight.shape());
        }
        int partStart = 0;
        for (Part part : weight.parts()) {
            int from = Math.max(firstRow, partStart);
            int to = Math.min(end, partStart + part.rows());
            if (from < to) {
                int at = offset + (from - firstRow) * columns;
                readPart(part, from - partStart + part.firstRow(), to - from, columns, destination, at);
            }
            partStart += part.rows();
        }
        // A device copies weights from the first row to the last: otherwise the whole file would lie in memory beside
        // them.
        if (end == partStart) {
            weight.parts().forEach(part -> checkpoint.forget(part.tensor()));
        }
    }

    private void readPart(Part part, int row, int rows, int columns, float[] destination, int offset) {
        if (!part.transposed()) {
            checkpoint.read(
                    part.tensor(), (long) row * columns, Math.multiplyExact(rows, columns), destination, offset);
            return;
        }
        int stride = checkpoint.shape(part.tensor())[1];
        float[] column = new float[rows];
        for (int c = 0; c < columns; c++) {
            checkpoint.read(part.tensor(), (long) c * stride + row, rows, column, 0);
            for (int r = 0; r < rows; r++) {
                destination[offset + r * columns + c] = column[r];
            }
        }
    }

    /** What a program expects of one tensor: rows up to the last one that a part names. */
    private record Expected(int rows, int columns, boolean vector, boolean transposed) {

        boolean matches(int[] shape) {
            if (vector) {
                // A bias may stand as [1, n] in the file, as Marian's final_logits_bias does.
                long elements = 1;
                int longAxes = 0;
                for (int axis : shape) {
                    elements *= axis;
                    longAxes += axis == 1 ? 0 : 1;
                }
                return elements == rows && longAxes <= 1;
            }
            return shape.length == 2 && shape[transposed ? 1 : 0] == rows && shape[transposed ? 0 : 1] == columns;
        }

        @Override
        public String toString() {
            return vector
                    ? "[" + rows + "]"
                    : transposed ? "[" + columns + ", " + rows + "]" : "[" + rows + ", " + columns + "]";
        }
    }

    private static void requireTensors(Map<String, Expected> expected, String program, Checkpoint checkpoint) {
        List<String> missing = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        List<String> unscaled = new ArrayList<>();
        expected.forEach((name, e) -> {
            if (!checkpoint.names().contains(name)) {
                missing.add(name);
            } else if (!e.matches(checkpoint.shape(name))) {
                wrong.add(name + " is " + Shapes.text(checkpoint.shape(name)) + ", not " + e);
            } else if (checkpoint.unscaled(name)) {
                unscaled.add(name + " is " + checkpoint.storedType(name));
            }
        });
        if (!missing.isEmpty()) {
            throw new ModelFormatException(checkpoint.origin() + " lacks " + missing.size() + " of the "
                    + expected.size() + " tensors of a " + program + " model with this configuration: "
                    + Names.some(missing));
        }
        if (!wrong.isEmpty()) {
            throw new ModelFormatException(checkpoint.origin() + " has " + wrong.size()
                    + " tensors with other shapes than the configuration gives: " + Names.some(wrong));
        }
        if (!unscaled.isEmpty()) {
            throw new ModelFormatException(checkpoint.origin() + " has whole numbers without scales where "
                    + unscaled.size() + " weights are expected: " + Names.some(unscaled)
                    + "; the model was quantised in a way that is not read: take its files in float32, float16 or"
                    + " bfloat16");
        }
    }

    private static Map<String, Expected> expected(Program program) {
        Map<String, Expected> expected = new LinkedHashMap<>();
        for (Weight weight : program.weights()) {
            boolean vector = weight.shape().axes().size() == 1;
            for (Part part : weight.parts()) {
                expected.merge(
                        part.tensor(),
                        new Expected(
                                part.firstRow() + part.rows(), weight.shape().columns(), vector, part.transposed()),
                        (a, b) -> new Expected(Math.max(a.rows, b.rows), a.columns, a.vector, a.transposed));
            }
        }
        return expected;
    }
}
