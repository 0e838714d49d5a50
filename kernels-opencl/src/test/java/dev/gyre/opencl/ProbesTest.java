package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.DeviceDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbesTest {

    @TempDir
    Path folder;

    private List<Path> entries() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private Map<Path, String> contents() throws IOException {
        Map<Path, String> contents = new HashMap<>();
        for (Path file : entries()) {
            contents.put(file, HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
        return contents;
    }

    @Test
    void nothingIsCompiledBeforeSomebodyLooksAndThenOnce() throws IOException {
        List<DeviceDescription> devices = Devices.backend(folder).devices();
        assumeTrue(!devices.isEmpty(), () -> Devices.backend(folder).absence());
        assertEquals(List.of(), entries());
        Map<String, String> seen = Map.copyOf(devices.getFirst().probed());
        assertTrue(seen.containsKey("half arithmetic"), seen.toString());
        assertTrue(seen.get("half storage").startsWith("compiles"), seen.toString());
        // The probes, and what trials of int8 found where this process had not made them before.
        Map<Path, String> written = contents();
        assertFalse(written.isEmpty());
        assertEquals(
                seen, Map.copyOf(Devices.backend(folder).devices().getFirst().probed()));
        assertEquals(written, contents());
    }
}
