package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.DeviceOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jocl.CL;
import org.jocl.cl_kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramCacheTest {

    @TempDir
    Path folder;

    private static final KernelSource SOURCE =
            KernelSource.empty().file("operands.cl").define("LANES", 1).file("norm_cpu.cl");

    private void buildOnce() {
        try (OpenClDevice device =
                Devices.open(folder, DeviceOptions.DEFAULTS.withTuning(Map.of("opencl.binaries", "on")))) {
            cl_kernel kernel = device.programs().kernel(SOURCE, "norm");
            assertTrue(device.programs().maxGroup(kernel) > 0);
            CL.clReleaseKernel(kernel);
        }
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private Path onlyEntry() throws IOException {
        List<Path> entries = entries();
        assumeTrue(!entries.isEmpty(), "this driver gives no binaries of programs");
        assertEquals(1, entries.size());
        return entries.getFirst();
    }

    @Test
    void whatWasStoredIsLoaded() {
        ProgramCache cache = new ProgramCache(folder);
        byte[] bytes = {1, 2, 3};
        cache.store("0123456789abcdef0", bytes);
        assertArrayEquals(bytes, cache.load("0123456789abcdef0").orElseThrow());
        assertFalse(cache.load("0123456789abcdef1").isPresent());
    }

    @Test
    void damageOfAnyByteIsFoundAndTheEntryRemoved() throws IOException {
        ProgramCache cache = new ProgramCache(folder);
        String key = "0123456789abcdef";
        cache.store(key, new byte[] {1, 2, 3, 4, 5});
        byte[] whole = Files.readAllBytes(cache.file(key));
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x40;
            Files.write(cache.file(key), damaged);
            assertTrue(cache.load(key).isEmpty(), "byte " + i);
            assertFalse(Files.exists(cache.file(key)));
        }
        for (int length = 0; length < whole.length; length++) {
            Files.write(cache.file(key), Arrays.copyOf(whole, length));
            assertTrue(cache.load(key).isEmpty(), "cut to " + length);
        }
    }

    @Test
    void aBuiltProgramIsOneEntry() throws IOException {
        buildOnce();
        byte[] first = Files.readAllBytes(onlyEntry());
        buildOnce();
        assertArrayEquals(first, Files.readAllBytes(onlyEntry()));
    }

    @Test
    void aDamagedEntryIsMadeAnew() throws IOException {
        buildOnce();
        Path entry = onlyEntry();
        long size = Files.size(entry);
        Files.write(entry, new byte[] {7, 7, 7});
        buildOnce();
        assertTrue(Files.size(onlyEntry()) > size / 2);
    }

    /** The checksum is right, but the driver does not know the bytes. */
    @Test
    void aBinaryThatDoesNotBuildIsMadeAnew() throws IOException {
        buildOnce();
        Path entry = onlyEntry();
        long size = Files.size(entry);
        String key = entry.getFileName().toString().replace(".bin", "");
        new ProgramCache(folder).store(key, "not a program".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        buildOnce();
        assertTrue(Files.size(onlyEntry()) > size / 2);
    }

    @Test
    void aFolderThatCannotBeWrittenOnlyCostsTime() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        ProgramCache cache = new ProgramCache(file.resolve("below"));
        cache.store("0123456789abcdef", new byte[] {1});
        assertTrue(cache.load("0123456789abcdef").isEmpty());
    }
}
