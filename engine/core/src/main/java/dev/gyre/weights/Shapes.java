package dev.gyre.weights;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Shapes as files declare them, which may be anything. */
final class Shapes {

    /** More axes than any tensor of a Transformer has. */
    static final int MAX_RANK = 8;

    private Shapes() {}

    /** Elements of a shape with no negative axis, or -1 if a long cannot count them. */
    static long elements(long[] axes) {
        // An axis of length 0 makes the product 0 however absurd the others are; they are refused on their own.
        long product = 1;
        for (long axis : axes) {
            if (axis == 0) {
                return 0;
            }
            if (Math.multiplyHigh(product, axis) != 0 || product * axis < 0) {
                return -1;
            }
            product *= axis;
        }
        return product;
    }

    static String text(long[] axes) {
        return Arrays.stream(axes).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
    }

    static String text(int[] axes) {
        return Arrays.stream(axes).mapToObj(Integer::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
