package dev.gyre.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LeakTest {

    private static final int TIMES = 100;
    private static final Path STATUS = Path.of("/proc/self/status");

    /** On a CPU device buffers are memory of this process, so what is not given back shows in its size. */
    @Test
    void openingAndClosingAHundredTimesGivesTheMemoryBack() throws IOException {
        Assumptions.assumeTrue(Files.exists(STATUS), "the size of the process is read from " + STATUS);
        Products products = new Products(512, 2048);
        long weights = 2L * 512 * 2048 * 4;
        for (int i = 0; i < 10; i++) {
            once(products, i);
        }
        long before = resident();
        for (int i = 0; i < TIMES; i++) {
            once(products, i);
        }
        long grown = resident() - before;
        assertTrue(
                grown < TIMES * weights / 4,
                TIMES + " programs with " + weights + " bytes of weights each left " + grown + " bytes behind");
    }

    @Test
    void twoProgramsAtOnceDoNotMeet() {
        Products products = new Products(48, 80);
        try (Device one = Products.open(DeviceOptions.DEFAULTS);
                Device two = Products.open(DeviceOptions.DEFAULTS);
                Executable first = one.compile(products.program, Products.weights(1));
                Executable second = two.compile(products.program, Products.weights(2))) {
            float[] ofFirst = products.run(first, 7);
            float[] ofSecond = products.run(second, 7);
            assertTrue(!java.util.Arrays.equals(ofFirst, ofSecond), "other weights, same result");
            for (int i = 0; i < 20; i++) {
                assertArrayEquals(ofFirst, products.run(first, 7));
                assertArrayEquals(ofSecond, products.run(second, 7));
                products.run(first, i);
            }
        }
    }

    private static void once(Products products, int seed) {
        try (Device device = Products.open(DeviceOptions.DEFAULTS);
                Executable executable = device.compile(products.program, Products.weights(seed))) {
            products.run(executable, 3);
        }
    }

    private static long resident() throws IOException {
        for (int i = 0; i < 3; i++) {
            // The host's copies are freed when the collector finds them.
            System.gc();
        }
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
