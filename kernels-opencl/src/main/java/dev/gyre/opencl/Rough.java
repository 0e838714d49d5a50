package dev.gyre.opencl;

/** Which output layers have {@link RoughLogits}. */
enum Rough {
    NOTHING,
    WHERE_IT_PAYS,
    EVERYTHING;

    /** Numbers of a weight from which on it is worth the launches and the memory. */
    private static final long PAYS_FROM = 1 << 20;

    boolean takes(long numbers) {
        return this == EVERYTHING || this == WHERE_IT_PAYS && numbers >= PAYS_FROM;
    }
}
