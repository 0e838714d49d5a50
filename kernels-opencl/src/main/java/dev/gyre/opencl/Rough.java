package dev.gyre.opencl;

/**
 * Where {@link RoughLogits} are taken.
 *
 * @param leastNumbers weights of an output layer from which on it has them
 * @param mostRows rows of a run up to which they are taken
 */
record Rough(long leastNumbers, int mostRows) {

    static final Rough NOTHING = new Rough(Long.MAX_VALUE, 0);
    static final Rough EVERYTHING = new Rough(0, Integer.MAX_VALUE);

    /** Below so many weights it is not worth the launches and the memory. */
    static Rough whereItPays(int mostRows) {
        return new Rough(1 << 20, mostRows);
    }

    boolean takes(long numbers) {
        return numbers >= leastNumbers;
    }
}
