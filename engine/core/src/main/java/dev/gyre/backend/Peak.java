package dev.gyre.backend;

/**
 * What a device does at best, measured: the roof of a roofline.
 *
 * @param bytesPerSecond memory that is read, larger than caches
 * @param operationsPerSecond float32 multiplications and additions by fma from registers, two for each fma
 */
public record Peak(double bytesPerSecond, double operationsPerSecond) {

    /** Seconds that neither roof lets work be faster than. */
    public double leastSeconds(double bytes, double operations) {
        return Math.max(bytes / bytesPerSecond, operations / operationsPerSecond);
    }
}
