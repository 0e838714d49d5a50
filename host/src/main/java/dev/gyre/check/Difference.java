package dev.gyre.check;

import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import java.util.Arrays;

/** The largest difference of two tensors and the largest magnitude of the expected one, piece by piece. */
final class Difference {

    private double difference;
    private double magnitude;

    /** The numbers of an expected tensor, which must have this shape. */
    static float[] expected(Checkpoint expected, String name, int... shape) {
        if (!Arrays.equals(expected.shape(name), shape)) {
            throw new ModelFormatException(expected.origin() + ": " + name + " has shape "
                    + Arrays.toString(expected.shape(name)) + "; with this model it must be "
                    + Arrays.toString(shape));
        }
        int count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        float[] values = new float[count];
        expected.read(name, 0, count, values, 0);
        return values;
    }

    void add(float[] ours, int at, float[] theirs, int from, int count) {
        for (int i = 0; i < count; i++) {
            double d = Math.abs((double) ours[at + i] - theirs[from + i]);
            difference = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(difference, d);
            magnitude = Math.max(magnitude, Math.abs(theirs[from + i]));
        }
    }

    /** The largest difference over the largest magnitude. */
    double relative() {
        return difference == 0 ? 0 : difference / magnitude;
    }
}
